/** What one height may change of a validator set (consensus §1.14, staking §4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyUpdates, changeMax, totalPowerOf, updatesTowards, type Validator } from '../../src/index.ts';
import { testValidator } from '../test-chain.ts';

const people = ['a', 'b', 'c', 'd', 'e', 'f']
  .map((name) => testValidator(name, 0n))
  .sort((a, b) => (a.address < b.address ? -1 : 1));

function member(index: number, power: bigint): Validator {
  const { address, consensus, vrf } = people[index]!;
  return { operator: address, publicKey: consensus.publicKey, vrfKey: vrf.publicKey, power };
}

function powers(set: readonly Validator[]): (number | bigint)[][] {
  return set.map(({ operator, power }) => [people.findIndex(({ address }) => address === operator), power]);
}

const SIZE_MAX = 5;

test('staking §4.4: what fits into a third is made at once', () => {
  const set = [member(0, 10n), member(1, 10n), member(2, 10n)];
  const done = applyUpdates(set, [member(3, 10n)], SIZE_MAX);
  assert.deepEqual(powers(done.set), [
    [0, 10n],
    [1, 10n],
    [2, 10n],
    [3, 10n],
  ]);
  assert.deepEqual(done.waiting, []);
});

test('staking §4.4: more than a third is made in parts, half of it kept for rising powers', () => {
  let set: readonly Validator[] = [member(0, 10n), member(1, 10n), member(2, 10n)];
  let waiting: readonly Validator[] = [member(1, 25n), member(2, 4n)];
  const steps = [0, 1, 2, 3].map(() => {
    ({ set, waiting } = applyUpdates(set, waiting, SIZE_MAX));
    return set.map(({ power }) => Number(power));
  });
  assert.deepEqual(steps, [
    [10, 15, 5],
    [10, 24, 4],
    [10, 25, 4],
    [10, 25, 4],
  ]);
  assert.deepEqual(waiting, []);
});

test('staking §4.4: who stays is never much heavier than before or after, however many leave at once', () => {
  for (const whole of [1_000n, 10n, 2n]) {
    let set: readonly Validator[] = [member(0, whole), member(1, whole), member(2, 1n)];
    let waiting = updatesTowards(set, [member(2, 1n), member(3, whole), member(4, whole)]);
    for (let height = 0; waiting.length > 0; height += 1) {
      ({ set, waiting } = { ...applyUpdates(set, waiting, SIZE_MAX) } as { set: typeof set; waiting: typeof waiting });
      assert.ok(height < 16, `${height} heights`);
      assert.ok(10n * totalPowerOf(set) >= 9n * (2n * whole + 1n), `${totalPowerOf(set)} of ${2n * whole + 1n}`);
    }
  }
});

test('staking §4.4: a set is never emptied: the last one stays and its end waits', () => {
  let set: readonly Validator[] = [member(0, 2n), member(1, 2n)];
  let waiting: readonly Validator[] = [member(0, 0n), member(1, 0n)];
  for (let height = 0; height < 20; height += 1) ({ set, waiting } = applyUpdates(set, waiting, SIZE_MAX));
  assert.deepEqual(powers(set), [[1, 1n]]);
  assert.deepEqual(powers(waiting), [[1, 0n]]);
});

test('staking §4.4: newcomers wait while the set is full, and power never overflows', () => {
  const full = [0, 1, 2, 3, 4].map((index) => member(index, 10n));
  const crowded = applyUpdates(full, [member(5, 1n)], SIZE_MAX);
  assert.equal(crowded.set.length, 5);
  assert.deepEqual(powers(crowded.waiting), [[5, 1n]]);
  const most = 1n << 60n;
  const heavy = applyUpdates([member(0, most - 5n)], [member(1, 9n)], SIZE_MAX);
  assert.deepEqual(powers(heavy.set), [
    [0, most - 5n],
    [1, 5n],
  ]);
  assert.deepEqual(powers(heavy.waiting), [[1, 9n]]);
});

test('whatever is wanted: each height changes at most a third, the order holds, and the set gets there', () => {
  const anySet = fc
    .tuple(...people.map(() => fc.option(fc.bigInt(1n, 1000n), { nil: null })))
    .map((all) => all.flatMap((power, index) => (power === null ? [] : [member(index, power)])))
    .filter((set) => set.length > 0);
  fc.assert(
    fc.property(anySet, anySet, (start, wanted) => {
      let set: readonly Validator[] = start;
      let waiting: readonly Validator[] = updatesTowards(start, wanted);
      for (let height = 0; height < 64 && waiting.length > 0; height += 1) {
        const next = applyUpdates(set, waiting, people.length);
        const before = new Map(set.map(({ operator, power }) => [operator, power]));
        const after = new Map(next.set.map(({ operator, power }) => [operator, power]));
        const change = people.reduce((sum, { address }) => {
          const by = (after.get(address) ?? 0n) - (before.get(address) ?? 0n);
          return sum + (by < 0n ? -by : by);
        }, 0n);
        assert.ok(change <= changeMax(set));
        assert.ok(totalPowerOf(set) < 3n || 3n * change <= totalPowerOf(set));
        assert.ok(next.set.length > 0 && next.set.every(({ power }) => power > 0n));
        ({ set, waiting } = next);
      }
      assert.deepEqual(set, wanted);
    }),
    { numRuns: 200 },
  );
});
