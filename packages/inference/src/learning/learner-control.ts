/** What the learner's jobs are run under: how they are taken back and what they tell. Owns the shape; the process is main.ts. */
import type { LearnerEvent } from './protocol.ts';

/** A job's advance, see `LearnerEvent`. */
export type LearnerProgress = Omit<LearnerEvent & { readonly kind: 'progress' }, 'kind' | 'id'>;

export type LearnerControl = {
  /** Aborted when the job was cancelled or nobody waits for it any more: end with `LearnerError` CANCELLED. */
  readonly signal: AbortSignal;
  onProgress(progress: LearnerProgress): void;
  /** Resolves when this process may load the weights for training; what it resolves to gives the turn back. Absent: at once. */
  readonly takeTurn?: () => Promise<() => Promise<void>>;
};
