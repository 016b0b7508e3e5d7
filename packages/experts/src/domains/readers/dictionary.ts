/** Owns the sentences that WordNet gives: definitions, other names and kinds. Which nouns to take is the domain's. */
import type { Passage } from '../../passage.ts';
import type { Aliases } from '../../recipe.ts';
import type { Synset } from '../wordnet.ts';
import { passageOf } from './facts.ts';

const otherNamesMax = 4;

/** A name that people ask for: letters, digits, apostrophes and hyphens. */
const plain = (name: string): boolean => /^\p{L}[\p{L}\d' -]*$/u.test(name);

const namesOf = (synset: Synset): readonly string[] => {
  const [first, ...others] = synset.words.filter(plain);
  if (first === undefined) return [];
  return [first, ...others.filter((other) => other.toLowerCase() !== first.toLowerCase())];
};

/** The definition, and other names where there are some, of one noun. */
export function dictionaryPassages(synset: Synset, source: string): readonly (Passage | null)[] {
  const [subject, ...others] = namesOf(synset);
  const gloss = synset.gloss.replace(/^\([^)]*\) */, '').replace(/[;:,. ]+$/, '');
  if (subject === undefined || gloss === '') return [];
  const named = others.slice(0, otherNamesMax).join(', ');
  return [
    passageOf({ pattern: '{S} is defined as {v}.', source, relation: 'definition', subject, value: gloss }),
    named === ''
      ? null
      : passageOf({ pattern: '{S} is also called {v}.', source, relation: 'other-name', subject, value: named }),
  ];
}

/** "A is a kind of B", with the first noun above it that is not too general to say anything. */
export function kindPassage(
  synsets: ReadonlyMap<string, Synset>,
  synset: Synset,
  tooGeneral: ReadonlySet<string>,
  source: string,
): Passage | null {
  const [subject] = namesOf(synset);
  const value = synset.pointers
    .filter(({ kind }) => kind === '@' || kind === '@i')
    .map(({ offset }) => synsets.get(offset)?.words[0] ?? '')
    .find((kind) => kind !== '' && !tooGeneral.has(kind));
  if (subject === undefined || value === undefined || subject.includes(value)) return null;
  return passageOf({ pattern: '{S} is a kind of {v}.', source, relation: 'kind', subject, value });
}

/** Other names by subject. */
export function dictionaryAliases(synsets: readonly Synset[]): Aliases {
  const entries = synsets.map(namesOf).filter((names) => names.length > 1);
  return Object.fromEntries(entries.map(([subject, ...others]) => [subject ?? '', others]));
}

/** The nouns that WordNet files under a field of knowledge, in file order. */
export function inField(synsets: ReadonlyMap<string, Synset>, field: Synset): readonly Synset[] {
  return [...synsets.values()].filter(({ pointers }) =>
    pointers.some(({ kind, offset }) => kind === ';c' && offset === field.offset),
  );
}
