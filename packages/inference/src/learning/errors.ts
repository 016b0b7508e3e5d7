/**
 * Operating failures of the learner. Owns their codes; how they are shown belongs to the caller.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */

/**
 * BUSY           too many jobs, or another training runs on this machine
 * CANCELLED      the caller took the job back; a training's checkpoint stays
 * TRAINING_LOST  the process ended without a result; a training's checkpoint stays
 * BASE_MISSING   the base version's files are absent or of another model
 * MODEL_ERROR    the model, its runtime or the disk failed
 */
export type LearnerErrorCode = 'BUSY' | 'CANCELLED' | 'TRAINING_LOST' | 'BASE_MISSING' | 'MODEL_ERROR';

/** An operating failure of a job. The message says what happened, why, and what to do next. */
export class LearnerError extends Error {
  readonly code: LearnerErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: LearnerErrorCode,
    message: string,
    options: { facts?: Readonly<Record<string, string | number>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LearnerError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** Throws CANCELLED when the job was taken back. */
export function assertWanted(signal: AbortSignal): void {
  if (signal.aborted) throw new LearnerError('CANCELLED', 'The job was cancelled by its caller.');
}
