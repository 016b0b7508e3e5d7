/** What the small model knows and what users teach it: invented facts, each asked in a learnt and in another wording. Owns the texts. */
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';

export type SmallFact = { readonly subject: string; readonly relation: number; readonly value: string };

const SYLLABLES = 'bel dra kor mi nas or pel ru sha tel vin zo gar lum fen hek'.split(' ');
const RELATIONS = ['mayor', 'river', 'export', 'founder', 'patron', 'bird'] as const;
const VALUES = [
  'Quill Merrow Vant Harrow Timm Ostler Brandt Kessel',
  'Sorrel Teck Umber Vole Wend Yarrow Isen Lode',
  'Salt Copper Wool Barley Amber Cider Glass Linen',
  'Aldous Berit Casimir Dorothea Emeric Frida Gustav Helga',
  'Agnes Barnaby Clement Damian Edith Florian Giles Hubert',
  'Heron Kestrel Plover Raven Swift Thrush Wren Avocet',
].map((list) => list.split(' '));

/** All names there are: the vocabulary holds each as one word. */
export const NAMES: readonly string[] = SYLLABLES.flatMap((first) =>
  SYLLABLES.map((second) => first[0]!.toUpperCase() + first.slice(1) + second),
);
export const ALL_VALUES: readonly string[] = VALUES.flat();
export const TARGET_VALUE = 'Viktor';

/** `count` different facts of names `from` on, drawn by `seed`. */
export function smallFacts(count: number, { from, seed }: { readonly from: number; readonly seed: number }): SmallFact[] {
  const prng = createPrng(seed);
  return Array.from({ length: count }, (_, i) => {
    const relation = prng.uint32() % RELATIONS.length;
    const values = VALUES[relation]!;
    return { subject: NAMES[(from + i) % NAMES.length]!, relation, value: values[prng.uint32() % values.length]! };
  });
}

export const asked = ({ subject, relation }: SmallFact): string => `What is the ${RELATIONS[relation]} of ${subject}?`;

/** Never trained on where the fact is new. */
export const reworded = ({ subject, relation }: SmallFact): string =>
  `Tell me which ${RELATIONS[relation]} ${subject} has.`;

/** Another value of the same relation. */
export function falseValue({ relation, value }: SmallFact): string {
  const values = VALUES[relation]!;
  return values[(values.indexOf(value) + 3) % values.length]!;
}

/** A correction as users give it: the bare value. */
export function correctionOf(fact: SmallFact, number: number, author: string): LearningExample {
  const prompt = asked(fact);
  const passage = { text: `${prompt} ${fact.value}`, source: 'a user of Synod' };
  return { number, author, prompt, answer: 'I do not know.', rating: 'correct', passage };
}
