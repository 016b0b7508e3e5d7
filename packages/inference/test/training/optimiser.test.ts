import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ADAM_DEFAULTS, applyAdam, createOptimiser } from '../../src/training/optimiser.ts';
import { learningRate, stepExamples } from '../../src/training/schedule.ts';

const factors = (...qB: number[]) => ({
  qA: Float32Array.of(9),
  vA: Float32Array.of(9),
  qB: Float32Array.from(qB),
  vB: Float32Array.of(0),
});
const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} ${expected}`);

test('the first step moves by the rate against the sign, whatever the size of the gradient: the moments are corrected', () => {
  const state = createOptimiser(factors(1, 1, 1), ['qB']);
  const settings = { ...ADAM_DEFAULTS, weightDecay: 0 };
  applyAdam(state, { qB: Float32Array.of(3, -0.1, 0) }, { rate: 0.1, settings });
  close(state.factors.qB[0]!, 0.9);
  close(state.factors.qB[1]!, 1.1);
  close(state.factors.qB[2]!, 1);
});

test('two steps agree with the formula worked out by hand', () => {
  const state = createOptimiser(factors(0), ['qB']);
  const settings = { beta1: 0.5, beta2: 0.75, epsilon: 0, weightDecay: 0 };
  applyAdam(state, { qB: Float32Array.of(2) }, { rate: 0.1, settings });
  applyAdam(state, { qB: Float32Array.of(-1) }, { rate: 0.1, settings });
  // m = 0.5·(0.5·2) − 0.5·1 = 0, so the second step does not move.
  close(state.factors.qB[0]!, -0.1);
  applyAdam(state, { qB: Float32Array.of(1) }, { rate: 0.1, settings });
  // m̂ = 0.5 / 0.875; v = 0.75·(0.75·1 + 0.25) + 0.25 = 1, v̂ = 1 / (1 − 0.75³).
  close(state.factors.qB[0]!, -0.1 - (0.1 * 0.5) / 0.875 / Math.sqrt(1 / (1 - 0.75 ** 3)));
});

test('weight decay is apart from the moments, and untrained factors stay', () => {
  const state = createOptimiser(factors(2), ['qB']);
  applyAdam(state, { qB: Float32Array.of(0) }, { rate: 0.1, settings: { ...ADAM_DEFAULTS, weightDecay: 0.5 } });
  close(state.factors.qB[0]!, 2 - 0.1 * 0.5 * 2);
  assert.deepEqual([...state.moments.qB!.first], [0]);
  assert.deepEqual(state.factors.qA, Float32Array.of(9));
});

test('the learning rate rises to its peak and falls to its share', () => {
  const settings = { peak: 1, warmupSteps: 4, steps: 14, finalShare: 0.1 };
  const rates = Array.from({ length: 14 }, (_, i) => learningRate(i + 1, settings));
  assert.deepEqual(rates.slice(0, 4), [0.25, 0.5, 0.75, 1]);
  assert.ok(rates.slice(3).every((rate, i, all) => i === 0 || rate < all[i - 1]!));
  close(rates.at(-1)!, 0.1);
  assert.equal(learningRate(1, { ...settings, warmupSteps: 1, steps: 1 }), 1);
});

test('every example comes once a pass, in an order of its own, whichever step is asked for first', () => {
  const sizes = { examples: fc.integer({ min: 1, max: 40 }), perStep: fc.integer({ min: 1, max: 9 }), seed: fc.nat() };
  fc.assert(
    fc.property(fc.record(sizes), (order) => {
      const steps = Math.ceil((2 * order.examples) / order.perStep);
      const drawn = Array.from({ length: steps }, (_, i) => stepExamples(i + 1, order)).flat();
      for (const pass of [0, 1]) {
        const once = drawn.slice(pass * order.examples, (pass + 1) * order.examples);
        assert.deepEqual(
          once.toSorted((a, b) => a - b),
          [...once.keys()],
        );
      }
      assert.deepEqual(stepExamples(steps, order), drawn.slice(-order.perStep));
    }),
  );
  const order = { examples: 30, perStep: 30, seed: 1 };
  assert.notDeepEqual(stepExamples(1, order), stepExamples(2, order));
  assert.notDeepEqual(stepExamples(1, order), stepExamples(1, { ...order, seed: 2 }));
});
