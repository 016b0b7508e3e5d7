import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cosineAndSine, rotaryTables } from '../../../src/models/graphs/rotary.ts';

test('cosine and sine agree with the platform to 1e-12 up to the longest context', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 131_072, noNaN: true }), (angle) => {
      const [cos, sin] = cosineAndSine(angle);
      return Math.abs(cos - Math.cos(angle)) < 1e-12 && Math.abs(sin - Math.sin(angle)) < 1e-12;
    }),
    { numRuns: 2000 },
  );
});

test('tables hold cos and sin of position · theta^(−2i/headSize)', () => {
  const { cos, sin } = rotaryTables({ positions: 100, headSize: 16, theta: 10000 });
  for (const [position, i] of [
    [0, 0],
    [1, 0],
    [7, 3],
    [99, 7],
  ] as const) {
    const angle = position * 10000 ** ((-2 * i) / 16);
    assert.ok(Math.abs(cos[position * 8 + i]! - Math.cos(angle)) < 1e-7);
    assert.ok(Math.abs(sin[position * 8 + i]! - Math.sin(angle)) < 1e-7);
  }
});
