/**
 * What relations are called and how their passages read once subject and value are taken out. Owns masking: a question about
 * *X* and a passage about *X* are compared by what is asked alone.
 */
import { DOCUMENT_RELATION, type Passage } from '../knowledge/passage.ts';
import { type AskWord, askedBy } from './features.ts';
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
  /** The same a phrase. */
  phraseTermsOf(relation: string): readonly ReadonlySet<string>[];
  /** How passages of the relation read, subject and value masked: those wordings that several have, the commonest first. */
  statementsOf(relation: string): readonly string[];
  /** The words that its phrases ask with, one a phrase that has one. */
  askWordsOf(relation: string): readonly AskWord[];
  /** Some of its values. */
  valuesOf(relation: string): readonly string[];
};

/** Wordings and values a relation that questions are compared with. */
const STATEMENTS_MAX = 4;
const VALUES_MAX = 20;

export function createRelations(
  passages: readonly Passage[],
  phrases: ReadonlyMap<string, readonly string[]>,
): Relations {
  const known = new Map<string, Known>();
  for (const [relation, own] of Map.groupBy(passages, (passage) => passage.relation)) {
    const all = [...new Set([relation.replaceAll('-', ' '), ...(phrases.get(relation) ?? [])])];
    known.set(relation, {
      phrases: all,
      terms: termsOf(all.flatMap(normsOf)),
      phraseTerms: all.map((phrase) => termsOf(normsOf(phrase))),
      askWords: all.map(askedBy).filter((word) => word !== null),
      statements: relation === DOCUMENT_RELATION ? [] : commonest(own.map(maskPassage)),
      values: own.flatMap(({ value }) => (value === null ? [] : [value])).slice(0, VALUES_MAX),
    });
  }
  const of = (relation: string) => known.get(relation) ?? NOTHING;
  return {
    names: [...known.keys()].filter((name) => name !== DOCUMENT_RELATION),
    phrasesOf: (relation) => of(relation).phrases,
    termsOf: (relation) => of(relation).terms,
    phraseTermsOf: (relation) => of(relation).phraseTerms,
    askWordsOf: (relation) => of(relation).askWords,
    statementsOf: (relation) => of(relation).statements,
    valuesOf: (relation) => of(relation).values,
  };
}

type Known = {
  readonly phrases: readonly string[];
  readonly terms: ReadonlySet<string>;
  readonly phraseTerms: readonly ReadonlySet<string>[];
  readonly askWords: readonly AskWord[];
  readonly statements: readonly string[];
  readonly values: readonly string[];
};
const NOTHING: Known = { phrases: [], terms: new Set(), phraseTerms: [], askWords: [], statements: [], values: [] };

/** Texts that stand there more than once, the commonest first. */
function commonest(texts: readonly string[]): string[] {
  const counted = [...Map.groupBy(texts, (text) => text)].filter(([, all]) => all.length > 1);
  return counted
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, STATEMENTS_MAX)
    .map(([text]) => text);
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
