/**
 * The one operating-failure type of the project. Owns the shape of an error that a person reads.
 * Does not own verdicts on other people's data (those are values) nor bugs (those are assertions).
 */

/** Facts that name what an error is about; shown as fields in logs and as `data` in JSON-RPC errors. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An operating failure: something the surroundings did not allow.
 * `code` is stable and greppable; `message` says what happened, why, and what to do next.
 */
export class SynodError extends Error {
  readonly code: string;
  readonly facts: ErrorFacts;

  constructor(code: string, message: string, options: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SynodError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
