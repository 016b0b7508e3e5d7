/**
 * Drafts the next tokens from the text itself: what followed the last few tokens where they stood before. Owns the drafts and how long
 * they get; the model verifies them in one forward pass. Answers that quote their prompt are written several tokens a pass.
 */
import { limits } from './limits.ts';

export type Lookup = {
  /** Tokens that may follow `tokens`; empty when their end stands nowhere before. */
  draft(tokens: readonly number[]): number[];
  /** What came of the last draft: the length grows with success and shrinks without. */
  learn(outcome: { readonly drafted: number; readonly accepted: number }): void;
};

/** The end of the text that must recur: at first the longest, which is rarely wrong. */
const GRAM_TOKENS = [4, 3, 2] as const;
const FIRST_DRAFT_TOKENS = 3;

export function createLookup(): Lookup {
  let length: number = FIRST_DRAFT_TOKENS;
  return {
    draft(tokens) {
      for (const gram of GRAM_TOKENS) {
        const at = lastPlace(tokens, gram);
        if (at >= 0) return tokens.slice(at + gram, at + gram + length);
      }
      return [];
    },
    learn({ drafted, accepted }) {
      if (drafted === 0) return;
      length = accepted === drafted ? Math.min(limits.draftTokensMax, 2 * length + 1) : Math.max(1, accepted + 1);
      length = Math.min(limits.draftTokensMax, length);
    },
  };
}

/** Where the last `gram` tokens stand for the last time before the end; −1 when nowhere. */
function lastPlace(tokens: readonly number[], gram: number): number {
  const end = tokens.length - gram;
  for (let at = end - 1; at >= 0; at--) {
    let same = 0;
    while (same < gram && tokens[at + same] === tokens[end + same]) same++;
    if (same === gram) return at;
  }
  return -1;
}
