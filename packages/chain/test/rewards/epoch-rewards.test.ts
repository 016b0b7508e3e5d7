/** Rewards of random epochs: what holds for all of them. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, epochRewards, REWARD_SETTINGS, type RewardInput } from '../../src/index.ts';
import { epochs, expertOf, scorerOf } from './arbitrary-epochs.ts';

/** Three scorers that gave two experts the same means, by default 0.8 and 0.4 over ten answers each. */
function simpleEpoch(change: Partial<RewardInput> = {}): RewardInput {
  return {
    scorers: [0, 1, 2].map((i) => ({ operator: scorerOf(i), stake: 100n, accuracy: 800_000, attendance: 1_000_000 })),
    experts: [0, 1].map((j) => ({
      expert: expertOf(j),
      operator: `o${j}` as Address,
      cap: null,
      collateral: 10n ** 12n,
    })),
    tally: [0, 1, 2].flatMap((i) =>
      [8_000_000, 4_000_000].map((sum, j) => ({ scorer: scorerOf(i), expert: expertOf(j), sum, count: 10 })),
    ),
    bonds: [],
    emission: 1_200n,
    settings: REWARD_SETTINGS,
    ...change,
  };
}

test('pays two thirds of the experts’ half to the expert with twice the score, and the scorers’ half by stake', () => {
  const { experts, scorers, paid } = epochRewards(simpleEpoch());
  assert.deepEqual(
    experts.map(({ payment }) => payment),
    [400n, 200n],
  );
  assert.deepEqual(
    scorers.map(({ payment }) => payment),
    [200n, 200n, 200n],
  );
  assert.equal(paid, 1_200n);
});

test('never pays more than the emission, and all but a nano a payee when anybody is paid', () => {
  fc.assert(
    fc.property(epochs, (input) => {
      const { experts, scorers, paid } = epochRewards(input);
      const payments = [...experts, ...scorers].map(({ payment }) => payment);
      assert.ok(payments.every((payment) => payment >= 0n));
      assert.equal(
        payments.reduce((sum, payment) => sum + payment, 0n),
        paid,
      );
      assert.ok(paid <= input.emission);
      const half = input.emission / 2n;
      for (const list of [experts, scorers]) {
        const sum = list.reduce((all, { payment }) => all + payment, 0n);
        assert.ok(sum === 0n || sum > half - BigInt(list.length), `${sum} of ${half}`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('does not depend on the order of its lists', () => {
  const shuffled = epochs.chain((input) =>
    fc.record({
      input: fc.constant(input),
      scorers: fc.shuffledSubarray([...input.scorers], { minLength: input.scorers.length }),
      experts: fc.shuffledSubarray([...input.experts], { minLength: input.experts.length }),
      tally: fc.shuffledSubarray([...input.tally], { minLength: input.tally.length }),
      bonds: fc.shuffledSubarray([...input.bonds], { minLength: input.bonds.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ input, ...lists }) => {
      assert.deepEqual(epochRewards({ ...input, ...lists }), epochRewards(input));
    }),
    { numRuns: 300 },
  );
});

test('computes with integers only', () => {
  fc.assert(
    fc.property(epochs, (input) => {
      const { experts, scorers, bonds } = epochRewards(input);
      const numbers = [
        ...experts.flatMap(({ consensus, incentive }) => [consensus, incentive]),
        ...scorers.map(({ dividend }) => dividend),
        ...bonds.map(({ bond }) => bond),
      ];
      assert.ok(numbers.every((value) => Number.isInteger(value) && value >= 0 && value <= 1_000_000_000));
    }),
    { numRuns: 300 },
  );
  const folder = resolve(import.meta.dirname, '../../src/rewards');
  for (const path of globSync('*.ts', { cwd: folder })) {
    const code = readFileSync(resolve(folder, path), 'utf8').replace(/\/\*\*[\s\S]*?\*\/|\/\/.*|'[^']*'|`[^`]*`/g, '');
    assert.doesNotMatch(code, /\bMath\.|\d\.\d|parseFloat|\*\*/, path);
  }
});

test('scores of a scorer for experts of its own operator, and of strangers, count for nothing', () => {
  fc.assert(
    fc.property(epochs, fc.nat({ max: 1_000_000 }), (input, mean) => {
      const own = input.experts.map(({ expert, operator }) => ({ scorer: operator, expert, sum: mean * 3, count: 3 }));
      const strange = [{ scorer: 'nobody' as Address, expert: expertOf(0), sum: mean, count: 1 }];
      assert.deepEqual(
        epochRewards({ ...input, tally: [...input.tally, ...own, ...strange] }),
        epochRewards({ ...input, tally: input.tally }),
      );
    }),
    { numRuns: 300 },
  );
});

test('an expert that is itself the scorer is masked too', () => {
  const input = simpleEpoch({
    scorers: [{ operator: expertOf(0), stake: 100n, accuracy: 800_000, attendance: 1_000_000 }],
  });
  const tally = [{ scorer: expertOf(0), expert: expertOf(0), sum: 1_000_000, count: 1 }];
  assert.equal(epochRewards({ ...input, tally }).paid, 0n);
});

test('a masked scorer neither supports nor opposes its expert', () => {
  const [, ...others] = simpleEpoch().scorers;
  const input = simpleEpoch({
    scorers: [{ operator: scorerOf(0), stake: 1_000n, accuracy: 800_000, attendance: 1_000_000 }, ...others],
    experts: [
      { expert: expertOf(0), operator: scorerOf(0), cap: null, collateral: 10n ** 12n },
      { expert: expertOf(1), operator: 'o1' as Address, cap: null, collateral: 10n ** 12n },
    ],
  });
  assert.ok(epochRewards(input).experts[0]!.payment > 0n, 'five sixths of the power may not score it');
});

test('a scorer without a row gets no dividends and keeps what is left of its bonds', () => {
  const bonds = [0, 1, 2].map((i) => ({ scorer: scorerOf(i), expert: expertOf(0), bond: 400_000_000 }));
  const { tally } = simpleEpoch();
  const rewards = epochRewards(simpleEpoch({ bonds, tally: tally.filter(({ scorer }) => scorer !== scorerOf(2)) }));
  assert.deepEqual(
    rewards.scorers.map(({ payment }) => payment > 0n),
    [true, true, false],
  );
  const left = rewards.bonds.find(({ scorer }) => scorer === scorerOf(2));
  assert.ok(left !== undefined && left.bond > 0 && left.bond < 400_000_000);
});

test('half of the power is not enough to support a weight', () => {
  const scorers = [0, 1].map((i) => ({ operator: scorerOf(i), stake: 100n, accuracy: 800_000, attendance: 1_000_000 }));
  const tally = [0, 1].map((i) => ({ scorer: scorerOf(i), expert: expertOf(i), sum: 1_000_000, count: 1 }));
  const split = epochRewards(simpleEpoch({ scorers, tally }));
  assert.deepEqual(
    split.experts.map(({ consensus }) => consensus),
    [0, 0],
  );
  assert.equal(split.paid, 0n);
});

test('nobody is paid without stake, accuracy, scorers, experts, scores or emission', () => {
  const { scorers, tally, experts } = simpleEpoch();
  const empty: Partial<RewardInput>[] = [
    { scorers: [] },
    { experts: [] },
    { tally: [] },
    { emission: 0n },
    { scorers: scorers.map((scorer) => ({ ...scorer, stake: 0n })) },
    { scorers: scorers.map((scorer) => ({ ...scorer, accuracy: 0 })) },
    { tally: tally.map((entry) => ({ ...entry, sum: 0 })) },
    { tally: tally.map((entry) => ({ ...entry, count: 0 })), settings: { ...REWARD_SETTINGS, priorAnswers: 0 } },
    { experts: experts.map((expert) => ({ ...expert, collateral: 0n })) },
  ];
  for (const change of empty) assert.equal(epochRewards(simpleEpoch(change)).paid, 0n);
});

test('refuses an input that names a scorer or an expert twice', () => {
  const { scorers, experts } = simpleEpoch();
  assert.throws(() => epochRewards(simpleEpoch({ scorers: [...scorers, scorers[0]!] })), /s00 is twice/);
  assert.throws(() => epochRewards(simpleEpoch({ experts: [...experts, experts[1]!] })), /e01 is twice/);
});

test('bonds of those who left are dropped, and of an expert without scores they fade to nothing', () => {
  let bonds = [0, 1].flatMap((i) => [
    { scorer: scorerOf(i), expert: expertOf(7), bond: 500_000_000 },
    { scorer: scorerOf(i), expert: expertOf(1), bond: 500_000_000 },
  ]);
  for (let epoch = 0; epoch < 250; epoch++) bonds = [...epochRewards(simpleEpoch({ bonds, tally: [] })).bonds];
  assert.deepEqual(bonds, []);
});

test('an epoch of 256 scorers and 256 experts takes less than ten seconds of processor time', () => {
  const everybody = Array.from({ length: 256 }, (_, i) => i);
  const name = (kind: string, i: number) => `${kind}${String(i).padStart(3, '0')}` as Address;
  const pairs = everybody.flatMap((i) => everybody.map((j) => ({ i, j, scorer: name('s', i), expert: name('e', j) })));
  const input = simpleEpoch({
    scorers: everybody.map((i) => ({
      operator: name('s', i),
      stake: BigInt(1 + i),
      accuracy: 900_000,
      attendance: 1_000_000,
    })),
    experts: everybody.map((j) => ({
      expert: name('e', j),
      operator: name('o', j),
      cap: null,
      collateral: 10n ** 12n,
    })),
    tally: pairs.map(({ i, j, ...pair }) => ({ ...pair, sum: ((i * 7 + j * 13) % 11) * 90_000, count: 1 })),
    bonds: pairs.map(({ i, j, ...pair }) => ({ ...pair, bond: ((i * 5 + j * 3) % 17) * 1_000_000 })),
    emission: 10n ** 15n,
  });
  const before = process.cpuUsage().user;
  assert.ok(epochRewards(input).paid > 0n);
  assert.ok(process.cpuUsage().user - before < 10_000_000);
});

test('rewards §10.2: a cap takes what is above it from that expert alone, and it is not issued', () => {
  fc.assert(
    fc.property(epochs, fc.array(fc.option(fc.bigInt({ min: 0n, max: 10n ** 9n }), { nil: null })), (input, caps) => {
      const free = epochRewards(input);
      const experts = input.experts.map((expert, at) => ({ ...expert, cap: caps[at] ?? null }));
      const capOf = new Map(experts.map(({ expert, cap }) => [expert, cap]));
      const capped = epochRewards({ ...input, experts });
      assert.deepEqual(capped.scorers, free.scorers);
      for (const [at, { expert, payment }] of capped.experts.entries()) {
        const cap = capOf.get(expert) ?? null;
        const due = free.experts[at]!.payment;
        assert.equal(payment, cap !== null && cap < due ? cap : due);
      }
      const kept = free.experts.reduce((sum, { payment }, at) => sum + payment - capped.experts[at]!.payment, 0n);
      assert.equal(capped.paid, free.paid - kept);
    }),
  );
});
