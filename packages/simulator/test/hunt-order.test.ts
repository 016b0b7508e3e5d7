/** The order of a hunt: every seed once, directed schedules early. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directedOf } from '../src/directed.ts';
import { huntOrder } from '../src/hunt-order.ts';

test('every seed stands in the order once, one of each directed schedule before the others', () => {
  const order = huntOrder({ first: 1, last: 150 });
  assert.deepEqual(
    order.toSorted((a, b) => a - b),
    Array.from({ length: 150 }, (_, index) => index + 1),
  );
  assert.equal(order[0], 1);
  const firstRandom = order.findIndex((seed, index) => index > 0 && directedOf(seed) === null);
  const early = order.slice(1, firstRandom).map(directedOf);
  assert.equal(new Set(early).size, early.length);
  const all = new Set(order.map(directedOf).filter((name) => name !== null && name !== 'farBehind'));
  assert.deepEqual(new Set(early), all);
  assert.deepEqual(huntOrder({ first: 7, last: 7 }), [7]);
});

test('the seed that a mutant names comes first, where the range has it; none is left out for it', () => {
  const range = { first: 1, last: 40 };
  const order = huntOrder(range);
  assert.deepEqual(huntOrder(range, 33), [33, ...order.filter((seed) => seed !== 33)]);
  assert.deepEqual(huntOrder(range, 41), order);
  assert.deepEqual(huntOrder(range, null), order);
});
