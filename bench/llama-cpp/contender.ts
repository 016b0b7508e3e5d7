/** What every engine in this comparison has to do, and the tokens it does it with. Owns the tasks, not how they are timed. */

/** The positions at which decoding is timed. */
export const CONTEXT_TOKENS = 200;
export const DECODED_TOKENS = 48;

/** Tokens of no meaning: what is measured does not depend on which they are. */
export const PROMPT: readonly number[] = Array.from({ length: 512 }, (_, i) => 300 + ((i * 7919) % 40000));

export type Contender = {
  readonly name: string;
  /** Reads the first `tokens` of the prompt anew. Returns milliseconds. */
  prefill(tokens: number): Promise<number>;
  /** Writes `DECODED_TOKENS` greedily after `CONTEXT_TOKENS` of the prompt. Returns milliseconds a token. */
  decode(): Promise<number>;
  close(): Promise<void>;
};
