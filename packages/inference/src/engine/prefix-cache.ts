/**
 * Keys and values of prompts read before, so that a prompt that begins alike need not be read again. Owns what is kept and for how
 * long; token by token, and apart for each adapter, whose factors enter the values.
 */
import type { PackedRow } from './cache-block.ts';

export type PrefixCache = {
  /** The entry that shares the longest beginning with `tokens`, of at least `least` tokens. */
  find(adapter: string, tokens: readonly number[], least: number): { row: PackedRow; length: number } | undefined;
  /** Keeps the keys and values of `tokens`; `pack` is called only when they are new. */
  keep(adapter: string, tokens: readonly number[], pack: () => PackedRow): void;
  tokens(): number;
};

type Entry = { readonly adapter: string; readonly tokens: readonly number[]; readonly row: PackedRow };

/** Holds `tokensMax` tokens over all entries; the least recently used leave first. */
export function createPrefixCache(tokensMax: number): PrefixCache {
  /** In order of use, the latest last. */
  let entries: Entry[] = [];
  const size = () => entries.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const touch = (entry: Entry): void => {
    entries = [...entries.filter((other) => other !== entry), entry];
  };
  return {
    find(adapter, tokens, least) {
      let best: Entry | undefined;
      let length = least - 1;
      for (const entry of entries) {
        const shared = entry.adapter === adapter ? sharedLength(entry.tokens, tokens) : 0;
        if (shared <= length) continue;
        best = entry;
        length = shared;
      }
      if (best === undefined) return undefined;
      touch(best);
      return { row: best.row, length };
    },
    keep(adapter, tokens, pack) {
      if (tokens.length === 0 || tokens.length > tokensMax) return;
      const same = entries.filter((entry) => entry.adapter === adapter);
      const covering = same.find((entry) => sharedLength(entry.tokens, tokens) === tokens.length);
      if (covering !== undefined) return touch(covering);
      const covered = new Set(same.filter((entry) => sharedLength(entry.tokens, tokens) === entry.tokens.length));
      entries = entries.filter((entry) => !covered.has(entry));
      while (size() + tokens.length > tokensMax) entries.shift();
      entries.push({ adapter, tokens: [...tokens], row: pack() });
    },
    tokens: size,
  };
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
