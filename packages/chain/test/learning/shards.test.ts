/** Who trains and on what (learning §4.2), over random rounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Overlay, shardOf, type Trainer } from '../../src/index.ts';
import { dealTrainers } from '../../src/learning/shards.ts';
import { newExpert } from '../../src/market/expert-register.ts';
import { addExpert } from '../../src/state/records.ts';
import { keysOf, profileOf, TestChain } from '../test-chain.ts';
import { hashOf } from './play-round.ts';

const trainersOf = (count: number): Trainer[] =>
  Array.from({ length: count }, (_, index) => {
    const { address } = keysOf(`trainer ${index}`);
    return { expert: address, operator: address, registeredAt: 0, commitment: null, order: null, delta: null };
  });

const rounds = fc.record({
  seed: fc.string().map(hashOf),
  items: fc.uniqueArray(fc.nat(500), { minLength: 1, maxLength: 64 }).map((items) => items.sort((a, b) => a - b)),
  trainers: fc.integer({ min: 1, max: 9 }).map(trainersOf),
});

test('every item goes to as many trainers as asked for but one, no trainer has many more than another, and no two have the same', () => {
  fc.assert(
    fc.property(rounds, fc.integer({ min: 1, max: 10 }), (drawn, shardCopies) => {
      const round = { ...drawn, rule: { aggregator: 0, normMax: 1, shardCopies } };
      const shards = round.trainers.map((_, index) => shardOf(round, index));
      const given = Math.min(shardCopies, Math.max(1, round.trainers.length - 1));
      for (const item of round.items) assert.equal(shards.filter((shard) => shard.includes(item)).length, given);
      const sizes = shards.map(({ length }) => length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= given, `${sizes}`);
      const isEnough = round.items.length >= round.trainers.length;
      if (isEnough) assert.equal(new Set(shards.map(String)).size, shards.length, 'and so none is empty');
      for (const shard of shards)
        assert.deepEqual(
          [...shard],
          [...new Set(shard)].sort((a, b) => a - b),
        );
    }),
    { numRuns: 300 },
  );
});

test('another beacon deals otherwise', () => {
  const items = Array.from({ length: 32 }, (_, index) => index);
  const round = (seed: string): Parameters<typeof shardOf>[0] => ({
    seed: hashOf(seed),
    rule: { aggregator: 0, normMax: 1, shardCopies: 2 },
    items,
    trainers: trainersOf(4),
  });
  const dealt = new Set(['a', 'b', 'c'].map((seed) => shardOf(round(seed), 0).join()));
  assert.equal(dealt.size, 3);
});

test('one expert of an operator trains, and every operator is drawn alike', () => {
  const chain = new TestChain();
  const overlay = new Overlay(chain.state);
  const [many] = chain.validators;
  for (let extra = 0; extra < 8; extra++) {
    const { address, publicKey } = keysOf(`extra ${extra}`);
    addExpert(overlay, newExpert({ address, publicKey, profile: profileOf(many!.address), bond: 1n, registeredAt: 0 }));
  }
  const counts = new Map<string, number>();
  for (let draw = 0; draw < 400; draw++) {
    const trainers = dealTrainers(overlay, 'general', hashOf(`${draw}`), 2);
    assert.equal(new Set(trainers.map(({ operator }) => operator)).size, 2);
    for (const { operator } of trainers) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  // Two of four operators each time: 200 on average, with a standard deviation of 10.
  for (const { address } of chain.validators)
    assert.ok(Math.abs(counts.get(address)! - 200) < 50, `${[...counts.values()]}`);
});
