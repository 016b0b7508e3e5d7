/** Finds published passages that a text repeats word for word. Owns the index; signs, case and spacing count for nothing. */
import type { FindQuotes } from './pieces.ts';

/** Passages are found by so many words at their start; shorter ones are none. */
const START_WORDS = 3;

export function quoteFinder(passages: readonly string[]): FindQuotes {
  const byStart = new Map<string, string[][]>();
  for (const passage of passages) {
    const own = tokens(passage).map(({ word }) => word);
    if (own.length < START_WORDS) continue;
    const start = own.slice(0, START_WORDS).join(' ');
    const same = byStart.get(start);
    if (same === undefined) byStart.set(start, [own]);
    else same.push(own);
  }
  return (text) => {
    const said = tokens(text);
    const found: [number, number][] = [];
    for (let at = 0; at + START_WORDS <= said.length; ) {
      const start = said.slice(at, at + START_WORDS);
      const same = byStart.get(start.map(({ word }) => word).join(' ')) ?? [];
      const fitting = same.filter((own) => own.every((word, i) => said[at + i]?.word === word));
      const length = Math.max(0, ...fitting.map((own) => own.length));
      if (length > 0) found.push(withSigns(text, start[0]!.from, said[at + length - 1]!.to));
      at += Math.max(1, length);
    }
    return found;
  };
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
