/** Whether one version is behind another (learning §9.3). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_SCORES } from '../../src/learning/learning-records.ts';
import { isBehind, plusScore } from '../../src/learning/score-sums.ts';

const sumOf = (scores: readonly number[]) => scores.reduce(plusScore, NO_SCORES);
const alike = (count: number, score: number) => sumOf(Array.from({ length: count }, () => score));

test('a fall counts beyond the tolerance and two standard errors, with a deviation of 0.1 at least', () => {
  // Two times the root of 2 · 0.01 / 4 are 0.1414; with the tolerance 0.1914.
  assert.equal(isBehind(alike(4, 608_000), alike(4, 800_000), 50_000), true);
  assert.equal(isBehind(alike(4, 609_000), alike(4, 800_000), 50_000), false);
  assert.equal(isBehind(alike(100, 719_000), alike(100, 800_000), 50_000), true);
  assert.equal(isBehind(alike(100, 724_000), alike(100, 800_000), 50_000), false);
});

test('scores that scatter need more answers, and fewer than four say nothing', () => {
  const scattered = (count: number) =>
    sumOf(Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1_000_000 : 200_000)));
  assert.equal(isBehind(scattered(8), alike(8, 800_000), 50_000), false);
  assert.equal(isBehind(scattered(80), alike(80, 800_000), 50_000), true);
  assert.equal(isBehind(alike(3, 0), alike(100, 1_000_000), 0), false);
  assert.equal(isBehind(alike(100, 0), alike(3, 1_000_000), 0), false);
});

test('the same as in floats, whatever the scores', () => {
  const scores = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 4, maxLength: 60 });
  const moments = (list: readonly number[]) => {
    const mean = list.reduce((sum, one) => sum + one, 0) / list.length / 1e6;
    const squares = list.reduce((sum, one) => sum + (one / 1e6) ** 2, 0) / list.length;
    return { mean, error: Math.max(0.01, squares - mean * mean) / list.length };
  };
  fc.assert(
    fc.property(scores, scores, fc.integer({ min: 0, max: 200_000 }), (own, other, tolerance) => {
      const [a, b] = [moments(own), moments(other)];
      const margin = b.mean - a.mean - tolerance / 1e6 - 2 * Math.sqrt(a.error + b.error);
      fc.pre(Math.abs(margin) > 1e-4);
      assert.equal(isBehind(sumOf(own), sumOf(other), tolerance), margin > 0);
    }),
    { numRuns: 500 },
  );
});
