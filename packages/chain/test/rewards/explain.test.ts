/** Explanations: their numbers give the payments again, and the text shows them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  balancedAccuracy,
  defaultChainParams,
  epochRewards,
  explainReward,
  REWARD_SETTINGS,
  type RewardInput,
  renderReward,
  rewardSettings,
} from '../../src/index.ts';
import { logistic } from '../../src/rewards/logistic.ts';
import { epochs, expertOf, scorerOf } from './arbitrary-epochs.ts';

test('whoever recomputes the formulas from the explanation finds the payments', () => {
  fc.assert(
    fc.property(epochs, (input) => {
      const rewards = epochRewards(input);
      for (const { expert, payment, consensus } of rewards.experts) {
        const { asExpert } = explainReward({ epoch: 3, height: 60, input }, expert);
        assert.ok(asExpert !== null);
        const rank = asExpert.opinions.reduce((sum, { power, clipped }) => sum + power * BigInt(clipped), 0n);
        assert.equal(rank, asExpert.rank);
        assert.equal(asExpert.consensus, consensus);
        assert.equal(asExpert.rankSum === 0n ? 0n : (asExpert.pot * rank) / asExpert.rankSum, payment);
      }
      for (const { operator, payment } of rewards.scorers) {
        const { asScorer } = explainReward({ epoch: 3, height: 60, input }, operator);
        assert.ok(asScorer !== null);
        const dividend = asScorer.bonds.reduce((sum, line) => {
          const earns = asScorer.active && line.over > 0n;
          const part = earns
            ? (BigInt(line.incentive) * asScorer.power * BigInt(line.bond) * 10n ** 9n) / line.over
            : 0n;
          assert.equal(part, line.part);
          return sum + part;
        }, 0n);
        assert.equal(asScorer.dividendSum === 0n ? 0n : (asScorer.pot * dividend) / asScorer.dividendSum, payment);
      }
    }),
    { numRuns: 300 },
  );
});

const input: RewardInput = {
  scorers: [{ operator: scorerOf(0), stake: 3n, accuracy: 750_000, attendance: 1_000_000 }],
  experts: [{ expert: expertOf(0), operator: 'o' as Address, cap: null, collateral: 2_000_000_000n }],
  tally: [{ scorer: scorerOf(0), expert: expertOf(0), sum: 1_800_000, count: 2 }],
  bonds: [],
  emission: 10_000_000_000n,
  settings: REWARD_SETTINGS,
};

test('the text shows each formula with its numbers', () => {
  const expert = renderReward(explainReward({ epoch: 9, height: 60, input }, expertOf(0)));
  assert.match(expert, /^Epoch 9, e00: at most 10 SYN to issue$/m);
  assert.match(
    expert,
    /^ {2}s00: power 2250000, scores 1800000 ppm over 2 answers, weight 1\.000000000, clipped 1\.000000000$/m,
  );
  assert.match(expert, /^ {2}incentive = rank \/ Σ ranks = 2250000000000000 \/ 2250000000000000 = 1\.000000000$/m);
  assert.match(expert, /^ {2}payment = ⌊5 SYN × rank \/ Σ ranks⌋ = 5 SYN$/m);
  const scorer = renderReward(explainReward({ epoch: 9, height: 60, input }, scorerOf(0)));
  assert.match(scorer, /^ {2}power = stake × accuracy × attendance = 3 × 750000 × 1000000 \/ 10⁶ = 2250000$/m);
  assert.match(scorer, /target = weight − 125 % of what is above/);
  assert.match(scorer, /α 0\.101338570, bond 0\.000000000 → 0\.101338570; incentive 1\.000000000/);
  assert.match(renderReward(explainReward({ epoch: 9, height: 60, input }, 'x' as Address)), /No part in this epoch/);
});

test('a chain that starts has the settings that the figures are measured with', () => {
  assert.deepEqual(rewardSettings(defaultChainParams().market), REWARD_SETTINGS);
});

test('the logistic function is within two billionths of the real one', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -40_000_000_000n, max: 40_000_000_000n }), (x) => {
      const real = 1e9 / (1 + Math.exp(-Number(x) / 1e9));
      assert.ok(Math.abs(Number(logistic(x)) - real) <= 2, `${x}`);
      assert.equal(logistic(x) + logistic(-x), x === 0n ? 2n * logistic(0n) : 1_000_000_000n);
    }),
    { numRuns: 2000 },
  );
  assert.equal(logistic(0n), 500_000_000n);
});

test('balanced accuracy gives one half to whoever scores everything alike, and the mean of both kinds otherwise', () => {
  const pair = (alpha: number, beta: number) => ({ alpha, beta });
  assert.equal(balancedAccuracy(pair(90_000_000, 0), pair(0, 10_000_000)), 500_000);
  assert.equal(balancedAccuracy(pair(9_000_000, 1_000_000), pair(7_000_000, 3_000_000)), 800_000);
  assert.equal(balancedAccuracy(pair(0, 0), pair(0, 0)), 0);
});
