/**
 * Operating failures around knowledge folders. Owns their codes; how they are shown belongs to the caller.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */

/**
 * KNOWLEDGE_NOT_FOUND  the folder or one of its files does not exist or cannot be read
 * KNOWLEDGE_DAMAGED    a file is there but is not what it should be
 */
export type KnowledgeErrorCode = 'KNOWLEDGE_NOT_FOUND' | 'KNOWLEDGE_DAMAGED';

/** An operating failure of opening knowledge. The message says what happened, why, and what to do next. */
export class KnowledgeError extends Error {
  readonly code: KnowledgeErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: KnowledgeErrorCode,
    message: string,
    options: { facts?: Readonly<Record<string, string | number>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KnowledgeError';
    this.code = code;
    this.facts = options.facts ?? {};
  }
}
