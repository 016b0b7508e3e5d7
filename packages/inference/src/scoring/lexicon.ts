/**
 * What a judge looks up about known entities: the other facts of one, the other values of a relation, further names. Owns these maps, built
 * once for each knowledge and forgotten with it.
 */
import type { Passage } from '../knowledge/passage.ts';
import { isFunctionWord, words, wordsAsWritten } from './key-terms.ts';
import type { FindRuns } from './pieces.ts';
import { quoteFinder } from './quotes.ts';
import type { Sentence } from './reading.ts';
import { stem } from './stated.ts';

/** The part of a knowledge that a judge reads besides retrieving. */
export type KnownFacts = {
  readonly passages: readonly Passage[];
  /** Other names of subjects. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
};

export type Lexicon = {
  /** All facts of a subject. */
  factsOf(subject: string): readonly Passage[];
  /** Other names of a subject or value; empty when none is known. */
  namesOf(name: string): readonly string[];
  /** Values of a relation that occur in a text, each as its words joined by spaces. */
  valuesIn(relation: string, text: Said): string[];
  /** Stems that many statements of a relation share: they say nothing about the one. */
  usualIn(relation: string): ReadonlySet<string>;
  /** Names of subjects that occur in a text, each as its words joined by spaces. */
  subjectsIn(text: Said): string[];
  /** Subjects and values of any relation that occur in a text, each as its words joined by spaces. */
  namesKnownIn(text: Said): string[];
  /** Whether a text says a name that would be grammar within a sentence ("He", "As") where only a name can stand: alone, at the end, or before "is". */
  hasBareName(text: string): boolean;
  /** Whether a word, in small letters, belongs to a name of a few words: of a subject or a value. */
  isWordOfName(word: string): boolean;
  /** Where a text repeats whole passages: see pieces.ts. */
  quotesIn: FindRuns;
};

type Said = Pick<Sentence, 'words' | 'written'>;
/** Names by their words; with the spellings that count where any other one is an ordinary word ("As", "as"). */
type Names = Map<string, Set<string> | null>;

/** Longest name looked for, in words. */
const NAME_WORDS_MAX = 6;

const lexicons = new WeakMap<readonly Passage[], Lexicon>();

export function lexiconOf(facts: KnownFacts): Lexicon {
  const known = lexicons.get(facts.passages) ?? createLexicon(facts);
  lexicons.set(facts.passages, known);
  return known;
}

function createLexicon({ passages, aliases }: KnownFacts): Lexicon {
  const bySubject = Map.groupBy(passages, (passage) => passage.subject);
  const valuesByRelation = new Map<string, Names>();
  for (const { relation, value } of passages) {
    // Numbers are compared as numbers; only names are looked for as words.
    if (value === null || /^[\d\s.,%−-]+$/.test(value)) continue;
    const values = valuesByRelation.get(relation) ?? new Map();
    valuesByRelation.set(relation, values);
    addName(values, value);
  }
  const subjects: Names = new Map();
  for (const name of [...bySubject.keys(), ...[...aliases.values()].flat()]) addName(subjects, name);
  const all = [
    ...passages.flatMap(({ subject, value }) => (value === null ? [subject] : [subject, value])),
    ...[...aliases.values()].flat(),
  ];
  const known = namesKnown(all);
  const bare = new Set(all.filter((name) => /^\p{Lu}\p{L}*$/u.test(name) && isFunctionWord(name.toLowerCase())));
  const wordsOfNames = wordsOfShort(all);
  const names = namesOfAnything(aliases);
  const usual = new Map<string, ReadonlySet<string>>();
  return {
    factsOf: (subject) => bySubject.get(subject) ?? [],
    namesOf: (name) => names.get(joined(name)) ?? [],
    valuesIn: (relation, text) => namesIn(text, valuesByRelation.get(relation) ?? new Map()),
    usualIn: (relation) => {
      const found = usual.get(relation) ?? usualStems(passages.filter((passage) => passage.relation === relation));
      usual.set(relation, found);
      return found;
    },
    subjectsIn: (text) => namesIn(text, subjects),
    namesKnownIn: (text) => namesIn(text, known),
    hasBareName: (text) => {
      const said = text.match(/[\p{L}\d]+/gu) ?? [];
      return said.some(
        (word, at) => bare.has(word) && (at === said.length - 1 || (at === 0 && /^(?:is|was)$/.test(said[1]!))),
      );
    },
    isWordOfName: (word) => wordsOfNames.has(stem(word)),
    quotesIn: quoteFinder(passages.map(({ text }) => text)),
  };
}

/** Subjects, their other names and values. Those of one word that always have a capital are no names without it. */
function namesKnown(all: readonly string[]): Names {
  const known: Names = new Map();
  const small = new Set(all.filter((name) => !/^\p{Lu}/u.test(name)).map(joined));
  for (const name of all) {
    const key = joined(name);
    if (ORDINARY.test(name)) continue;
    if (key.includes(' ') || small.has(key)) addName(known, name);
    else if (key !== '' && !isFunctionWord(key))
      known.set(key, (known.get(key) ?? new Set()).add(wordsAsWritten(name).join(' ')));
  }
  return known;
}

/** Names of more words than that describe. */
const SHORT_NAME_WORDS_MAX = 3;

/** Stems of all names that are short, by themselves or as items of a list. Single letters are none. */
function wordsOfShort(all: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const item of all.flatMap((name) => name.split(/\s*[,;/(]\s*|\s+(?:and|or)\s+/))) {
    const own = words(item).filter((word) => !isFunctionWord(word));
    if (own.length <= SHORT_NAME_WORDS_MAX) for (const word of own) if (word.length > 1) found.add(stem(word));
  }
  return found;
}

/** One or two small letters, or three behind a sign (".com"): an ordinary word wherever it is said. */
const ORDINARY = /^(?:[^\p{L}\d]*\p{Ll}{1,2}|[^\p{L}\d]+\p{Ll}{3})$/u;

/** A stem is usual from this share of a relation's statements on; so many of them are looked at. */
const USUAL_SHARE = 0.1;
const USUAL_SAMPLE_MAX = 200;

function usualStems(passages: readonly Passage[]): ReadonlySet<string> {
  const step = Math.max(1, Math.floor(passages.length / USUAL_SAMPLE_MAX));
  const sample = passages.filter((_, i) => i % step === 0);
  const counts = new Map<string, number>();
  for (const { text } of sample) {
    for (const word of new Set(words(text).map(stem))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  // Of one or two statements nothing can be said.
  const least = Math.max(2, USUAL_SHARE * sample.length);
  return new Set([...counts].filter(([, count]) => count >= least).map(([word]) => word));
}

const joined = (name: string): string => words(name).join(' ');

function namesOfAnything(aliases: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const [subject, others] of aliases) {
    const all = [subject, ...others];
    for (const name of all) if (!names.has(joined(name))) names.set(joined(name), all);
  }
  return names;
}

/** Names of up to so many characters are symbols and codes: only as they are written. */
const SYMBOL_CHARACTERS_MAX = 3;

/** Names of nothing but grammar ("as", "for", "is") are left out: nobody could tell them from it. */
function addName(names: Names, name: string): void {
  const all = words(name);
  if (all.every(isFunctionWord)) return;
  const key = all.join(' ');
  const spellings = names.get(key);
  if (spellings === null) return;
  const written = wordsAsWritten(name).join(' ');
  names.set(key, name.length <= SYMBOL_CHARACTERS_MAX ? (spellings ?? new Set()).add(written) : null);
}

/** Longest names first; words used by one name are not used by another. */
function namesIn({ words: text, written }: Said, names: Names): string[] {
  const found: string[] = [];
  const isName = (at: number, size: number): boolean => {
    const spellings = names.get(text.slice(at, at + size).join(' '));
    return spellings === null || (spellings?.has(written.slice(at, at + size).join(' ')) ?? false);
  };
  for (let at = 0; at < text.length; ) {
    let size = Math.min(NAME_WORDS_MAX, text.length - at);
    while (size > 0 && !isName(at, size)) size--;
    if (size > 0) found.push(text.slice(at, at + size).join(' '));
    at += Math.max(1, size);
  }
  return found;
}
