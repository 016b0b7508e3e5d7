/**
 * The operating failures of this folder. Owns their codes; does not own how they are shown.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */

/**
 * MODEL_FETCH_FAILED   the default weights are not cached and could not be downloaded
 * MODEL_HASH_MISMATCH  a file's bytes are not what a manifest or a pinned hash promises
 * MODEL_NOT_FOUND      a named folder or file does not exist
 * MODEL_FORMAT         a file exists but is not what it should be
 * MODEL_DISK_FULL      the disk has no room for a download or a conversion
 */
export type ModelErrorCode =
  | 'MODEL_FETCH_FAILED'
  | 'MODEL_HASH_MISMATCH'
  | 'MODEL_NOT_FOUND'
  | 'MODEL_FORMAT'
  | 'MODEL_DISK_FULL';

/** An operating failure around model files. The message says what happened, why, and what to do next. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;

  constructor(
    code: ModelErrorCode,
    message: string,
    options: { facts?: Readonly<Record<string, string | number | boolean | null>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ModelError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
