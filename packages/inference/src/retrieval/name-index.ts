/**
 * Finds the subjects a question names. Owns names and aliases, longest match, and misspelt names; what a found subject is worth is
 * decided in features.ts.
 */
import { limits } from './limits.ts';
import { FUNCTION_WORDS, normsOf, type Word } from './words.ts';

/** A subject found in a question: which words name it, and how surely: 1 exactly, less when misspelt. */
export type Link = {
  readonly subject: string;
  readonly firstWord: number;
  readonly wordCount: number;
  readonly certainty: number;
};

export type NameIndex = {
  /** Links of the longest names, from left to right; several when one name means several subjects. */
  find(words: readonly Word[], isKnownWord: (norm: string) => boolean): Link[];
};

type Name = {
  readonly key: string;
  /** As `numbersOf` its key. */
  readonly numbers: string;
  readonly spelling: string;
  readonly subjects: string[];
  readonly wordCount: number;
};

/** Misspelt names: edits allowed by the length of the name; shorter names must be exact. */
const editsAllowed = (length: number): number => (length >= 9 ? 2 : length >= 5 ? 1 : 0);

/** Of a name that is nearly spelt. */
const MISSPELT_CERTAINTY = 0.7;

export function createNameIndex(
  subjects: Iterable<string>,
  aliases: ReadonlyMap<string, readonly string[]>,
): NameIndex {
  const names = new Map<string, Name>();
  const add = (spelling: string, subject: string): void => {
    const words = normsOf(spelling);
    if (words.length === 0 || words.length > limits.nameWordsMax) return;
    const key = words.join(' ');
    const name = names.get(key) ?? { key, numbers: numbersOf(key), spelling, subjects: [], wordCount: words.length };
    // One subject after the other: it is there already only where it is the last.
    if (name.subjects.at(-1) !== subject) name.subjects.push(subject);
    names.set(key, name);
  };
  for (const subject of subjects) {
    for (const name of [subject, ...(aliases.get(subject) ?? [])]) {
      add(name, subject);
      // "the femur" and "Mercury (planet)" are asked for without what is around the name.
      add(name.replace(/\s*\([^)]*\)\s*$/, ''), subject);
      add(name.replace(/^(?:the|an?)\s+/i, ''), subject);
    }
  }
  const byLength = new Map<number, Name[]>();
  for (const name of names.values()) {
    const same = byLength.get(name.key.length);
    if (same === undefined) byLength.set(name.key.length, [name]);
    else same.push(name);
  }
  return { find: (words, isKnownWord) => findLinks(words, { names, byLength, isKnownWord }) };
}

type Search = {
  readonly names: ReadonlyMap<string, Name>;
  readonly byLength: ReadonlyMap<number, readonly Name[]>;
  readonly isKnownWord: (norm: string) => boolean;
};

function findLinks(words: readonly Word[], search: Search): Link[] {
  const taken = new Array<boolean>(words.length).fill(false);
  const links: Link[] = [];
  const spans = spansOf(words.length);
  const take = (first: number, count: number, name: Name, certainty: number): void => {
    taken.fill(true, first, first + count);
    for (const subject of name.subjects) links.push({ subject, firstWord: first, wordCount: count, certainty });
  };
  const isFree = (first: number, count: number) => !taken.slice(first, first + count).includes(true);
  for (const [first, count] of spans) {
    if (!isFree(first, count)) continue;
    const span = words.slice(first, first + count);
    const name = search.names.get(joined(span)) ?? singular(span, search.names);
    if (name !== undefined && isMeant(span, name, first)) take(first, count, name, 1);
  }
  for (const [first, count] of spans) {
    if (!isFree(first, count)) continue;
    const span = words.slice(first, first + count);
    if (span.every((word) => search.isKnownWord(word.norm))) continue;
    const found = nearest(joined(span), search.byLength);
    for (const name of found) take(first, count, name, MISSPELT_CERTAINTY);
  }
  return links.toSorted((a, b) => a.firstWord - b.firstWord).slice(0, limits.linkedSubjectsMax);
}

const joined = (span: readonly Word[]): string => span.map((word) => word.norm).join(' ');

/** Longest spans first, then from left to right. */
function spansOf(wordCount: number): [first: number, count: number][] {
  const spans: [number, number][] = [];
  for (let count = Math.min(limits.nameWordsMax, wordCount); count >= 1; count--) {
    for (let first = 0; first + count <= wordCount; first++) spans.push([first, count]);
  }
  return spans;
}

function singular(span: readonly Word[], names: ReadonlyMap<string, Name>): Name | undefined {
  const key = joined(span);
  return key.length >= 5 && key.endsWith('s') ? names.get(key.slice(0, -1)) : undefined;
}

/** `As` and `In` are symbols of elements, but `as` and `in` are not: a name that looks like a function word must be spelt exactly. */
function isMeant(span: readonly Word[], name: Name, first: number): boolean {
  if (span.length > 1 || !FUNCTION_WORDS.has(span[0]!.norm)) return true;
  return first > 0 && span[0]!.raw === name.spelling && /\p{Lu}/u.test(name.spelling) && span[0]!.raw !== 'I';
}

/** The names fewest edits away, unless many are equally near. Numbers are never misspelt: `CWE-488` is not `CWE-489`. */
function nearest(key: string, byLength: ReadonlyMap<number, readonly Name[]>): readonly Name[] {
  const edits = editsAllowed(key.length);
  if (edits === 0) return [];
  const numbers = numbersOf(key);
  let best: Name[] = [];
  let bestDistance = edits;
  for (let length = key.length - edits; length <= key.length + edits; length++) {
    for (const name of byLength.get(length) ?? []) {
      if (name.key[0] !== key[0] && name.key.at(-1) !== key.at(-1)) continue;
      if (name.numbers !== numbers) continue;
      const distance = editDistance(key, name.key, bestDistance);
      if (distance < bestDistance) [best, bestDistance] = [[name], distance];
      else if (distance === bestDistance) best.push(name);
    }
  }
  return best.length > limits.misspeltNamesMax ? [] : best;
}

const numbersOf = (key: string): string => key.replace(/\D+/g, ' ').trim();

/** Edits (a swap of neighbours is one) between two texts, or more than `max` as soon as that is certain. */
export function editDistance(a: string, b: string, max: number): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    if (Math.min(...row) > max) return max + 1;
    before = above;
    above = row;
  }
  return above[b.length]!;
}
