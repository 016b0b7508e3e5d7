/** Words → passages, and how rare each word is. Owns the lexical index (minisearch) and document frequencies. */
import MiniSearch from 'minisearch';
import type { Passage } from '../knowledge/passage.ts';
import { editDistance } from './name-index.ts';
import { EVERYDAY_STEMS, FUNCTION_WORDS, normsOf, stem, termsOf } from './words.ts';

export type LexicalIndex = {
  /** Indices of the best passages by BM25+, best first. */
  search(terms: Iterable<string>, max: number): number[];
  /** Inverse document frequency of a stem, in nats, bounded for everyday words; highest for another stem that no passage has. */
  rarity(term: string): number;
  /** Sum of the stems' rarities; remembered for each set, which must not change. */
  weightOf(terms: ReadonlySet<string>): number;
  /** The word itself when a passage has it or it is short; else a word of the passages that is one edit away, if there is one. */
  correct(norm: string): string;
  /** False for a stem that stands in no passage. */
  isKnown(term: string): boolean;
};

export function createLexicalIndex(
  passages: readonly Passage[],
  otherNames: (subject: string) => readonly string[],
): LexicalIndex {
  const index = new MiniSearch<{ id: number; text: string; names: string }>({
    fields: ['text', 'names'],
    tokenize: (text) => normsOf(text),
    processTerm: (norm) => (FUNCTION_WORDS.has(norm) ? null : stem(norm)),
    searchOptions: { boost: { names: 1.5 } },
  });
  const frequency = new Map<string, number>();
  const spellings = new Map<string, Set<string>>();
  for (const [id, passage] of passages.entries()) {
    const names = [passage.subject, ...otherNames(passage.subject)].join(' ');
    index.add({ id, text: passage.text, names });
    const norms = normsOf(`${passage.text} ${names}`);
    for (const term of termsOf(norms)) frequency.set(term, (frequency.get(term) ?? 0) + 1);
    for (const norm of norms) addSpelling(spellings, norm);
  }
  const rarity = (term: string): number => {
    const own = Math.log((passages.length + 1) / ((frequency.get(term) ?? 0) + 0.5));
    return EVERYDAY_STEMS.has(term) ? Math.min(EVERYDAY_RARITY_MAX, own) : own;
  };
  const weights = new WeakMap<ReadonlySet<string>, number>();
  return {
    search: (terms, max) =>
      index
        .search([...terms].join(' '))
        .slice(0, max)
        .map((hit) => hit.id as number),
    rarity,
    weightOf: (terms) => {
      const known = weights.get(terms);
      if (known !== undefined) return known;
      let weight = 0;
      for (const term of terms) weight += rarity(term);
      weights.set(terms, weight);
      return weight;
    },
    correct: (norm) =>
      frequency.has(stem(norm)) || FUNCTION_WORDS.has(norm) ? norm : (nearestSpelling(spellings, norm) ?? norm),
    isKnown: (term) => frequency.has(term),
  };
}

/** Nats. An unknown word of an index of 10,000 passages has about 10. */
const EVERYDAY_RARITY_MAX = 1;

/** Shorter words and numbers are never corrected: too much lies one edit away. */
const CORRECTED_LENGTH_MIN = 5;

/** By first letter and length, so that few are compared. */
const shelf = (norm: string, length: number): string => `${norm[0]}${length}`;

function addSpelling(spellings: Map<string, Set<string>>, norm: string): void {
  if (norm.length < CORRECTED_LENGTH_MIN || /\d/.test(norm)) return;
  const key = shelf(norm, norm.length);
  const own = spellings.get(key);
  if (own === undefined) spellings.set(key, new Set([norm]));
  else own.add(norm);
}

function nearestSpelling(spellings: ReadonlyMap<string, ReadonlySet<string>>, norm: string): string | undefined {
  if (norm.length < CORRECTED_LENGTH_MIN || /\d/.test(norm)) return undefined;
  for (const length of [norm.length, norm.length + 1, norm.length - 1]) {
    for (const other of spellings.get(shelf(norm, length)) ?? []) if (editDistance(norm, other, 1) === 1) return other;
  }
  return undefined;
}
