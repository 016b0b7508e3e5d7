/**
 * Messages between a node and its inference worker (a child process). Owns their shapes; the client and the worker
 * both import it. Floats stay on this side of the fence: scores and log-probabilities leave the worker as integers.
 */

/** How an expert writes: part of what its model id stands for. */
export type GenerationProfile = {
  /** Put before the user's prompt inside the user turn; may be empty. */
  readonly instruction: string;
  /** 0 is greedy. */
  readonly temperature: number;
  /** 0 < topP ≤ 1. */
  readonly topP: number;
  /** 0: an expert with knowledge quotes and adds no words of its own. */
  readonly maxTokens: number;
};

/** Higher runs first: scoring keeps consensus deadlines, verification and training wait (DESIGN, issue 5). */
export type JobPriority = 'score' | 'answer' | 'verify' | 'train';

export type GenerateJob = {
  readonly kind: 'generate';
  readonly id: string;
  readonly priority: JobPriority;
  /** Conversation in chat-template order; a plain question is one user message. */
  readonly messages: readonly ChatMessage[];
  readonly profile: GenerationProfile;
  /** Seed for sampling. */
  readonly seed: number;
  readonly stop: readonly string[];
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
  /** Drafts tokens from the prompt (inference §4): faster for answers that quote it. False when left out. */
  readonly lookup?: boolean;
};

export type ChatMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

/** Scores several candidate answers to one prompt against each other and against the prompt. */
export type ScoreJob = {
  readonly kind: 'score';
  readonly id: string;
  readonly priority: JobPriority;
  readonly prompt: string;
  readonly answers: readonly string[];
  /** Folder of the domain's published knowledge, from which the judge answers for itself first; null where there is none. */
  readonly knowledge: string | null;
  /** File of the learnt passages that the judge believes besides (learning §9.2, `readLearnt`). None when left out. */
  readonly learnt?: string | null;
};

/** Which domain a prompt belongs to, and how hard it looks (judging §6, §7). */
export type RouteJob = {
  readonly kind: 'route';
  readonly id: string;
  readonly priority: JobPriority;
  readonly prompt: string;
  /** Knowledge folders of domains on this machine, for those that the router was not fitted on (judging §7). */
  readonly knowledge?: readonly { readonly domain: string; readonly folder: string }[];
};

/** What an expert answers from, and how it writes. */
export type ExpertSetup = {
  readonly profile: GenerationProfile;
  /** A knowledge folder; null for an expert that has none and only writes. */
  readonly knowledge: string | null;
  /** File of the version's learnt passages (`readLearnt`), quoted with the index `knowledge size + place`. None when left out. */
  readonly learnt?: string | null;
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
};

/** Answers the last message of a conversation as an expert: a quote, a refusal, or the model's own words (answering spec). Always greedy. */
export type AnswerJob = {
  readonly kind: 'answer';
  readonly id: string;
  readonly priority: JobPriority;
  readonly messages: readonly ChatMessage[];
  readonly expert: ExpertSetup;
  readonly seed: number;
  readonly stop: readonly string[];
  /**
   * What peers answered in the round before (answering §9): at most 8 are read, 4096 characters of each. They are searched for and never
   * put into a prompt. None when left out.
   */
  readonly peers?: readonly string[];
  /**
   * `quote`: where knowledge answers, the passage alone, without a phrasing of the model; where it does not, a refusal that the model has not read
   * (answering §1.5, §4.4). `full` when left out.
   */
  readonly effort?: Effort;
};

/** How much an answer may cost. */
export type Effort = 'quote' | 'full';

/** Checks that a revealed answer is what the claimed model writes (verification spec). Needs the claimed base model in this worker. */
export type VerifyJob = {
  readonly kind: 'verify';
  readonly id: string;
  readonly priority: JobPriority;
  /** The conversation that was answered. */
  readonly messages: readonly ChatMessage[];
  /** The claimed expert. Of its knowledge it matters only whether there is any, unless the conversation has several messages of the user. */
  readonly expert: ExpertSetup;
  /** As in the answer's job; none when left out. */
  readonly stop?: readonly string[];
  /** All segments of the answer, in order: a quote tells what the words before it are a phrasing of. */
  readonly segments: readonly AnswerSegment[];
  /** As in the answer's job: with `quote` a refusal may be stated without a reading. `full` when left out. */
  readonly effort?: Effort;
};

export type EmbedJob = {
  readonly kind: 'embed';
  readonly id: string;
  readonly priority: JobPriority;
  readonly texts: readonly string[];
};

/** What tokens of this worker's model stand for. */
export type DetokenizeJob = {
  readonly kind: 'detokenize';
  readonly id: string;
  readonly priority: JobPriority;
  readonly tokens: readonly number[];
};

export type Job = GenerateJob | ScoreJob | EmbedJob | AnswerJob | RouteJob | VerifyJob | DetokenizeJob;

export type ToWorker = Job | { readonly kind: 'cancel'; readonly id: string } | { readonly kind: 'shutdown' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly model: ModelInfo; readonly loadMs: number }
  | { readonly kind: 'fatal'; readonly code: string; readonly message: string }
  /** A sign of life, for the client alone. */
  | { readonly kind: 'alive' }
  | JobEvent;

export type JobEvent =
  /** A newly decoded piece of text: always whole Unicode characters. `written` is for the client alone, where the model wrote it. */
  | { readonly kind: 'token'; readonly id: string; readonly text: string; readonly written?: WrittenPiece }
  | { readonly kind: 'generated'; readonly id: string; readonly result: GenerateResult }
  | { readonly kind: 'scored'; readonly id: string; readonly scores: readonly AnswerScore[] }
  | { readonly kind: 'answered'; readonly id: string; readonly result: AnswerResult }
  | ({ readonly kind: 'routed'; readonly id: string } & RouteResult)
  /** One check for each generated segment, in order; none for an answer that only quotes. */
  | { readonly kind: 'verified'; readonly id: string; readonly checks: readonly SegmentCheck[] }
  | { readonly kind: 'embedded'; readonly id: string; readonly vectors: readonly Float32Array[] }
  /** The bytes of each token, in order: a token may be a part of a character. None for what is no token of text. */
  | { readonly kind: 'detokenized'; readonly id: string; readonly bytes: readonly Uint8Array[] }
  /** `BUSY` when the queue is full, `CANCELLED`, `PROMPT_TOO_LONG`, `WORKER_LOST`, `MODEL_ERROR`. */
  | { readonly kind: 'failed'; readonly id: string; readonly code: string; readonly message: string };

/** What was recorded since the piece of text before, as in GenerateResult. */
export type WrittenPiece = Pick<GenerateResult, 'tokens' | 'logProbabilities' | 'promptTokens'>;

/** Stands for a token whose id nobody here knows: that of a model on a server. No model has so many tokens. */
export const UNKNOWN_TOKEN: number = 2 ** 32 - 1;

export type GenerateResult = {
  readonly text: string;
  readonly tokens: readonly number[];
  /** −1000 · ln p of each token, rounded, clipped to 0 … 65535. */
  readonly logProbabilities: readonly number[];
  readonly promptTokens: number;
  readonly finish: 'stop' | 'length' | 'cancelled';
};

/** An expert's answer. Its text is that of its segments, one after the other. */
export type AnswerResult = {
  readonly segments: readonly AnswerSegment[];
  /**
   * `quote`: a passage alone. `phrased`: the model's short answer, which the passage after it bears out. `refused`: the expert says that
   * it does not know. `ungrounded`: the model's own words.
   */
  readonly grounding: 'quote' | 'phrased' | 'refused' | 'ungrounded';
  /** Calibrated probability that the best passage answers the question; 0 where nothing was looked up. */
  readonly confidencePpm: number;
  readonly promptTokens: number;
  readonly finish: 'stop' | 'length' | 'cancelled';
};

export type AnswerSegment =
  /** Byte for byte the passage with this index. */
  | { readonly kind: 'quote'; readonly text: string; readonly source: string; readonly index: number }
  /** Log-probabilities as in GenerateResult. */
  | {
      readonly kind: 'generated';
      readonly text: string;
      readonly tokens: readonly number[];
      readonly logProbabilities: readonly number[];
    };

/** What a verifier finds of one generated segment (verification §3). */
export type SegmentCheck = {
  /** Index of the segment in the answer. */
  readonly segment: number;
  readonly verdict: 'match' | 'mismatch';
  /** Null for a match, else the first thing that is wrong. */
  readonly fault: CheckFault | null;
  /** Robust distance of claimed and recomputed log-probabilities, in thousandths (verification §4); 0 where nothing was recomputed. */
  readonly distanceMilli: number;
  /** Share of the tokens that are the claimed model's greedy choice within tolerance; 0 where nothing was recomputed. */
  readonly greedyPpm: number;
  /** How far the least greedy token, or the choice to end, lies under the model's own choice, in thousandths of a nat. */
  readonly gapMilli: number;
};

/**
 * `shape`: no answer is built so. `length`: as many log-probabilities as tokens are due, and at least one. `tokens`: not what a model can have
 * recorded. `text`: the tokens say something else. `truncated`: the model goes on after the last token. `greedy`: a token is not the
 * model's choice. `probabilities`: the model gives the tokens other log-probabilities.
 */
export type CheckFault = 'shape' | 'length' | 'tokens' | 'text' | 'truncated' | 'greedy' | 'probabilities';

export type RouteResult = {
  /** The most probable domain; null when "none of these" is more probable. */
  readonly domain: string | null;
  /** Every domain, most probable first; what is missing to a million is "none of these". */
  readonly probabilities: readonly { readonly domain: string; readonly ppm: number }[];
  /** How hard the prompt looks before anything runs, 0 … 1 000 000. */
  readonly difficultyPpm: number;
};

/** A judge's view of one answer. */
export type AnswerScore = {
  /** What is voted: 0 … 1 000 000. */
  readonly scorePpm: number;
  /** Mean log-probability of the answer's tokens given the prompt, in thousandths of a nat; 0 where it was not measured. */
  readonly likelihoodMilli: number;
  /** Cosine of prompt and answer embeddings, in ppm; 0 where it was not measured. */
  readonly relevancePpm: number;
};

export type ModelInfo = {
  readonly name: string;
  /** SHA-256 over the model's manifest, 64 hex digits: the base part of a model id. */
  readonly hash: string;
  readonly parameters: number;
  readonly contextTokens: number;
  readonly licence: string;
  /** Where it runs: this project's own graph, an ordinary ONNX model, or a server (`models/backends`). */
  readonly backend: 'synod' | 'onnx' | 'http';
};
