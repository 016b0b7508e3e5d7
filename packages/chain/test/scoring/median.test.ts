/** The lower stake-weighted median (market §6.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lowerWeightedMedian } from '../../src/index.ts';

const of = (...pairs: readonly (readonly [number, bigint])[]) =>
  lowerWeightedMedian(pairs.map(([score, power]) => ({ score, power })));

test('by hand', () => {
  assert.equal(of(), null);
  assert.equal(of([7, 1n]), 7);
  assert.equal(of([1, 1n], [9, 1n]), 1, 'the lower of two');
  assert.equal(of([9, 1n], [1, 1n], [5, 1n]), 5);
  assert.equal(of([1, 1n], [2, 1n], [3, 1n], [4, 1n]), 2);
  assert.equal(of([0, 1n], [1_000_000, 3n]), 1_000_000, 'power counts, not heads');
  assert.equal(of([0, 3n], [1_000_000, 3n]), 0);
  assert.equal(of([5, 0n]), null);
});

test('less than half of the power cannot move it beyond what the others said', () => {
  const honest = fc.array(fc.nat(1_000_000), { minLength: 3, maxLength: 8 });
  fc.assert(
    fc.property(honest, fc.nat(1_000_000), (scores, wild) => {
      const liars = scores.slice(1).map(() => ({ score: wild, power: 1n }));
      const median = lowerWeightedMedian([...scores.map((score) => ({ score, power: 1n })), ...liars])!;
      assert.ok(median >= Math.min(...scores) && median <= Math.max(...scores));
    }),
  );
});
