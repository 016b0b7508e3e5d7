import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeQ4_1, decodeQ8_0, type Q4Matrix, stackRows, unpermuteRows } from '../../../src/models/gguf/blocks.ts';

/** The weights a matrix stands for, by the definition of MatMulNBits' nibble order. */
function dequantise(matrix: Q4Matrix): number[] {
  return Array.from({ length: matrix.rows * matrix.columns }, (_, at) => {
    const byte = matrix.codes[at >> 1]!;
    const code = at % 2 === 0 ? byte & 15 : byte >> 4;
    return matrix.scales[at >> 5]! * code + matrix.minimums[at >> 5]!;
  });
}

/** d = 0.5, m = −1; element j has code j, element 16 + j has code 15 − j. */
const Q4_1_BLOCK = Uint8Array.from([
  ...[0x00, 0x38, 0x00, 0xbc],
  ...Array.from({ length: 16 }, (_, j) => j | ((15 - j) << 4)),
]);

test('a Q4_1 block decodes to d·q + m with low nibbles first', () => {
  const matrix = decodeQ4_1(Q4_1_BLOCK, { rows: 1, columns: 32 });
  const expected = [
    ...Array.from({ length: 16 }, (_, j) => 0.5 * j - 1),
    ...Array.from({ length: 16 }, (_, j) => 0.5 * (15 - j) - 1),
  ];
  assert.deepEqual(dequantise(matrix), expected);
});

test('float16 scales cover subnormal, normal and negative numbers', () => {
  const scale = (low: number, high: number) => {
    const raw = new Uint8Array(20);
    raw.set([low, high]);
    return decodeQ4_1(raw, { rows: 1, columns: 32 }).scales[0];
  };
  assert.equal(scale(0x01, 0x00), 2 ** -24);
  assert.equal(scale(0xff, 0x7b), 65504);
  assert.equal(scale(0x01, 0xc0), -(2 + 2 ** -9));
});

test('a Q8_0 block decodes to codes around 128', () => {
  const raw = new Uint8Array(34);
  raw.set([0x00, 0x40]); // d = 2
  raw.set([0, 1, 0x7f, 0x80, 0xff], 2); // 0, 1, 127, −128, −1
  const { codes, scales } = decodeQ8_0(raw, { rows: 1, columns: 32 });
  assert.deepEqual([...codes.subarray(0, 5)], [128, 129, 255, 0, 127]);
  assert.deepEqual([...scales], [2]);
});

test('raw data of the wrong length is refused', () => {
  assert.throws(() => decodeQ4_1(new Uint8Array(19), { rows: 1, columns: 32 }), RangeError);
  assert.throws(() => decodeQ8_0(new Uint8Array(35), { rows: 1, columns: 32 }), RangeError);
});

/** A matrix whose row r has scale and minimum r and all codes r. */
function numberedRows(rows: number): Q4Matrix {
  const each = Array.from({ length: rows }, (_, row) => row);
  const codes = Uint8Array.from(each.flatMap((row) => new Array<number>(16).fill(row)));
  return { rows, columns: 32, codes, scales: Float32Array.from(each), minimums: Float32Array.from(each) };
}

test('rows of interleaved rotation pairs return to rotated halves, head by head', () => {
  // A head's rows [0 1 2 3] are stored as [0 2 1 3].
  const { scales, minimums, codes } = unpermuteRows(numberedRows(8), 2);
  const order = [0, 2, 1, 3, 4, 6, 5, 7];
  assert.deepEqual([...scales], order);
  assert.deepEqual([...minimums], order);
  assert.deepEqual([...codes.filter((_, at) => at % 16 === 0)], order);
  const six = unpermuteRows(numberedRows(6), 1);
  assert.deepEqual([...six.scales], [0, 2, 4, 1, 3, 5]);
});

test('stacked matrices keep their rows in order', () => {
  const stacked = stackRows([numberedRows(2), numberedRows(3)]);
  assert.equal(stacked.rows, 5);
  assert.deepEqual([...stacked.scales], [0, 1, 0, 1, 2]);
  assert.equal(stacked.codes.length, 5 * 16);
});
