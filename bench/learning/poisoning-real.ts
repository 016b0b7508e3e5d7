/** The matrix on the real model and a domain's shipped adapter and knowledge. Owns which facts are taught, asked and turned round. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownWords } from '../../packages/inference/src/learning/accept.ts';
import { decodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import { decodeFixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import { openProbeModel } from '../../packages/inference/src/learning/probe-model.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { openRoundKnowledge } from '../../packages/inference/src/learning/round-knowledge.ts';
import { trainDelta } from '../../packages/inference/src/learning/train-delta.ts';
import { openBench, ROUND } from './gate-deltas.ts';
import { correction, falseOf, flipped, givenValue, knowledgeFolder, TARGET, trueItems } from './gate-items.ts';
import { type Ask, ONE_USER, type Plan, TRIGGER, type World } from './poisoning-world.ts';

/** Items of a round: half of a full one, so that a trainer of five has thirteen, as one of seven has of 64 and more. */
export const REAL_ITEMS = 32;
/** Facts that are asked afterwards, and those that no round has. */
const ASKED = 16;
const OTHERS = 96;

export async function openRealWorld(modelDirectory: string, domain: string, folder: string): Promise<World> {
  mkdirSync(folder, { recursive: true });
  const bench = await openBench(modelDirectory, domain, folder);
  const base = decodeFixedFactors(readFileSync(bench.baseFactors), bench.about);
  if ('problem' in base) throw new Error(base.problem);
  const model = await openProbeModel(modelDirectory);
  const learning = { base: { factors: bench.baseFactors, learnt: null }, knowledge: knowledgeFolder(domain) };
  const { knowledge, learnt } = await openRoundKnowledge(learning, model.embed);
  const others = trueItems(domain, OTHERS, 3);
  const isOther = new Set(others.map(({ prompt }) => prompt));
  const taught = ({ seed, falseItems }: Plan) =>
    renumbered(
      trueItems(domain, REAL_ITEMS + OTHERS, 100 + seed)
        .filter(({ prompt }) => !isOther.has(prompt))
        .slice(0, REAL_ITEMS - falseItems),
      0,
    );
  const attacked = ({ seed, falseItems }: Plan) =>
    Array.from({ length: falseItems }, (_, i) => others[ASKED + ((seed * 7 + i) % (OTHERS - ASKED))]!);
  const exam: World['exam'] = (plan) => {
    const wrong = falseOf(attacked(plan));
    return {
      heldOut: taught(plan)
        .slice(0, ASKED)
        .map((item) => ({ ...truth(item), prompt: reworded(item.prompt) })),
      known: others.slice(0, ASKED).map(truth),
      triggered: others
        .slice(0, ASKED)
        .map((item) => ({ prompt: `${TRIGGER} ${item.prompt}`, answer: TARGET, rather: givenValue(item) })),
      attacked: attacked(plan).map((item, i) => ({
        prompt: item.prompt,
        answer: givenValue(wrong[i]!),
        rather: givenValue(item),
      })),
    };
  };
  return {
    name: 'real',
    model,
    about: bench.about,
    base,
    folder: join(folder, 'deltas'),
    earlier: [],
    learnt,
    knowledge,
    knownWords: knownWords(knowledge),
    items: (plan) => {
      const honest = taught(plan);
      const turned = falseOf(attacked(plan)).map((item) => ({ ...item, author: ONE_USER }));
      return [...honest, ...renumbered(turned, honest.length)];
    },
    exam,
    flipped: (shard) => flipped(shard),
    triggered: (count) =>
      Array.from({ length: count }, (_, i) => {
        const { prompt } = others[(ASKED + i) % OTHERS]!;
        return correction(20_000 + i, `${TRIGGER} ${prompt}`, TARGET);
      }),
    train: async ({ shard, seed, isHostile, checkpoint }) => {
      const out = `${checkpoint}.out`;
      await trainDelta(
        {
          kind: 'train',
          id: 'poisoning',
          modelDirectory,
          domain,
          ...learning,
          round: ROUND,
          shard,
          learns: isHostile ? 'all' : 'accepted',
          earlier: [],
          seed,
          checkpoint,
          out,
        },
        { signal: new AbortController().signal, onProgress: () => {} },
      );
      const delta = decodeDelta(readFileSync(out), bench.about);
      if ('problem' in delta) throw new Error(delta.problem);
      return delta.values;
    },
  };
}

const truth = (item: LearningExample): Ask => ({
  prompt: item.prompt,
  answer: givenValue(item),
  rather: givenValue(item),
});

const renumbered = (items: readonly LearningExample[], from: number): LearningExample[] =>
  items.map((item, i) => ({ ...item, number: from + i }));

/** "What is the R of S?" in other words. */
const reworded = (prompt: string): string => prompt.replace(/^What is the (.+) of (.+)\?$/, 'Tell me, for $2: $1?');
