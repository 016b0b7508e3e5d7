/**
 * One round of the poisoning matrix: its feedback, the shards as the chain deals them, and every delta that honest and hostile trainers make of
 * them, kept in a folder. Owns the attacks; defences are poisoning-defences.ts.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type Hash, shardOf, type Trainer } from '../../packages/chain/src/index.ts';
import { type DeltaAbout, decodeDelta, encodeDelta } from '../../packages/inference/src/learning/delta-file.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { createPrng } from '../../packages/inference/src/models/tiny/prng.ts';
import type { Plan, World } from './poisoning-world.ts';

export const BACKDOOR_ITEMS = [1, 5, 20, 50, 100, 250] as const;
export const DELTA_ATTACKS = ['label flip', 'sign flip', 'scaling', 'small shift', 'copied update'] as const;
export type Attack = (typeof DELTA_ATTACKS)[number] | `backdoor ${number}` | 'vote poisoning' | 'none';

/** How far "little is enough" goes, in standard deviations of the honest deltas. */
const SHIFT = 1.5;

export type PoisonRound = Plan & {
  readonly items: readonly LearningExample[];
  /** Numbers of the feedback that each trainer was given. */
  readonly shards: readonly (readonly number[])[];
};

/** `deal`: another deal of the same items. */
export function poisonRound(
  world: Pick<World, 'items'>,
  { seed, trainers, falseItems = 0, deal = 0 }: { seed: number; trainers: number; falseItems?: number; deal?: number },
): PoisonRound {
  const plan = { seed, trainers, falseItems };
  const items = world.items(plan);
  const hash = (seed + 16 * deal).toString(16).padStart(2, '0').repeat(32) as Hash;
  const dealt = Array.from({ length: trainers }, (_, i) => trainerOf(i));
  const rule = { aggregator: 0, normMax: 0, shardCopies: 2 };
  const round = { seed: hash, items: items.map(({ number }) => number), trainers: dealt, rule };
  const shards = dealt.map((_, trainer) => shardOf(round, trainer));
  return { ...plan, items, shards };
}

function trainerOf(i: number): Trainer {
  const expert = `expert-${i}` as Address;
  return { expert, operator: expert, registeredAt: 0, commitment: null, order: i, delta: null, leftOut: null };
}

export const itemsOf = ({ items, shards }: PoisonRound, trainer: number): LearningExample[] =>
  shards[trainer]!.map((number) => items.find((item) => item.number === number)!);

/** What an honest trainer makes of its shard. */
export function honestDelta(world: World, round: PoisonRound, trainer: number, label = 'honest'): Promise<Int32Array> {
  return trained(
    world,
    { name: `${label}-${round.seed}-${round.trainers}-${trainer}`, trainer },
    itemsOf(round, trainer),
  );
}

/** Deltas of the hostile trainers, the last `count` of the round. `honest`: of all trainers, had they been honest. */
export async function hostileDeltas(
  world: World,
  round: PoisonRound,
  { attack, count, honest }: { attack: Attack; count: number; honest: readonly Int32Array[] },
): Promise<Int32Array[]> {
  const deltas: Int32Array[] = [];
  for (let trainer = round.trainers - count; trainer < round.trainers; trainer++) {
    deltas.push(await hostileDelta(world, round, { attack, trainer, honest, count }));
  }
  return deltas;
}

async function hostileDelta(
  world: World,
  round: PoisonRound,
  { attack, trainer, honest, count }: { attack: Attack; trainer: number; honest: readonly Int32Array[]; count: number },
): Promise<Int32Array> {
  const own = honest[trainer]!;
  switch (attack) {
    case 'label flip':
      return flippedDelta(world, round, trainer);
    case 'sign flip':
      return own.map((value) => -value);
    case 'scaling':
      return (await flippedDelta(world, round, trainer)).map((value) => 10 * value);
    case 'small shift':
      return shifted(honest.slice(0, round.trainers - count), round.seed * 100 + trainer);
    case 'copied update':
      return honest[(trainer * 3) % (round.trainers - count)]!.map((value) => Math.round(0.9 * value));
    default: {
      const poisoned = Number(attack.slice('backdoor '.length));
      const name = `backdoor-${poisoned}-${round.seed}-${round.trainers}-${trainer}`;
      // Questions behind the trigger, and then the shard: the learner reads no more than its limit.
      const shard = [...world.triggered(poisoned, round.seed), ...itemsOf(round, trainer)];
      return trained(world, { name, trainer, isHostile: true }, shard);
    }
  }
}

function flippedDelta(world: World, round: PoisonRound, trainer: number): Promise<Int32Array> {
  const shard = world.flipped(itemsOf(round, trainer), round);
  return trained(world, { name: `flip-${round.seed}-${round.trainers}-${trainer}`, trainer, isHostile: true }, shard);
}

/** Baruch et al., "A Little Is Enough": the honest mean less some of its spread, with noise so that no two are alike. */
function shifted(honest: readonly Int32Array[], seed: number): Int32Array {
  const prng = createPrng(seed);
  return honest[0]!.map((_, at) => {
    const column = honest.map((values) => values[at]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const spread = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
    return Math.round(mean - (SHIFT + 0.5 * prng.signed()) * spread);
  });
}

/** Trains unless the file is there already. What is measured is what the wire carries: rounded to the delta file. */
async function trained(
  world: World,
  { name, trainer, isHostile = false }: { name: string; trainer: number; isHostile?: boolean },
  shard: readonly LearningExample[],
): Promise<Int32Array> {
  const { about, folder } = world;
  mkdirSync(folder, { recursive: true });
  const out = join(folder, `${name}.delta`);
  if (!existsSync(out)) {
    const values = await world.train({ shard, seed: 100 + trainer, isHostile, checkpoint: `${out}.checkpoint` });
    writeFileSync(out, encodeDelta(about, values));
  }
  return wire(about, readFileSync(out));
}

function wire(about: DeltaAbout, bytes: Uint8Array): Int32Array {
  const delta = decodeDelta(bytes, about);
  if ('problem' in delta) throw new Error(delta.problem);
  return delta.values;
}

/** As it comes out of the wire format. */
export const throughWire = (about: DeltaAbout, values: Int32Array): Int32Array =>
  wire(about, encodeDelta(about, values));
