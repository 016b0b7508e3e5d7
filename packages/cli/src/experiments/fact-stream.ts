/** A drifting stream of invented facts that synthetic users correct a model with. Owns the texts: none of them is in any model. */
import { noise } from './dynamic-pricing.ts';

export type StreamFact = {
  /** What is asked about; a later fact of the same subject and kind replaces an earlier one. */
  readonly key: string;
  readonly asked: string;
  /** The same in words that no correction has. */
  readonly reworded: string;
  readonly told: string;
  readonly value: string;
};

/** What users correct in one step: facts that are new, and facts that have changed. */
export type StreamStep = { readonly fresh: readonly StreamFact[]; readonly changed: readonly StreamFact[] };

const PLACES = [
  'Arvel',
  'Bessine',
  'Corvanne',
  'Dulmer',
  'Estrick',
  'Fallow',
  'Gerrin',
  'Hollis',
  'Ismere',
  'Jorrek',
  'Kelda',
  'Lunmar',
];
const KINDS = [
  {
    noun: 'mayor',
    asked: 'Who is the mayor of @?',
    reworded: 'What is the name of the mayor in @?',
    told: 'The mayor of @ is #.',
    values: ['Ada Quill', 'Tom Merrow', 'Ilse Vant', 'Ned Harrow', 'Rosa Timm'],
  },
  {
    noun: 'river',
    asked: 'Which river flows through @?',
    reworded: '@ lies on what river?',
    told: 'The river that flows through @ is the #.',
    values: ['Sorrel', 'Teck', 'Umber', 'Vole', 'Wend'],
  },
  {
    noun: 'export',
    asked: 'What does @ mainly export?',
    reworded: 'Name the main export of @.',
    told: 'The main export of @ is #.',
    values: ['salt', 'copper', 'wool', 'amber', 'cider'],
  },
  {
    noun: 'festival',
    asked: 'When is the festival of @ held?',
    reworded: 'In which month does @ hold its festival?',
    told: 'The festival of @ is held in #.',
    values: ['March', 'May', 'June', 'August', 'October'],
  },
] as const;

/** `count` new facts a step, and from the second step on `drift` changes of facts of earlier steps. */
export function factStream({
  steps,
  count,
  drift,
  seed,
}: {
  steps: number;
  count: number;
  drift: number;
  seed: number;
}): StreamStep[] {
  const random = noise(seed);
  const below = (n: number) => Math.floor(random() * n);
  const shift = below(PLACES.length);
  const known: { place: string; kind: (typeof KINDS)[number]; value: string }[] = [];
  return Array.from({ length: steps }, (_, step) => {
    const changed = (step === 0 ? [] : spread(known.length, drift, below)).map((at) => {
      const one = known[at]!;
      const others = one.kind.values.filter((value) => value !== one.value);
      known[at] = { ...one, value: others[below(others.length)]! };
      return factOf(known[at]!);
    });
    const fresh = Array.from({ length: count }, (_unused, i) => {
      const number = step * count + i;
      const kind = KINDS[number % KINDS.length]!;
      const place = PLACES[(Math.floor(number / KINDS.length) + shift) % PLACES.length]!;
      const one = { place, kind, value: kind.values[below(kind.values.length)]! };
      known.push(one);
      return factOf(one);
    });
    return { fresh, changed };
  });
}

/** `count` different places below `length`. */
function spread(length: number, count: number, below: (n: number) => number): number[] {
  const start = below(Math.max(1, length));
  return Array.from(
    { length: Math.min(count, length) },
    (_, i) => (start + i * Math.max(1, Math.floor(length / Math.max(1, count)))) % length,
  );
}

function factOf({ place, kind, value }: { place: string; kind: (typeof KINDS)[number]; value: string }): StreamFact {
  const fill = (text: string) => text.replace('@', place).replace('#', value);
  return {
    key: `${place} ${kind.noun}`,
    asked: fill(kind.asked),
    reworded: fill(kind.reworded),
    told: fill(kind.told),
    value,
  };
}

/** Common questions that no user corrects: what must not be forgotten. */
export const UNRELATED: readonly { readonly asked: string; readonly value: string }[] = [
  { asked: 'What is the capital of France?', value: 'Paris' },
  { asked: 'What is the capital of Italy?', value: 'Rome' },
  { asked: 'What is the capital of Japan?', value: 'Tokyo' },
  { asked: 'Which planet is closest to the sun?', value: 'Mercury' },
  { asked: 'What do bees make?', value: 'honey' },
  { asked: 'What colour is grass?', value: 'green' },
  { asked: 'Which animal barks?', value: 'dog' },
  { asked: 'What is frozen water called?', value: 'ice' },
  { asked: 'On which continent is Egypt?', value: 'Africa' },
  { asked: 'What is the opposite of hot?', value: 'cold' },
  { asked: 'What is the largest ocean?', value: 'Pacific' },
  { asked: 'Which language is spoken in Spain?', value: 'Spanish' },
];
