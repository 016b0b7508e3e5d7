import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, deltaNorm } from '../../../src/pages/learning/delta-norm.ts';

/** One layer of rank 1: a row of two values for q, one of one value for v. */
const shape = { layers: 1, hidden: 2, keyValueHeads: 1, headSize: 1, loraRank: 1 };

function deltaFile(
  scales: readonly number[],
  codes: readonly number[],
  header: string = JSON.stringify({ shape }),
): Uint8Array {
  const head = new TextEncoder().encode(header);
  const bytes = Buffer.alloc(12 + head.length + 4 * scales.length + codes.length);
  bytes.write('SYNDELT1', 0, 'latin1');
  bytes.writeUInt32LE(head.length, 8);
  bytes.set(head, 12);
  for (const [index, scale] of scales.entries()) bytes.writeUInt32LE(scale, 12 + head.length + 4 * index);
  for (const [index, code] of codes.entries()) bytes.writeInt8(code, 12 + head.length + 4 * scales.length + index);
  return bytes;
}

test('the norm is that of codes times their rows’ scales, in units of 2⁻²⁴', () => {
  const norm = deltaNorm(deltaFile([2 ** 20, 2 ** 19], [3, -4, 24]));
  assert.equal(norm, Math.hypot(3 / 16, 4 / 16, 24 / 32));
});

test('what is no delta file has no norm', () => {
  const good = deltaFile([1, 1], [1, 1, 1]);
  assert.notEqual(deltaNorm(good), null);
  for (const bad of [
    new Uint8Array(),
    good.subarray(0, 11),
    good.subarray(0, good.length - 1),
    deltaFile([1, 1], [1, 1, 1], '{}'),
    deltaFile([1, 1], [1, 1, 1], 'no'),
  ]) {
    assert.equal(deltaNorm(bad), null);
  }
  const other = Uint8Array.from(good);
  other[0] = 0;
  assert.equal(deltaNorm(other), null);
});

test('hexadecimal digits become bytes', () => {
  assert.deepEqual([...bytesOf('0x00ff10')], [0, 255, 16]);
  assert.equal(bytesOf('0x').length, 0);
});
