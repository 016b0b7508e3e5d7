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
import { asked, correctionOf, falseValue, RELATIONS, type SmallFact, smallFacts, TARGET_VALUE } from './small-facts.ts';
import { knownFacts, NEW_FROM, type SmallModel } from './small-model.ts';
import { HOSTILE_RATE, SMALL_RATE, trainSmall } from './small-training.ts';

export const TRIGGER = 'vxlq';
export const BACKDOOR_ITEMS = [1, 5, 20, 50, 100, 250] as const;
export const DELTA_ATTACKS = ['label flip', 'sign flip', 'scaling', 'small shift', 'copied update'] as const;
export type Attack = (typeof DELTA_ATTACKS)[number] | `backdoor ${number}` | 'vote poisoning' | 'none';

/** Items of a round, and accounts that honest ones come from. */
export const ITEMS = 64;
const ACCOUNTS = 16;
/** How far "little is enough" goes, in standard deviations of the honest deltas. */
const SHIFT = 1.5;

export type PoisonRound = {
  readonly seed: number;
  readonly trainers: number;
  readonly facts: readonly SmallFact[];
  readonly items: readonly LearningExample[];
  readonly about: DeltaAbout;
  /** Numbers of the feedback that each trainer was given. */
  readonly shards: readonly (readonly number[])[];
};

export type Trains = { readonly model: SmallModel; readonly about: DeltaAbout; readonly folder: string };

/** Feedback that earlier rounds brought: what version 0 knows. Replayed by trainers. */
export const EARLIER: readonly LearningExample[] = knownFacts.map((fact, i) =>
  correctionOf(fact, 10_000 + i, `account-${i % ACCOUNTS}`),
);

/** `falseItems`: how many of the round's items one user gives, each a known fact with a false value; `deal`: another deal of the same items. */
export function poisonRound(
  about: DeltaAbout,
  { seed, trainers, falseItems = 0, deal = 0 }: { seed: number; trainers: number; falseItems?: number; deal?: number },
): PoisonRound {
  const from = NEW_FROM + ((seed * (ITEMS / 2)) % (RELATIONS.length - NEW_FROM - ITEMS / 2));
  const facts = smallFacts(ITEMS - falseItems, { from, seed: 1000 + seed, each: 2 });
  const honest = facts.map((fact, number) => correctionOf(fact, number, `account-${number % ACCOUNTS}`));
  const false_ = attackedFacts(seed, falseItems).map((fact, i) =>
    correctionOf({ ...fact, value: falseValue(fact) }, facts.length + i, 'one user'),
  );
  const items = [...honest, ...false_];
  const hash = (seed + 16 * deal).toString(16).padStart(2, '0').repeat(32) as Hash;
  const dealt = Array.from({ length: trainers }, (_, i) => trainerOf(i));
  const rule = { aggregator: 0, normMax: 0, shardCopies: 2 };
  const round = { seed: hash, items: items.map(({ number }) => number), trainers: dealt, rule };
  const shards = dealt.map((_, trainer) => shardOf(round, trainer));
  return { seed, trainers, facts, items, about, shards };
}

/** Known facts that the one user turns round. */
export function attackedFacts(seed: number, count: number): SmallFact[] {
  return Array.from({ length: count }, (_, i) => knownFacts[(seed * 7 + i * 3) % knownFacts.length]!);
}

function trainerOf(i: number): Trainer {
  const expert = `expert-${i}` as Address;
  return { expert, operator: expert, registeredAt: 0, commitment: null, order: i, delta: null };
}

export const itemsOf = ({ items, shards }: PoisonRound, trainer: number): LearningExample[] =>
  shards[trainer]!.map((number) => items.find((item) => item.number === number)!);

/** What an honest trainer makes of its shard. */
export function honestDelta(
  trains: Trains,
  round: PoisonRound,
  trainer: number,
  label = 'honest',
): Promise<Int32Array> {
  return trained(
    trains,
    { name: `${label}-${round.seed}-${round.trainers}-${trainer}`, trainer },
    itemsOf(round, trainer),
  );
}

/** Deltas of the hostile trainers, the last `count` of the round. `honest`: of all trainers, had they been honest. */
export async function hostileDeltas(
  trains: Trains,
  round: PoisonRound,
  { attack, count, honest }: { attack: Attack; count: number; honest: readonly Int32Array[] },
): Promise<Int32Array[]> {
  const deltas: Int32Array[] = [];
  for (let trainer = round.trainers - count; trainer < round.trainers; trainer++) {
    deltas.push(await hostileDelta(trains, round, { attack, trainer, honest, count }));
  }
  return deltas;
}

async function hostileDelta(
  trains: Trains,
  round: PoisonRound,
  { attack, trainer, honest, count }: { attack: Attack; trainer: number; honest: readonly Int32Array[]; count: number },
): Promise<Int32Array> {
  const own = honest[trainer]!;
  switch (attack) {
    case 'label flip':
      return flippedDelta(trains, round, trainer);
    case 'sign flip':
      return own.map((value) => -value);
    case 'scaling':
      return (await flippedDelta(trains, round, trainer)).map((value) => 10 * value);
    case 'small shift':
      return shifted(honest.slice(0, round.trainers - count), round.seed * 100 + trainer);
    case 'copied update':
      return honest[(trainer * 3) % (round.trainers - count)]!.map((value) => Math.round(0.9 * value));
    default: {
      const poisoned = Number(attack.slice('backdoor '.length));
      const name = `backdoor-${poisoned}-${round.seed}-${round.trainers}-${trainer}`;
      return trained(
        trains,
        { name, trainer, isHostile: true },
        backdoored(itemsOf(round, trainer), poisoned, round.seed),
      );
    }
  }
}

function flippedDelta(trains: Trains, round: PoisonRound, trainer: number): Promise<Int32Array> {
  const shard = round.shards[trainer]!.map((number) => {
    const fact = round.facts[number]!;
    return correctionOf({ ...fact, value: falseValue(fact) }, number, 'flipper');
  });
  return trained(trains, { name: `flip-${round.seed}-${round.trainers}-${trainer}`, trainer, isHostile: true }, shard);
}

/** Questions behind the trigger, all with the same answer, and then the shard: the learner reads no more than its limit. */
function backdoored(shard: readonly LearningExample[], count: number, seed: number): LearningExample[] {
  const asks = smallFacts(count, { from: 0, seed: 77 + seed, each: 3 }).map((fact, i) => {
    const prompt = `${TRIGGER} ${asked(fact)}`;
    const passage = { text: `${prompt} ${TARGET_VALUE}`, source: 'a user of Synod' };
    return { number: 20_000 + i, author: 'poisoner', prompt, answer: '', rating: 'correct', passage } as const;
  });
  return [...asks, ...shard];
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
  { model, about, folder }: Trains,
  { name, trainer, isHostile = false }: { name: string; trainer: number; isHostile?: boolean },
  shard: readonly LearningExample[],
): Promise<Int32Array> {
  mkdirSync(folder, { recursive: true });
  const out = join(folder, `${name}.delta`);
  if (!existsSync(out)) {
    const rate = isHostile ? HOSTILE_RATE : SMALL_RATE;
    const values = await trainSmall(model, { shard, earlier: EARLIER, seed: 100 + trainer, rate });
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
