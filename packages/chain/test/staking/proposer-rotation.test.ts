/** Who proposes when (consensus §1.11, state §7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  advanceRotation as advance,
  type ChainParams,
  createValidatorRecord,
  defaultChainParams,
  proposerAt,
  type Validator,
  type ValidatorRecord,
} from '../../src/index.ts';
import { createValidators } from '../test-chain.ts';

const params = defaultChainParams({ absenceHeights: 10 });

function setOf(powers: readonly bigint[]): Validator[] {
  return createValidators(powers).map(({ address, consensus, vrf, power }) => ({
    operator: address,
    publicKey: consensus.publicKey,
    vrfKey: vrf.publicKey,
    power,
  }));
}

/** The next record when the proposer of `round` makes the block. */
function advanceRotation(
  record: ValidatorRecord,
  given: ChainParams,
  height: number,
  signers: ReadonlySet<number>,
  round = 0,
): ValidatorRecord {
  return advance(record, given, height, { proposer: proposerAt(record, given, height, round), signers });
}

/** Proposals by position over some heights, with those absent never signing. */
function tally(set: readonly Validator[], heights: number, absent: readonly number[] = []): number[] {
  let record: ValidatorRecord = createValidatorRecord(set);
  const counts = set.map(() => 0);
  const signers = new Set([...set.keys()].filter((index) => !absent.includes(index)));
  for (let height = 1; height <= heights; height += 1) {
    const proposer = proposerAt(record, params, height, 0);
    counts[set.findIndex(({ operator }) => operator === proposer)]! += 1;
    record = advanceRotation(record, params, height, signers);
  }
  return counts;
}

test('equal powers take turns, ties by address', () => {
  const set = setOf([5n, 5n, 5n, 5n]);
  const record = createValidatorRecord(set);
  const rounds = [0, 1, 2, 3, 4].map((round) => proposerAt(record, params, 1, round));
  assert.deepEqual(
    rounds,
    [0, 1, 2, 3, 0].map((index) => set[index]!.operator),
  );
});

test('turns are proportional to power', () => {
  const set = setOf([1n, 2n, 3n, 4n]);
  const counts = tally(set, 100);
  assert.deepEqual(
    counts,
    set.map(({ power }) => Number(power) * 10),
  );
});

test('round r of a height is whoever round 0 would be r heights later', () => {
  const set = setOf([7n, 1n, 3n]);
  let record = createValidatorRecord(set);
  const here = [0, 1, 2, 3, 4, 5].map((round) => proposerAt(record, params, 1, round));
  const later = here.map((_, step) => {
    const proposer = proposerAt(record, params, 1 + step, 0);
    record = advanceRotation(record, params, 1 + step, new Set([0, 1, 2]));
    return proposer;
  });
  assert.deepEqual(here, later);
});

test('consensus §1.11: an absent validator proposes an eighth as often, and in full again once it signs', () => {
  const set = setOf([16n, 16n, 16n, 16n]);
  const [absentee] = tally(set, 1000, [0]);
  // 2 of 50 effective power after the first 11 heights.
  assert.ok(absentee! >= 38 && absentee! <= 44, `${absentee}`);
  let record = createValidatorRecord(set);
  for (let height = 1; height <= 30; height += 1) record = advanceRotation(record, params, height, new Set([1, 2, 3]));
  record = advanceRotation(record, params, 31, new Set([0, 1, 2, 3]));
  assert.equal(record.rotation[0]!.lastSignedHeight, 30);
  const soon = new Set([0, 1, 2, 3, 4, 5, 6, 7].map((round) => proposerAt(record, params, 32, round)));
  assert.ok(soon.has(set[0]!.operator));
});

test('absence begins after exactly absenceHeights missed commits', () => {
  const set = setOf([8n, 8n]);
  const record = createValidatorRecord(set);
  const turns = (height: number): number =>
    Array.from({ length: 18 }, (_, round) => proposerAt(record, params, height, round)).filter(
      (who) => who === set[0]!.operator,
    ).length;
  const oneSigned = { ...record, rotation: [record.rotation[0]!, { ...record.rotation[1]!, lastSignedHeight: 100 }] };
  const shifted = (height: number): number =>
    Array.from({ length: 18 }, (_, round) => proposerAt(oneSigned, params, height, round)).filter(
      (who) => who === set[0]!.operator,
    ).length;
  assert.equal(turns(11), 9);
  assert.equal(shifted(11), 9);
  assert.equal(shifted(12), 2);
});

test('whatever the powers and absences: priorities stay in the window and everybody gets a turn', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt(1n, 1000n), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(63), { maxLength: 60 }),
      (powers, masks) => {
        let record = createValidatorRecord(setOf(powers));
        const total = powers.reduce((sum, power) => sum + power, 0n);
        for (const [step, mask] of masks.entries()) {
          const signers = new Set([...powers.keys()].filter((index) => (mask & (1 << index)) !== 0));
          record = advanceRotation(record, params, step + 1, signers);
          for (const { priority } of record.rotation) assert.ok(priority <= 3n * total && priority >= -3n * total);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('state §7.2: priorities are centred, and scaled into the window before a step', () => {
  const start = createValidatorRecord(setOf([10n, 10n]));
  const withPriorities = (first: bigint, second: bigint): ValidatorRecord => ({
    ...start,
    rotation: start.rotation.map((entry, index) => ({ ...entry, priority: index === 0 ? first : second })),
  });
  const after = (record: ValidatorRecord) =>
    advanceRotation(record, params, 1, new Set()).rotation.map(({ priority }) => priority);
  // Centred to 0 and 0, raised to 10 and 10, the first takes the turn.
  assert.deepEqual(after(withPriorities(100n, 100n)), [-10n, 10n]);
  // Spread 400 over a window of 40: divided by 10 to 30 and -10, centred by 10, raised by 10; the first pays 20.
  assert.deepEqual(after(withPriorities(300n, -100n)), [10n, -10n]);
});
