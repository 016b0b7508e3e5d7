/**
 * Operating failures of the engine. Owns their codes; how they are shown belongs to the caller.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */

/**
 * PROMPT_TOO_LONG  the prompt leaves no room for an answer in the model's context
 * CANCELLED        the caller took the job back
 * MODEL_ERROR      the model's files are unusable or the runtime failed
 */
export type EngineErrorCode = 'PROMPT_TOO_LONG' | 'CANCELLED' | 'MODEL_ERROR';

/** An operating failure of generation, scoring or embedding. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: EngineErrorCode,
    message: string,
    options: { facts?: Readonly<Record<string, string | number>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
