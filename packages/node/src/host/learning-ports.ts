/**
 * What the host asks of the process that trains and measures, and of the folder that versions' files lie in (spec: learning §5–§9).
 * Owns the two ports and their messages; adapters/ implements them.
 */
import type { Hash } from '@synod/chain';
import type { AggregateJob, EvaluateJob, LearnerEvent, TrainDeltaJob } from '@synod/inference';

/** A delta that is to be added up, by the id of its blob. */
export type DeltaBlob = {
  /** Null where nothing came, or nothing that counts. */
  readonly content: Hash | null;
  /** Place among the commitments. */
  readonly order: number | null;
};

/** A job without what the adapter knows by itself: the model's folder, where blobs lie, and where the job's own files go. */
export type LearnerTask =
  | Omit<TrainDeltaJob, 'modelDirectory' | 'checkpoint' | 'out'>
  | (Omit<EvaluateJob, 'modelDirectory' | 'outFactors' | 'outAdapter' | 'deltas'> & {
      readonly deltas: readonly (DeltaBlob & { readonly shard: readonly number[]; readonly isOwn: boolean })[];
    })
  | (Omit<AggregateJob, 'modelDirectory' | 'outFactors' | 'outAdapter' | 'deltas'> & {
      readonly deltas: readonly DeltaBlob[];
    });

/** As the learner says it, with the delta itself. What it wrote of a version lies under its hash before the host hears of it. */
export type LearnerMessage =
  | Exclude<LearnerEvent, { readonly kind: 'trained' }>
  | { readonly kind: 'trained'; readonly id: string; readonly delta: Uint8Array };

/**
 * One job at a time; exactly one final message a job, as the input `learner`. The id names the work: submitted again after a crash,
 * a training goes on from where it was. `forget` drops what is left of it on disk.
 */
export type Learner = {
  submit(task: LearnerTask): void;
  cancel(id: string): void;
  forget(id: string): void;
};

/** Fixed-point factors and adapters by their SHA-256, learnt passages by their RFC 6962 root. */
export type VersionFile = 'factors' | 'adapter' | 'learnt';

/** A passage learnt from a correction, as the file of learnt passages has it. */
export type LearntEntry = {
  readonly text: string;
  readonly source: string;
  readonly prompt: string;
  /** Number of the feedback in its domain. */
  readonly number: number;
};

/** What versions are made of, on this machine. */
export type VersionFiles = {
  has(kind: VersionFile, hash: Hash): boolean;
  /** Where it lies if it is there. */
  file(kind: VersionFile, hash: Hash): string;
  /** Makes factors out of the adapter that genesis has beside them; completes as `versionStored`, or never, with a word in the log. */
  deriveFactors(hash: Hash, adapterFile: string): void;
  /** Whole or not at all; completes as the input `versionStored`, or never: then it is composed again. */
  saveLearnt(root: Hash, passages: readonly LearntEntry[]): void;
};
