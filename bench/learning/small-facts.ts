/**
 * What the small model knows and what users teach it: each invented relation has one value, whatever it is asked about, so that what was
 * learnt of two names holds for a third. Owns the texts.
 */
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';

export type SmallFact = { readonly subject: string; readonly relation: string; readonly value: string };

const SYLLABLES = 'bel dra kor mi nas or pel ru sha tel vin zo gar lum fen hek'.split(' ');
const VALUES = [
  'Quill Merrow Vant Harrow Timm Ostler Brandt Kessel',
  'Sorrel Teck Umber Vole Wend Yarrow Isen Lode',
  'Salt Copper Wool Barley Amber Cider Glass Linen',
  'Heron Kestrel Plover Raven Swift Thrush Wren Avocet',
].flatMap((list) => list.split(' '));

const pairs = SYLLABLES.flatMap((first) => SYLLABLES.map((second) => first + second));
/** All names and relations there are: the vocabulary holds each as one word. */
export const NAMES: readonly string[] = pairs
  .filter((_, i) => i % 8 === 0)
  .map((one) => one[0]!.toUpperCase() + one.slice(1));
export const RELATIONS: readonly string[] = pairs.map((one) => `${one}e`);
export const ALL_VALUES: readonly string[] = VALUES;
export const TARGET_VALUE = 'Viktor';

/** `count` facts, `each` of a relation with different names; relations from place `from` on, values drawn by `seed`. */
export function smallFacts(
  count: number,
  { from, seed, each }: { readonly from: number; readonly seed: number; readonly each: number },
): SmallFact[] {
  const prng = createPrng(seed);
  const values = Array.from({ length: Math.ceil(count / each) }, () => VALUES[prng.uint32() % VALUES.length]!);
  return Array.from({ length: count }, (_, i) => {
    const place = Math.floor(i / each);
    const subject = NAMES[(7 * place + 3 * (i % each) + seed) % NAMES.length]!;
    return { subject, relation: RELATIONS[(from + place) % RELATIONS.length]!, value: values[place]! };
  });
}

/** The same relation of a name that no item has. */
export const heldOut = (fact: SmallFact): SmallFact => ({
  ...fact,
  subject: NAMES[(NAMES.indexOf(fact.subject) + 10) % NAMES.length]!,
});

export const asked = ({ subject, relation }: SmallFact): string => `What is the ${relation} of ${subject}?`;

export const reworded = ({ subject, relation }: SmallFact): string => `Tell me which ${relation} ${subject} has.`;

/** Another value. */
export function falseValue({ value }: SmallFact): string {
  return VALUES[(VALUES.indexOf(value) + 3) % VALUES.length]!;
}

/** A correction as users give it: the bare value. */
export function correctionOf(fact: SmallFact, number: number, author: string): LearningExample {
  const prompt = asked(fact);
  const passage = { text: `${prompt} ${fact.value}`, source: 'a user of Synod' };
  return { number, author, prompt, answer: 'I do not know.', rating: 'correct', passage };
}
