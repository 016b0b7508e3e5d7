/**
 * Tokens → text, as they come. Owns whole characters: a token may end in the middle of one, and then its bytes wait.
 */
import type { TextTokenizer } from './tokenizer.ts';

export type Detokenizer = {
  /** The text that became complete with this token; often empty in scripts whose characters span tokens. */
  push(token: number): string;
};

/** Bytes that can never become a character turn into U+FFFD; an incomplete last character is never given out. */
export function createDetokenizer(tokenizer: Pick<TextTokenizer, 'bytesOf'>): Detokenizer {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return { push: (token) => decoder.decode(tokenizer.bytesOf(token), { stream: true }) };
}
