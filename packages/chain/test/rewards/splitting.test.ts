/** Splitting a node at equal capital never gains, to the nano. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, epochRewards, REWARD_SETTINGS, type RewardInput } from '../../src/index.ts';
import { epochs, expertOf, scorerOf } from './arbitrary-epochs.ts';

const production = epochs.map((input): RewardInput => ({ ...input, settings: REWARD_SETTINGS }));
/** Parts per mille at which the whole is cut; 1 to 15 cuts. */
const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 15 });

function cut(whole: bigint, at: readonly number[]): bigint[] {
  const edges = [0, ...[...at].sort((a, b) => a - b), 1000].map((edge) => (whole * BigInt(edge)) / 1000n);
  return edges.slice(1).map((edge, index) => edge - edges[index]!);
}

const partOf = (address: Address, part: number): Address => `${address}/${part}` as Address;

test('an expert whose clones get the same scores is paid no more than in one piece', () => {
  let splits = 0;
  fc.assert(
    fc.property(production, cuts, (input, at) => {
      const whole = input.experts[0];
      if (whole === undefined) return;
      splits += 1;
      const parts = cut(whole.collateral, at).map((collateral, part) => ({
        ...whole,
        collateral,
        expert: partOf(whole.expert, part),
      }));
      const split = epochRewards({
        ...input,
        experts: [...input.experts.slice(1), ...parts],
        tally: input.tally.flatMap((entry) =>
          entry.expert === whole.expert ? parts.map(({ expert }) => ({ ...entry, expert })) : [entry],
        ),
      });
      const sum = split.experts
        .filter(({ expert }) => expert.startsWith(`${whole.expert}/`))
        .reduce((all, { payment }) => all + payment, 0n);
      assert.ok(sum <= epochRewards(input).experts[0]!.payment);
    }),
    { numRuns: 1000 },
  );
  assert.ok(splits > 300, `${splits} splits`);
});

test('a scorer whose parts reveal the same scores is paid no more than in one piece', () => {
  let splits = 0;
  fc.assert(
    fc.property(production, cuts, (input, at) => {
      const whole = input.scorers[0];
      if (whole === undefined) return;
      splits += 1;
      const parts = cut(whole.stake, at).map((stake, part) => ({
        ...whole,
        stake,
        operator: partOf(whole.operator, part),
      }));
      const toParts = <T extends { readonly scorer: Address }>(entries: readonly T[]): T[] =>
        entries.flatMap((entry) =>
          entry.scorer === whole.operator ? parts.map(({ operator }) => ({ ...entry, scorer: operator })) : [entry],
        );
      const others = { ...input, experts: input.experts.filter(({ operator }) => operator !== whole.operator) };
      const split = epochRewards({
        ...others,
        scorers: [...input.scorers.slice(1), ...parts],
        tally: toParts(input.tally),
        bonds: toParts(input.bonds),
      });
      const sum = split.scorers
        .filter(({ operator }) => operator.startsWith(`${whole.operator}/`))
        .reduce((all, { payment }) => all + payment, 0n);
      assert.ok(sum <= epochRewards(others).scorers[0]!.payment);
    }),
    { numRuns: 1000 },
  );
  assert.ok(splits > 300, `${splits} splits`);
});

test('with plain sums of bonds a scorer could gain by splitting, which is why the chain weighs bonds by stake', () => {
  const stakes = [100n, 800n, ...Array.from({ length: 50 }, () => 2n)];
  const bondsOf = (index: number): readonly number[] => (index === 0 ? [900, 450] : index === 1 ? [900, 0] : [0, 450]);
  const income = (parts: number, columnShare: 'bonds' | 'stakedBonds'): bigint => {
    const identities = stakes.flatMap((stake, index) =>
      index > 0 ? [{ stake, index }] : Array.from({ length: parts }, () => ({ stake: stake / BigInt(parts), index })),
    );
    const name = (i: number) => `v${i}` as Address;
    const rewards = epochRewards({
      scorers: identities.map(({ stake }, i) => ({
        operator: name(i),
        stake,
        accuracy: 1_000_000,
        attendance: 1_000_000,
      })),
      experts: [0, 1].map((j) => ({ expert: expertOf(j), operator: scorerOf(j), cap: null, collateral: 1n })),
      tally: identities.flatMap((_, i) =>
        [0, 1].map((j) => ({ scorer: name(i), expert: expertOf(j), sum: 500_000, count: 1 })),
      ),
      bonds: identities.flatMap(({ index }, i) =>
        bondsOf(index).map((bond, j) => ({ scorer: name(i), expert: expertOf(j), bond: bond * 1_000_000 })),
      ),
      emission: 10n ** 15n,
      settings: { ...REWARD_SETTINGS, columnShare, alpha: 1_000 },
    });
    return identities.reduce((sum, { index }, i) => {
      const own = rewards.scorers.find(({ operator }) => operator === name(i))!;
      return index === 0 ? sum + own.payment : sum;
    }, 0n);
  };
  assert.ok(income(10, 'bonds') > income(1, 'bonds'));
  assert.ok(income(10, 'stakedBonds') <= income(1, 'stakedBonds'));
});
