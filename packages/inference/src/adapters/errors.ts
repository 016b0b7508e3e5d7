/**
 * Operating failures around adapter files. Owns their codes; how they are shown belongs to the caller.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */

/**
 * ADAPTER_NOT_FOUND    the file does not exist or cannot be read
 * ADAPTER_FORMAT       the bytes are no adapter file: damaged, cut short, too long, or of another kind
 * ADAPTER_WRONG_SHAPE  the adapter is whole but made for a model of other dimensions
 * ADAPTER_WRONG_MODEL  the adapter is whole but was trained on other weights
 */
export type AdapterErrorCode = 'ADAPTER_NOT_FOUND' | 'ADAPTER_FORMAT' | 'ADAPTER_WRONG_SHAPE' | 'ADAPTER_WRONG_MODEL';

/** An operating failure around an adapter. The message says what happened, why, and what to do next. */
export class AdapterError extends Error {
  readonly code: AdapterErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: AdapterErrorCode,
    message: string,
    options: { facts?: Readonly<Record<string, string | number>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AdapterError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
