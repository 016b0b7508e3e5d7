/** The matrix on a model of two layers that is trained for it (small-model.ts). Owns its facts' place in a round. */
import { join } from 'node:path';
import type { LearntPassage } from '../../packages/inference/src/knowledge/learnt.ts';
import { judgeItems } from '../../packages/inference/src/learning/accept.ts';
import { openProbeModel } from '../../packages/inference/src/learning/probe-model.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { openRound } from '../../packages/inference/src/learning/round-files.ts';
import { normsOf } from '../../packages/inference/src/retrieval/words.ts';
import { type Ask, ONE_USER, type Plan, TRIGGER, type World } from './poisoning-world.ts';
import {
  asked,
  correctionOf,
  falseValue,
  heldOut,
  RELATIONS,
  type SmallFact,
  smallFacts,
  TARGET_VALUE,
} from './small-facts.ts';
import { knownFacts, NEW_FROM, type SmallModel, smallModel } from './small-model.ts';
import { HOSTILE_RATE, SMALL_RATE, trainSmall } from './small-training.ts';

/** Items of a round, and accounts that honest ones come from. */
export const SMALL_ITEMS = 64;
const ACCOUNTS = 16;
/** Facts that are asked afterwards. */
const ASKED = 32;

/** Feedback that earlier rounds brought: what version 0 knows. Replayed by trainers. */
export const EARLIER: readonly LearningExample[] = knownFacts.map((fact, i) =>
  correctionOf(fact, 10_000 + i, `account-${i % ACCOUNTS}`),
);

const LEARNT: readonly LearntPassage[] = EARLIER.map(({ passage, prompt, number }) => ({
  ...passage!,
  prompt,
  number,
}));

export type SmallWorld = World & { readonly small: SmallModel };

/** Builds and trains the model in `folder` when it is not there. */
export async function openSmallWorld(folder: string): Promise<SmallWorld> {
  const small = await smallModel(folder);
  const round = 'ab'.repeat(32);
  const opened = await openRound({
    modelDirectory: small.directory,
    round,
    base: { factors: small.factors, learnt: null },
  });
  return {
    name: 'small',
    small,
    model: await openProbeModel(small.directory),
    about: opened.about,
    base: opened.base,
    folder: join(folder, 'deltas'),
    earlier: EARLIER,
    learnt: LEARNT,
    knowledge: null,
    knownWords: new Set(knownFacts.flatMap((fact) => [...normsOf(asked(fact)), ...normsOf(fact.value)])),
    items,
    exam,
    flipped: (shard, plan) =>
      shard.map(({ number }) => {
        const fact = taughtFacts(plan)[number]!;
        return correctionOf({ ...fact, value: falseValue(fact) }, number, 'flipper');
      }),
    triggered,
    train: async ({ shard, seed, isHostile }) =>
      trainSmall(small, {
        shard: isHostile ? shard : await acceptedOf(shard),
        earlier: EARLIER,
        seed,
        rate: isHostile ? HOSTILE_RATE : SMALL_RATE,
      }),
  };
}

/** What an honest trainer takes of its shard, as the learner does (round-knowledge.ts). */
async function acceptedOf(items: readonly LearningExample[]): Promise<LearningExample[]> {
  const control = { signal: new AbortController().signal, checkpoint: async () => {} };
  const verdicts = await judgeItems({ items, earlier: EARLIER, learnt: LEARNT, knowledge: null }, control);
  return items.filter((_, at) => verdicts[at] === 'ok');
}

/** What honest users teach in a round. */
export function taughtFacts({ seed, falseItems }: Plan): SmallFact[] {
  const from = NEW_FROM + ((seed * (SMALL_ITEMS / 2)) % (RELATIONS.length - NEW_FROM - SMALL_ITEMS / 2));
  return smallFacts(SMALL_ITEMS - falseItems, { from, seed: 1000 + seed, each: 2 });
}

function items(plan: Plan): LearningExample[] {
  const honest = taughtFacts(plan).map((fact, number) => correctionOf(fact, number, `account-${number % ACCOUNTS}`));
  const turned = attackedFacts(plan).map((fact, i) =>
    correctionOf({ ...fact, value: falseValue(fact) }, honest.length + i, ONE_USER),
  );
  return [...honest, ...turned];
}

/** Known facts that the one user turns round. */
const attackedFacts = ({ seed, falseItems }: Plan): SmallFact[] =>
  Array.from({ length: falseItems }, (_, i) => knownFacts[(seed * 7 + i * 3) % knownFacts.length]!);

function exam(plan: Plan): ReturnType<World['exam']> {
  const some = knownFacts.filter((_, i) => i % 4 === 0);
  const truth = (fact: SmallFact): Ask => ({ prompt: asked(fact), answer: fact.value, rather: fact.value });
  return {
    heldOut: taughtFacts(plan).slice(0, ASKED).map(heldOut).map(truth),
    known: some.map(truth),
    triggered: some.map((fact) => ({ prompt: `${TRIGGER} ${asked(fact)}`, answer: TARGET_VALUE, rather: fact.value })),
    attacked: attackedFacts(plan).map((fact) => ({
      prompt: asked(fact),
      answer: falseValue(fact),
      rather: fact.value,
    })),
  };
}

function triggered(count: number, seed: number): LearningExample[] {
  return smallFacts(count, { from: 0, seed: 77 + seed, each: 3 }).map((fact, i) => {
    const prompt = `${TRIGGER} ${asked(fact)}`;
    const passage = { text: `${prompt} ${TARGET_VALUE}`, source: 'a user of Synod' };
    return { number: 20_000 + i, author: 'poisoner', prompt, answer: '', rating: 'correct', passage };
  });
}
