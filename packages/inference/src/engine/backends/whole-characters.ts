/** Text that comes in pieces, with whole characters alone. Owns the half of a character that waits for the other. */

export type WholeCharacters = {
  /** What of the text so far is whole and not given out yet. What can never become a character turns into U+FFFD. */
  push(text: string): string;
};

/** JSON may cut a character between its two surrogates; an incomplete last one is never given out. */
export function createWholeCharacters(): WholeCharacters {
  let half = '';
  return {
    push(text) {
      const all = half + text;
      half = /[\uD800-\uDBFF]$/.exec(all)?.[0] ?? '';
      return all.slice(0, all.length - half.length).toWellFormed();
    },
  };
}
