/**
 * One step of learning in an experiment: fine-tuning in one place, or a round as the chain runs it. Owns the jobs and files; nothing is sent and
 * nobody is paid.
 */
import { join } from 'node:path';
import {
  type Address,
  defaultChainParams,
  type GateReport,
  gateVerdict,
  type Hash,
  shardOf,
  type Trainer,
} from '@synod/chain';
import { type LearntPassage, writeLearnt } from '@synod/inference/knowledge';
import type { LearnerEvent, LearningExample } from '@synod/inference/learning';
import type { StreamFact } from './fact-stream.ts';
import type { Machines } from './machines.ts';

/** A system's state: files of its weights (null: the bare model), and what it may quote. */
export type Version = {
  readonly factors: string | null;
  readonly adapter: string | null;
  readonly learnt: readonly LearntPassage[];
  readonly earlier: readonly LearningExample[];
};

export const NOTHING_LEARNT: Version = { factors: null, adapter: null, learnt: [], earlier: [] };

export type StepContext = {
  readonly model: string;
  readonly seed: number;
  readonly step: number;
  /** This step's own folder. */
  readonly folder: string;
  readonly machines: Machines;
};

export type RoundResult = {
  readonly version: Version;
  /** `OK`, or why the weights were not adopted. */
  readonly weights: string;
  /** Corrections, of `items` that were given: a changed fact is told twice. */
  readonly accepted: number;
  readonly items: number;
};

const TRAINERS = 2;
const ACCOUNTS = 4;
const params = defaultChainParams().learning;

/** One training on everything, adopted as it is. */
export async function nextCentral(
  context: StepContext,
  version: Version,
  facts: readonly StreamFact[],
): Promise<Version> {
  const items = itemsOf(version, facts);
  const common = commonOf(context, version, 'central');
  const path = await trained(context, common, { name: 'central', shard: items, earlier: version.earlier });
  const files = filesOf(context, 'central');
  await context.machines.learn({
    ...common,
    ...files,
    kind: 'aggregate',
    id: `central-${context.step}`,
    deltas: [{ path, order: 0 }],
    ...RULE,
  });
  return extended(version, { factors: files.outFactors, adapter: files.outAdapter, items });
}

/** Shards as the chain deals them, aggregation by its default rule, a validator's report, and the chain's verdict on it. */
export async function nextSynod(
  context: StepContext,
  version: Version,
  facts: readonly StreamFact[],
): Promise<RoundResult> {
  const items = itemsOf(version, facts);
  const common = commonOf(context, version, 'synod');
  const trainers = Array.from({ length: TRAINERS }, (_, i) => trainerOf(i));
  // With two trainers two copies would make two equal shards.
  const rule = { aggregator: 0, normMax: 0, shardCopies: 1 };
  const round = { seed: common.round as Hash, items: items.map(({ number }) => number), trainers, rule };
  const deltas: { path: string; order: number; shard: readonly number[] }[] = [];
  for (let i = 0; i < TRAINERS; i++) {
    const shard = shardOf(round, i);
    const own = items.filter(({ number }) => shard.includes(number));
    deltas.push({
      path: await trained(context, common, { name: `trainer-${i}`, shard: own, earlier: version.earlier }),
      order: i,
      shard,
    });
  }
  const files = filesOf(context, 'synod');
  const { earlier } = version;
  const gateSeed = hash(context, 'gate');
  const learnt = join(context.folder, 'learnt.json');
  await writeLearnt(learnt, version.learnt);
  const event = await context.machines.learn({
    ...common,
    ...files,
    base: { ...common.base, learnt },
    kind: 'evaluate',
    id: `gate-${context.step}`,
    deltas,
    items,
    earlier,
    gateSeed,
    ...RULE,
  });
  return adopt(version, { event, items, trainers, files });
}

const RULE = { aggregator: params.aggregator, normMax: params.normMax } as const;

function adopt(
  version: Version,
  {
    event,
    items,
    trainers,
    files,
  }: {
    event: LearnerEvent;
    items: readonly LearningExample[];
    trainers: readonly Trainer[];
    files: { readonly outFactors: string; readonly outAdapter: string };
  },
): RoundResult {
  if (event.kind !== 'evaluated') throw new TypeError(`an evaluate job ended as ${event.kind}`);
  const report = event.report as GateReport;
  const evaluators = [{ operator: 'validator' as Address, power: 1n, commitment: null, report }];
  const numbers = items.map(({ number }) => number);
  const mark = Math.ceil((Math.max(1, report.measures.biasBefore) * params.biasAlarm) / 1_000_000);
  const verdict = gateVerdict({ trainers, items: numbers, evaluators }, params, () => mark)!;
  const isAdopted = verdict.weights === 'OK';
  const accepted = items.filter((_, i) => verdict.accepted[i]);
  const weights = isAdopted ? { factors: files.outFactors, adapter: files.outAdapter } : version;
  const { factors, adapter } = weights;
  return {
    version: extended(version, { factors, adapter, items: accepted }),
    weights: verdict.weights,
    accepted: accepted.length,
    items: items.length,
  };
}

function extended(
  version: Version,
  { factors, adapter, items }: { factors: string | null; adapter: string | null; items: readonly LearningExample[] },
): Version {
  const passages = items.flatMap(({ passage, prompt, number }) =>
    passage === null ? [] : [{ ...passage, prompt, number }],
  );
  return { factors, adapter, learnt: [...version.learnt, ...passages], earlier: [...version.earlier, ...items] };
}

/** Corrections by a few accounts; a changed fact is told by two, since one alone cannot contradict what is learnt (learning §7.3). */
function itemsOf(version: Version, facts: readonly StreamFact[]): LearningExample[] {
  const first = version.earlier.length;
  const isKnown = ({ asked }: StreamFact) => version.earlier.some(({ prompt }) => prompt === asked);
  const told = facts.flatMap((fact) => (isKnown(fact) ? [fact, fact] : [fact]));
  return told.map(({ asked, told: text }, i) => ({
    number: first + i,
    author: `account-${i % ACCOUNTS}`,
    prompt: asked,
    answer: 'It is not known.',
    rating: 'correct',
    passage: { text, source: 'a user of Synod' },
  }));
}

type Common = ReturnType<typeof commonOf>;

function commonOf(context: StepContext, { factors }: Version, name: string) {
  return {
    modelDirectory: context.model,
    domain: 'stream',
    base: { factors, learnt: null },
    round: hash(context, name),
    knowledge: null,
  };
}

async function trained(
  { machines, folder, seed, step }: StepContext,
  common: Common,
  { name, shard, earlier }: { name: string; shard: readonly LearningExample[]; earlier: readonly LearningExample[] },
): Promise<string> {
  const out = join(folder, `${name}.delta`);
  const checkpoint = `${out}.checkpoint`;
  await machines.learn({
    ...common,
    kind: 'train',
    id: `${name}-${step}`,
    shard,
    learns: 'accepted',
    earlier,
    seed: seed + name.length,
    checkpoint,
    out,
  });
  return out;
}

function filesOf({ folder }: StepContext, name: string): { readonly outFactors: string; readonly outAdapter: string } {
  return { outFactors: join(folder, `${name}.factors`), outAdapter: join(folder, `${name}.adapter`) };
}

/** 64 hex digits that stand for this step and purpose. */
function hash({ seed, step }: StepContext, purpose: string): string {
  return Buffer.from(`${purpose} ${seed} ${step}`.padEnd(32)).toString('hex').slice(0, 64);
}

function trainerOf(order: number): Trainer {
  const expert = `trainer-${order}` as Address;
  return { expert, operator: expert, registeredAt: 0, commitment: null, order, delta: null, leftOut: null };
}
