import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Q4Matrix } from '../../../src/models/gguf/blocks.ts';
import { correctMatrix, denseMatrix, sumColumns } from '../../../src/models/graphs/corrected-matrix.ts';
import { createPrng } from '../../../src/models/tiny/prng.ts';
import { denseQ4 } from '../standard/standard-decoder.ts';

/** Scales and minimums as uneven as those of real models, and one block that is all zeros. */
function unevenMatrix(rows: number, columns: number): Q4Matrix {
  const prng = createPrng(3);
  const blocks = (rows * columns) / 32;
  const scales = Float32Array.from({ length: blocks }, (_, at) => (at === 1 ? 0 : 0.02 + 0.015 * prng.signed()));
  return {
    rows,
    columns,
    codes: Uint8Array.from({ length: (rows * columns) / 2 }, () => prng.uint32() & 255),
    scales,
    minimums: Float32Array.from(scales, (scale) => -scale * (7.5 + 6 * prng.signed())),
  };
}

for (const columns of [64, 576, 1536]) {
  test(`a matrix of ${columns} columns keeps its weights, to a 196th of half a step`, () => {
    const matrix = unevenMatrix(5, columns);
    const corrected = correctMatrix(matrix);
    assert.equal(corrected.columns, columns + 2 * sumColumns(columns));
    const actual = denseMatrix(corrected, { rows: 5, columns });
    const expected = denseQ4(matrix);
    const worst = actual.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
    const halfStep = matrix.scales.reduce((most, scale) => Math.max(most, scale), 0) / 2;
    assert.ok(worst <= halfStep / 190, `${worst} against ${halfStep / 196}`);
  });
}

test('minimums beyond the reach of a zero point are kept, too', () => {
  const matrix = unevenMatrix(2, 64);
  const shifted = { ...matrix, minimums: matrix.minimums.map((minimum, at) => minimum + (at % 2 === 0 ? 0.5 : -0.5)) };
  const actual = denseMatrix(correctMatrix(shifted), { rows: 2, columns: 64 });
  const expected = denseQ4(shifted);
  const worst = actual.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
  assert.ok(worst <= 0.8 / 190, `${worst}`);
});
