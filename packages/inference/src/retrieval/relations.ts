/**
 * What relations are called and how their passages read once subject and value are taken out. Owns masking: a question about
 * *X* and a passage about *X* are compared by what is asked alone.
 */
import { DOCUMENT_RELATION, type Passage } from '../knowledge/passage.ts';
import { limits } from './limits.ts';
import type { Link } from './name-index.ts';
import { normsOf, termsOf, type Word } from './words.ts';

/** Stands for the subject in masked texts. */
const SUBJECT_MARK = 'it';
const VALUE_MARK = 'that';

export type Relations = {
  /** Every relation of the index but that of documents. */
  readonly names: readonly string[];
  /** Short phrases for a relation, its own name among them. */
  phrasesOf(relation: string): readonly string[];
  /** Stems of those phrases. */
  termsOf(relation: string): ReadonlySet<string>;
};

export function createRelations(
  passages: readonly Passage[],
  phrases: ReadonlyMap<string, readonly string[]>,
): Relations {
  const known = new Map<string, { phrases: readonly string[]; terms: ReadonlySet<string> }>();
  for (const { relation } of passages) {
    if (known.has(relation)) continue;
    const all = [...new Set([relation.replaceAll('-', ' '), ...(phrases.get(relation) ?? [])])];
    known.set(relation, { phrases: all, terms: termsOf(all.flatMap(normsOf)) });
  }
  const none = { phrases: [], terms: new Set<string>() };
  const of = (relation: string) => known.get(relation) ?? none;
  const names = [...known.keys()].filter((name) => name !== DOCUMENT_RELATION);
  return { names, phrasesOf: (relation) => of(relation).phrases, termsOf: (relation) => of(relation).terms };
}

/** The passage with a mark in place of its subject and another in place of its value, where it has them. */
export function maskPassage({ text, subject, value }: Passage): string {
  if (value === null)
    return replaceAt(text, text.toLowerCase().indexOf(subject.toLowerCase()), subject.length, SUBJECT_MARK);
  const open = replaceAt(text, text.lastIndexOf(value), value.length, VALUE_MARK);
  return replaceAt(open, open.toLowerCase().indexOf(subject.toLowerCase()), subject.length, SUBJECT_MARK);
}

const replaceAt = (text: string, at: number, length: number, mark: string): string =>
  at < 0 ? text : text.slice(0, at) + mark + text.slice(at + length);

/** The question once for each name in it, with a mark in that name's place; at most `limits.masksMax`. */
export function maskQuestion(question: string, words: readonly Word[], links: readonly Link[]): Set<string> {
  const masked = new Set(links.map((link) => maskLink(question, words, link)));
  return new Set([...masked].slice(0, limits.masksMax));
}

export function maskLink(question: string, words: readonly Word[], { firstWord, wordCount }: Link): string {
  const { start } = words[firstWord]!;
  const { end } = words[firstWord + wordCount - 1]!;
  return question.slice(0, start) + SUBJECT_MARK + question.slice(end);
}
