import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logProbability } from '../../src/engine/likelihood.ts';
import { argmax, chooseToken, createRandom } from '../../src/engine/sampling.ts';

const logits = Float32Array.from([1, 3, 2, -50, 3]);
const draws = (sampling: { temperature: number; topP: number }, seed: number, count = 400) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => chooseToken(logits, sampling, random).token);
};

test('temperature 0 takes the largest logit, the first on ties', () => {
  assert.equal(chooseToken(logits, { temperature: 0, topP: 1 }, createRandom(1)).token, 1);
});

test('milli-nats are those of the unmodified distribution', () => {
  const sum = [1, 3, 2, -50, 3].reduce((total, value) => total + Math.exp(value), 0);
  const expected = Math.round(-1000 * Math.log(Math.exp(3) / sum));
  assert.equal(chooseToken(logits, { temperature: 0, topP: 1 }, createRandom(1)).milliNats, expected);
  assert.equal(chooseToken(Float32Array.from([-1000, 0]), { temperature: 0, topP: 1 }, createRandom(1)).milliNats, 0);
});

test('a seed fixes the draws; another seed gives others', () => {
  const sampling = { temperature: 1, topP: 1 };
  assert.deepEqual(draws(sampling, 9), draws(sampling, 9));
  assert.notDeepEqual(draws(sampling, 9), draws(sampling, 10));
});

test('draws follow the probabilities; top-p leaves the tail out; a high temperature flattens', () => {
  const share = (tokens: number[], token: number) => tokens.filter((drawn) => drawn === token).length / tokens.length;
  const plain = draws({ temperature: 1, topP: 1 }, 3, 4000);
  assert.ok(Math.abs(share(plain, 1) - 0.4) < 0.04);
  assert.ok(Math.abs(share(plain, 0) - 0.054) < 0.02);
  const nucleus = new Set(draws({ temperature: 1, topP: 0.7 }, 3));
  assert.deepEqual([...nucleus].sort(), [1, 4]);
  assert.ok(share(draws({ temperature: 10, topP: 1 }, 3, 4000), 0) > 0.15);
});

test('logits without a finite largest value are an error, not token 0', () => {
  assert.throws(() => argmax(Float32Array.from([Number.NaN, Number.NaN])), { code: 'MODEL_ERROR' });
});

test('logits that are partly no numbers, as half precision gives when it overflows, are an error and no record', () => {
  for (const strange of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const temperature of [0, 1]) {
      const row = Float32Array.from([1, strange, 3]);
      assert.throws(() => chooseToken(row, { temperature, topP: 1 }, createRandom(1)), { code: 'MODEL_ERROR' });
    }
    assert.throws(() => logProbability(Float32Array.from([1, strange, 3]), 0), { code: 'MODEL_ERROR' });
  }
  // A token that a graph forbids is none of these.
  const masked = Float32Array.from([1, Number.NEGATIVE_INFINITY, 3]);
  assert.equal(chooseToken(masked, { temperature: 0, topP: 1 }, createRandom(1)).token, 2);
});

test('settings at the edges choose a token that there is, the same for the same seed', () => {
  for (const temperature of [5e-324, 1e-9, 1e9, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN, -1]) {
    for (const topP of [0, 1e-12, 1, 7, Number.NaN]) {
      for (const seed of [0, -1, 2 ** 32, 2 ** 53, 0.5, Number.NaN]) {
        const drawn = draws({ temperature, topP }, seed, 20);
        assert.ok(drawn.every((token) => logits[token] !== undefined));
        assert.deepEqual(draws({ temperature, topP }, seed, 20), drawn);
        // Without bound all tokens are equally likely.
        const isPeak = !(temperature > 1e-9) || (!(topP > 1e-12) && !(temperature > 1e9));
        if (isPeak) assert.ok(drawn.every((token) => logits[token] === 3));
      }
    }
  }
});
