/**
 * Operating failures of training. Owns their codes; how they are shown belongs to the caller.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */

/**
 * TRAINING_BUSY        another process on this machine is training
 * TRAINING_DATA        the examples, questions or settings cannot be trained on
 * TRAINING_CHECKPOINT  a checkpoint is damaged or belongs to another training
 * TRAINING_DIVERGED    the loss is no finite number
 * TRAINING_LOST        the training process ended without a result
 * DISK_FULL            the disk takes no more of a checkpoint or an adapter
 * MODEL_ERROR          the runtime failed
 * CANCELLED            the caller took the training back; the checkpoint stays
 */
export type TrainingErrorCode =
  | 'TRAINING_BUSY'
  | 'TRAINING_DATA'
  | 'TRAINING_CHECKPOINT'
  | 'TRAINING_DIVERGED'
  | 'TRAINING_LOST'
  | 'DISK_FULL'
  | 'MODEL_ERROR'
  | 'CANCELLED';

/** An operating failure of training. The message says what happened, why, and what to do next. */
export class TrainingError extends Error {
  readonly code: TrainingErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: TrainingErrorCode,
    message: string,
    options: { facts?: Readonly<Record<string, string | number>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TrainingError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
