/** Words → passages, and how rare each word is. Owns the lexical index (minisearch) and document frequencies. */
import MiniSearch from 'minisearch';
import type { Passage } from '../knowledge/passage.ts';
import { FUNCTION_WORDS, normsOf, stem, termsOf } from './words.ts';

export type LexicalIndex = {
  /** Indices of the best passages by BM25+, best first. */
  search(terms: Iterable<string>, max: number): number[];
  /** Inverse document frequency of a stem, in nats; highest for a stem that no passage has. */
  rarity(term: string): number;
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
  for (const [id, passage] of passages.entries()) {
    const names = [passage.subject, ...otherNames(passage.subject)].join(' ');
    index.add({ id, text: passage.text, names });
    for (const term of termsOf(normsOf(`${passage.text} ${names}`)))
      frequency.set(term, (frequency.get(term) ?? 0) + 1);
  }
  return {
    search: (terms, max) =>
      index
        .search([...terms].join(' '))
        .slice(0, max)
        .map((hit) => hit.id as number),
    rarity: (term) => Math.log((passages.length + 1) / ((frequency.get(term) ?? 0) + 0.5)),
    isKnown: (term) => frequency.has(term),
  };
}
