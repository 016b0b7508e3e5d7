/**
 * What relations are called and how their passages read once subject and value are taken out. Owns masking: a question about
 * *X* and a passage about *X* are compared by what is asked alone.
 */
import type { Passage } from '../knowledge/passage.ts';
import type { Link } from './name-index.ts';
import { normsOf, termsOf, type Word } from './words.ts';

/** Stands for the subject in masked texts. */
const SUBJECT_MARK = 'it';
const VALUE_MARK = 'that';

export type Relations = {
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
  return { phrasesOf: (relation) => of(relation).phrases, termsOf: (relation) => of(relation).terms };
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

/** The question with a mark in place of each subject that it names. */
export function maskQuestion(question: string, words: readonly Word[], links: readonly Link[]): string {
  let masked = question;
  const spans = new Map(links.map((link) => [link.firstWord, link.wordCount]));
  for (const [first, count] of [...spans].toSorted((a, b) => b[0] - a[0])) {
    masked = masked.slice(0, words[first]!.start) + SUBJECT_MARK + masked.slice(words[first + count - 1]!.end);
  }
  return masked;
}
