/**
 * What a node and its learner say to each other (spec: learning §5–§7). The learner is a child process that trains, aggregates and
 * measures; it exists only while there is such a job. Owns the messages. Floats stay inside: deltas, hashes and measures are integers.
 */

/** One piece of feedback as text, checked against the chain by the node. */
export type LearningExample = {
  /** Number of the feedback in its domain. */
  readonly number: number;
  readonly author: string;
  readonly prompt: string;
  /** What was answered. */
  readonly answer: string;
  readonly rating: 'good' | 'bad' | 'correct';
  /** The passage that the correction becomes; null for a rating. */
  readonly passage: { readonly text: string; readonly source: string } | null;
};

/** A domain's version as files. Null: zeros; for `learnt`: nothing learnt. */
export type BaseVersion = {
  /** Fixed-point factors (learning §5.1). */
  readonly factors: string | null;
  /** Learnt passages, see `readLearnt`. */
  readonly learnt: string | null;
};

export type LearningContext = {
  readonly modelDirectory: string;
  readonly domain: string;
  readonly base: BaseVersion;
  /** Hash that deltas of this round carry: the round's id. */
  readonly round: string;
  /** Folder of the domain's knowledge on this machine, or null. */
  readonly knowledge: string | null;
};

/** Trains on a shard and writes a delta file. Interrupted, it goes on from `checkpoint`. */
export type TrainDeltaJob = LearningContext & {
  readonly kind: 'train';
  readonly id: string;
  readonly shard: readonly LearningExample[];
  /** What of the shard is learnt: what the gate would accept of it, or all, as of a user's own at home. */
  readonly learns: 'accepted' | 'all';
  /** Earlier feedback of the domain: a part of it is mixed in against forgetting. */
  readonly earlier: readonly LearningExample[];
  readonly seed: number;
  readonly checkpoint: string;
  readonly out: string;
};

/** Aggregates the deltas, writes the candidate, and measures it and each delta. */
export type EvaluateJob = LearningContext & {
  readonly kind: 'evaluate';
  readonly id: string;
  /** By trainer, in order; null where nothing came. `order`: place among the commitments. */
  readonly deltas: readonly {
    readonly path: string | null;
    readonly order: number | null;
    /** Numbers of the feedback it was given. */
    readonly shard: readonly number[];
    /** Of this validator's own trainer, about which nobody hears it (learning §8.2): not measured alone, and `ok` unless its bytes say otherwise. */
    readonly isOwn?: boolean;
  }[];
  readonly items: readonly LearningExample[];
  readonly earlier: readonly LearningExample[];
  /** 64 hex digits: beacon after the commitments. Draws what is measured on. */
  readonly gateSeed: string;
  readonly aggregator: number;
  readonly normMax: number;
  /** Where the candidate goes: fixed-point factors, and the adapter file that workers load. */
  readonly outFactors: string;
  readonly outAdapter: string;
};

/** Aggregates recorded deltas anew, in order: how a version is rebuilt. No model runs. */
export type AggregateJob = LearningContext & {
  readonly kind: 'aggregate';
  readonly id: string;
  /** By trainer as in `EvaluateJob`. */
  readonly deltas: readonly { readonly path: string | null; readonly order: number | null }[];
  readonly aggregator: number;
  readonly normMax: number;
  readonly outFactors: string;
  readonly outAdapter: string;
};

export type LearnerJob = TrainDeltaJob | EvaluateJob | AggregateJob;

/** A validator's findings, as the chain's `GateReport` has them. */
export type LearnerReport = {
  /** 64 hex digits; the zero hash where no delta was good. */
  readonly factors: string;
  readonly adapter: string;
  readonly measures: {
    readonly feedbackBefore: number;
    readonly feedbackAfter: number;
    readonly generalBefore: number;
    readonly generalAfter: number;
    readonly trigger: number;
    readonly injection: number;
    readonly spectral: number;
    readonly biasBefore: number;
    readonly biasAfter: number;
  };
  readonly deltas: readonly ('ok' | 'missing' | 'invalid' | 'copy' | 'idle' | 'harmful')[];
  readonly accepted: readonly boolean[];
};

export type LearnerEvent =
  | {
      readonly kind: 'progress';
      readonly id: string;
      readonly stage: 'loading' | 'training' | 'aggregating' | 'measuring';
      readonly done: number;
      readonly of: number;
      /** Training loss in thousandths of a nat a token; null in other stages. */
      readonly lossMilli: number | null;
    }
  | { readonly kind: 'trained'; readonly id: string; readonly path: string }
  | { readonly kind: 'evaluated'; readonly id: string; readonly report: LearnerReport }
  | { readonly kind: 'aggregated'; readonly id: string; readonly factors: string; readonly adapter: string }
  /** `BUSY`, `CANCELLED`, `TRAINING_LOST`, `BASE_MISSING`, `MODEL_ERROR`. */
  | { readonly kind: 'failed'; readonly id: string; readonly code: string; readonly message: string };
