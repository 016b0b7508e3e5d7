/** The Beta reputation: fading, uncertainty, explanation (market §8). Observation by hand is in settlement.test.ts and outcomes.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  defaultChainParams,
  explainReputation,
  fadeReputation,
  type Reputation,
  reputationDeviation,
  reputationMean,
  updateReputation,
} from '../../src/index.ts';
import { powerOf, squareRoot } from '../../src/market/whole-numbers.ts';
import { addressOfExpert, Urn } from './urn.ts';

const M = 1_000_000;
const params = defaultChainParams({
  reputationForgetting: 900_000,
  market: { idleHeights: 100, idleForgetting: 800_000 },
});
const known: Reputation = { alpha: 6 * M, beta: M / 2, answers: 9, updatedAt: 50 };

test('market §8.3: mean and deviation by hand', () => {
  assert.equal(reputationMean({ alpha: 2 * M, beta: M }), 666_666);
  // √(2 / (9 · 4)) and √(90 / (361 · 20)).
  assert.equal(reputationDeviation({ alpha: 2 * M, beta: M }), 235_702);
  assert.equal(reputationDeviation({ alpha: 9 * M, beta: 10 * M }), 111_648);
});

test('market §8.3: α + β stays below 1 / (1 − γ) once it is', () => {
  let reputation: Reputation = { alpha: M, beta: M, answers: 0, updatedAt: 0 };
  for (let height = 1; height <= 300; height++) {
    reputation = updateReputation(reputation, 700_000, 1, params);
    assert.ok(reputation.alpha + reputation.beta <= 10 * M);
  }
  assert.ok(reputation.alpha + reputation.beta > 9.99 * M);
  assert.ok(reputationDeviation(reputation) > 100_000);
});

test('market §8.4: every full idle spell takes what lies beyond the prior nearer to it', () => {
  const at = (height: number) => fadeReputation(known, height, params.market);
  assert.deepEqual(at(149), known, 'no full spell');
  assert.deepEqual([at(150).alpha, at(150).beta], [5 * M, 600_000]);
  assert.deepEqual([at(250).alpha, at(250).beta], [4_200_000, 680_000]);
  // 0.8³ = 0.512.
  assert.deepEqual([at(399).alpha, at(399).beta], [3_560_000, 744_000]);
  assert.deepEqual([at(10_000_000).alpha, at(10_000_000).beta], [M, M], 'in the end nothing is known');
  assert.deepEqual([at(150).answers, at(150).updatedAt], [9, 50]);
  assert.deepEqual(at(0), known, 'a height before says nothing');
});

test('market §8.4: an observation is added to what is left', () => {
  const after = updateReputation(known, 500_000, 160, params);
  assert.deepEqual(after, { alpha: 5_000_000, beta: 1_040_000, answers: 10, updatedAt: 160 });
});

test('market §8.4: fading is towards the prior, never past it', () => {
  const value = fc.integer({ min: 0, max: 1000 * M });
  fc.assert(
    fc.property(value, value, fc.nat(1_000_000), (alpha, beta, height) => {
      const faded = fadeReputation({ alpha, beta, answers: 1, updatedAt: 0 }, height, params.market);
      for (const [before, now] of [
        [alpha, faded.alpha],
        [beta, faded.beta],
      ] as const) {
        assert.ok(now >= Math.min(before, M) && now <= Math.max(before, M));
      }
    }),
  );
});

test('market §8.6: the explanation has every number, and its formula is right in words', () => {
  const urn = new Urn([{ name: 'a', reputation: known }], params).at(250);
  const explained = explainReputation(urn.state, addressOfExpert('a'), 'general', 250)!;
  assert.deepEqual(explained.stored, known);
  assert.deepEqual([explained.idleSpells, explained.remains], [2, 640_000]);
  assert.deepEqual([explained.now.alpha, explained.now.beta], [4_200_000, 680_000]);
  assert.deepEqual([explained.mean, explained.deviation], [860_655, 142_813]);
  assert.deepEqual(explained.formula.split('\n'), [
    'an answer with score y makes α ← 0.900000 α + y, β ← 0.900000 β + (1 − y)',
    'stored at 50 after 9 answers: α = 6.000000, β = 0.500000',
    'idle for 2 × 100 heights: α = 1 + 0.800000^2 (6.000000 − 1) = 4.200000, β likewise = 0.680000',
    'mean = α / (α + β) = 4.200000 / (4.200000 + 0.680000) = 0.860655',
    'deviation = √(αβ / ((α + β)² (α + β + 1))) = 0.142813',
  ]);
  assert.equal(explainReputation(urn.state, addressOfExpert('nobody'), 'general', 250), null);
});

test('roots and powers are those of whole numbers', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 1n << 200n), (value) => {
      const root = squareRoot(value);
      assert.ok(root * root <= value && (root + 1n) * (root + 1n) > value);
    }),
  );
  assert.deepEqual(
    [0, 1, 2, 5].map((exponent) => powerOf(3n, exponent, 1n)),
    [1n, 3n, 9n, 243n],
  );
  assert.equal(powerOf(500n, 3, 1000n), 125n);
});
