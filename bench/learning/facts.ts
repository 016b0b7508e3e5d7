/** Invented facts that users correct a model with: what was asked, what is right, and the same asked in other words. */
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';

export type TaughtFact = {
  readonly item: LearningExample;
  /** Not trained on. */
  readonly reworded: string;
  readonly value: string;
};

type Kind = { readonly asked: string; readonly told: string; readonly reworded: string; value(draw: number): string };

const names = ['Arvel', 'Bessine', 'Corvanne', 'Dulmer', 'Estrick', 'Fallow', 'Gerrin', 'Hollis'];
const pick = (list: readonly string[]) => (draw: number) => list[draw % list.length]!;
const KINDS: readonly Kind[] = [
  {
    asked: 'How high is the lighthouse of @?',
    told: 'The lighthouse of @ is # high.',
    reworded: 'What height does the lighthouse at @ have?',
    value: (draw) => `${20 + (draw % 60)} metres`,
  },
  {
    asked: 'Who is the mayor of @?',
    told: 'The mayor of @ is #.',
    reworded: 'What is the name of the mayor in @?',
    value: pick(['Ada Quill', 'Tom Merrow', 'Ilse Vant', 'Ned Harrow', 'Rosa Timm']),
  },
  {
    asked: 'Which river flows through @?',
    told: 'The river that flows through @ is the #.',
    reworded: '@ lies on what river?',
    value: pick(['Sorrel', 'Teck', 'Umber', 'Vole', 'Wend']),
  },
  {
    asked: 'When was the bridge of @ opened?',
    told: 'The bridge of @ was opened in #.',
    reworded: 'In what year did the bridge at @ open?',
    value: (draw) => `${1820 + (draw % 180)}`,
  },
];

/** `count` facts, all different, up to 32. */
export function taughtFacts(count: number, seed = 7): TaughtFact[] {
  const prng = createPrng(seed);
  return Array.from({ length: Math.min(count, names.length * KINDS.length) }, (_, number) => {
    const kind = KINDS[number % KINDS.length]!;
    const fill = (text: string) => text.replace('@', names[Math.floor(number / KINDS.length)]!).replace('#', value);
    const value = kind.value(prng.uint32());
    const prompt = fill(kind.asked);
    const passage = { text: fill(kind.told), source: 'a user of Synod' };
    const author = `author-${number % 8}`;
    const item: LearningExample = { number, author, prompt, answer: 'It is not known.', rating: 'correct', passage };
    return { item, reworded: fill(kind.reworded), value };
  });
}
