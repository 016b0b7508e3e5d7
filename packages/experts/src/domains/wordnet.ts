/**
 * Reads WordNet's noun database. Owns its format and the walk down its hyponyms; which nouns a domain takes is the
 * domain's. Format: the manual page wndb(5) of WordNet.
 */
import type { ArchiveFiles } from '../sources/archive.ts';

export type Synset = {
  /** Byte offset, the synset's name in the file. */
  readonly offset: string;
  /** Words in the order of the file, `_` as spaces. */
  readonly words: readonly string[];
  /** Definition without examples. */
  readonly gloss: string;
  /** Offsets by kind of pointer: `@` hypernym, `@i` class of an instance, `~` and `~i` downwards, `;c` domain. */
  readonly pointers: readonly { readonly kind: string; readonly offset: string }[];
  /** 0-44: the lexicographer's file; 08 groups, 15 places, 17 natural objects, 27 substances. */
  readonly lexicographer: number;
};

export const WORDNET_NOUNS = 'package/dict/data.noun';

/** All noun synsets by offset, in file order. */
export function readNouns(files: ArchiveFiles): ReadonlyMap<string, Synset> {
  const synsets = new Map<string, Synset>();
  for (const line of files.text(WORDNET_NOUNS).split('\n')) {
    if (line === '' || line.startsWith(' ')) continue;
    const synset = parseSynset(line);
    synsets.set(synset.offset, synset);
  }
  return synsets;
}

function parseSynset(line: string): Synset {
  const bar = line.indexOf(' | ');
  const fields = line.slice(0, bar).split(' ');
  const wordCount = Number.parseInt(fields[3] ?? '0', 16);
  const words = Array.from({ length: wordCount }, (_, index) => (fields[4 + 2 * index] ?? '').replaceAll('_', ' '));
  const start = 4 + 2 * wordCount;
  const pointers = Array.from({ length: Number(fields[start]) }, (_, index) => ({
    kind: fields[start + 1 + 4 * index] ?? '',
    offset: fields[start + 2 + 4 * index] ?? '',
  }));
  const gloss = line
    .slice(bar + 3)
    .replace(/;?\s*".*$/, '')
    .trim();
  return { offset: fields[0] ?? '', words, gloss, pointers, lexicographer: Number(fields[1]) };
}

/** The synset whose words hold `word` and whose gloss holds `gloss`. */
export function findSynset(synsets: ReadonlyMap<string, Synset>, word: string, gloss: string): Synset {
  for (const synset of synsets.values()) {
    if (synset.words.includes(word) && synset.gloss.includes(gloss)) return synset;
  }
  throw new RangeError(`WordNet has no noun ${word} (${gloss})`);
}

/** Everything below a synset by the given kinds of pointers, without itself, in file order. */
export function below(
  synsets: ReadonlyMap<string, Synset>,
  top: Synset,
  kinds: readonly string[] = ['~', '~i'],
): readonly Synset[] {
  const found = new Set<string>();
  const queue = [top];
  for (let synset = queue.pop(); synset !== undefined; synset = queue.pop()) {
    for (const { kind, offset } of synset.pointers) {
      const lower = synsets.get(offset);
      if (!kinds.includes(kind) || lower === undefined || found.has(offset)) continue;
      found.add(offset);
      queue.push(lower);
    }
  }
  return [...found].sort().flatMap((offset) => synsets.get(offset) ?? []);
}
