/**
 * Who trains in a round and on what (spec: learning §4.2), recomputable by anybody from state and the round's seed. Owns the draw of
 * trainers and the deal of items.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawBelow } from '../crypto/index.ts';
import { listExperts, readExpert } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import type { Expert, Hash, Trainer, TrainingRound } from '../types/index.ts';
import { isLearning } from './learning-records.ts';

/** Up to `count` of the domain's active, learning experts, one of an operator, every operator alike; in the order of the draw. */
export function dealTrainers(view: StateView, domain: string, seed: Hash, count: number): readonly Trainer[] {
  const fit = listExperts(view, domain)
    .map((address) => readExpert(view, address)!)
    .filter(({ address, status }) => status === 'active' && isLearning(view, address));
  const operators = [...Map.groupBy(fit, ({ profile }) => profile.operator).values()];
  return shuffled(ownSeed('synod/trainers/1', seed), operators)
    .slice(0, count)
    .map((own, place) => trainerOf(own[Number(drawBelow(seed, place, BigInt(own.length)))]!));
}

function trainerOf({ address, profile, registeredAt }: Expert): Trainer {
  return { expert: address, operator: profile.operator, registeredAt, commitment: null, order: null, delta: null };
}

/**
 * Numbers of the feedback that a trainer is given, ascending: the items are shuffled by the round's seed, and item p goes to the
 * trainers (p + j) mod n for j < `shardCopies` of the round's rule. Trainers stand in the order of their draw, so they are shuffled already. Of n trainers at most
 * n − 1 are given an item, so that no two have the same shard: what they honestly make of one would be copies of each other.
 */
export function shardOf(
  { seed, items, trainers, rule }: Pick<TrainingRound, 'seed' | 'items' | 'trainers' | 'rule'>,
  trainer: number,
): readonly number[] {
  const count = trainers.length;
  const given = Math.min(rule.shardCopies, Math.max(1, count - 1));
  const isGiven = (place: number) => (trainer - (place % count) + count) % count < given;
  return shuffled(ownSeed('synod/shards/1', seed), items)
    .filter((_, place) => isGiven(place))
    .sort((a, b) => a - b);
}

function ownSeed(tag: string, seed: Hash): Hash {
  return taggedHash(tag, fromHex(seed));
}

/** Fisher and Yates, with one draw of the seed for each place. */
function shuffled<T>(seed: Hash, items: readonly T[]): T[] {
  const out = [...items];
  for (let place = out.length - 1; place > 0; place--) {
    const other = Number(drawBelow(seed, place, BigInt(place + 1)));
    [out[place], out[other]] = [out[other]!, out[place]!];
  }
  return out;
}
