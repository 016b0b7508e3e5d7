/** Finds published passages that a text repeats word for word. Owns the index; signs, case and spacing count for nothing. */
import type { FindRuns } from './pieces.ts';

/** Shorter passages are no quotes. */
const QUOTE_WORDS_MIN = 3;

type Words = readonly string[];

/** Of several passages that begin at one place the longest. Work grows with the text's length, hardly with how much passages have in common. */
export function quoteFinder(passages: readonly string[]): FindRuns {
  const all = passages.map((passage) => tokens(passage).map(({ word }) => word));
  const known = all.filter((own) => own.length >= QUOTE_WORDS_MIN).sort(compare);
  return (text) => {
    const said = tokens(text);
    const spoken = said.map(({ word }) => word);
    const found: [number, number][] = [];
    for (let at = 0; at + QUOTE_WORDS_MIN <= said.length; ) {
      const length = longestAt(known, spoken, at);
      if (length > 0) found.push(withSigns(text, said[at]!.from, said[at + length - 1]!.to));
      at += Math.max(1, length);
    }
    return found;
  };
}

/** In words; 0 where none of these, which are in order, begins there. */
function longestAt(known: readonly Words[], spoken: Words, at: number): number {
  let [from, to] = [0, known.length];
  let longest = 0;
  for (let count = 0; from < to && at + count < spoken.length; ) {
    const word = spoken[at + count]!;
    const next = firstFrom(known, { from, to }, (own) => (own[count] ?? '') >= word);
    to = firstFrom(known, { from: next, to }, (own) => (own[count] ?? '') > word);
    from = next;
    count += 1;
    // What ends here stands before what goes on.
    if (from < to && known[from]!.length === count) longest = count;
  }
  return longest;
}

/** Index of the first for which it holds, and holds for all behind it. */
function firstFrom(
  known: readonly Words[],
  { from, to }: { readonly from: number; readonly to: number },
  holds: (own: Words) => boolean,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(known[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function compare(a: Words, b: Words): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length - b.length;
}

/** The signs that touch a quote belong to it: full stops, brackets of a code. */
function withSigns(text: string, from: number, to: number): [number, number] {
  const before = /[^\p{L}\p{N}\s]*$/u.exec(text.slice(0, from))![0].length;
  const behind = /^[^\p{L}\p{N}\s]*/u.exec(text.slice(to))![0].length;
  return [from - before, to + behind];
}

const tokens = (text: string) =>
  [...text.matchAll(/[\p{L}\p{N}]+/gu)].map(({ 0: word, index }) => ({
    word: word.toLowerCase(),
    from: index,
    to: index + word.length,
  }));
