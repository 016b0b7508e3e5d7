/**
 * A Q4_1 matrix in a form that MatMulNBits multiplies in one go, its minimums included. Owns the added columns; the graph
 * appends the matching numbers to the activation (llama-graph.ts).
 *
 * A Q4_1 weight is d·q + m; MatMulNBits computes d·(q − z) with a whole zero point z of 0 … 15. With z nearest to −m/d
 * there remains c = m + z·d, mostly at most d/2, times the sum of the activation over the block of 32. So each block's
 * sum becomes a further column whose weight is c: once with four bits of c and, from the middle of the added columns on,
 * once more with four bits of what the first left over. The error is at most a 196th of the largest c beside it.
 * The kernel is faster with 640 columns than with 576, because it takes four blocks at a time.
 */
import { BLOCK_SIZE, type MatrixSize, type Q4Matrix } from '../gguf/blocks.ts';

/** Codes −7 … 7, stored with 8 added. */
const CODE_MAX = 7;
const ZERO_CODE = 8;
const CODES = 16;
const BLOCK_BYTES = BLOCK_SIZE / 2;

/** Codes, scales and zero points as MatMulNBits takes them; `columns` counts the added ones. */
export type CorrectedMatrix = {
  readonly rows: number;
  readonly columns: number;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  /** One nibble a block, the first in the low half; rows start at whole bytes. */
  readonly zeroPoints: Uint8Array;
};

/** How many columns hold the block sums of an activation of `columns`: whole blocks. Twice as many are added. */
export function sumColumns(columns: number): number {
  return Math.ceil(columns / BLOCK_SIZE / BLOCK_SIZE) * BLOCK_SIZE;
}

/** The matrix over `[x, s, s]`, where s holds the sums of x over blocks of 32 and then numbers of no weight. */
export function correctMatrix(matrix: Q4Matrix): CorrectedMatrix {
  const { rows, columns, codes, scales } = matrix;
  const blocks = columns / BLOCK_SIZE;
  const added = sumColumns(columns) / BLOCK_SIZE;
  const width = blocks + 2 * added;
  const corrected = {
    rows,
    columns: width * BLOCK_SIZE,
    codes: new Uint8Array(rows * width * BLOCK_BYTES).fill(ZERO_CODE * 17),
    scales: new Float32Array(rows * width),
    zeroPoints: new Uint8Array(rows * Math.ceil(width / 2)).fill(ZERO_CODE * 17),
  };
  for (let row = 0; row < rows; row++) {
    const from = row * blocks;
    const to = row * width;
    corrected.codes.set(codes.subarray(from * BLOCK_BYTES, (from + blocks) * BLOCK_BYTES), to * BLOCK_BYTES);
    corrected.scales.set(scales.subarray(from, from + blocks), to);
    const rests = chooseZeroPoints(matrix, row, corrected.zeroPoints.subarray(row * Math.ceil(width / 2)));
    for (let group = 0; group < added; group++) {
      const wanted = rests.slice(group * BLOCK_SIZE, (group + 1) * BLOCK_SIZE);
      const rest = writeBlock(corrected, to + blocks + group, wanted);
      writeBlock(corrected, to + blocks + added + group, rest);
    }
  }
  return corrected;
}

/** Writes a row's zero points and returns what they leave of each block's minimum. */
function chooseZeroPoints({ columns, scales, minimums }: Q4Matrix, row: number, zeroPoints: Uint8Array): number[] {
  const blocks = columns / BLOCK_SIZE;
  return Array.from({ length: blocks }, (_, block) => {
    const scale = scales[row * blocks + block]!;
    const minimum = minimums[row * blocks + block]!;
    const zero = scale === 0 ? ZERO_CODE : Math.max(0, Math.min(CODES - 1, Math.round(-minimum / scale)));
    setNibble(zeroPoints, block, zero);
    return minimum + zero * scale;
  });
}

/** Rounds `values` into a block and returns what rounding left over. */
function writeBlock({ codes, scales }: CorrectedMatrix, block: number, values: readonly number[]): number[] {
  const scale = Math.fround(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / CODE_MAX);
  scales[block] = scale;
  return values.map((value, i) => {
    const code = scale === 0 ? 0 : Math.max(-CODE_MAX, Math.min(CODE_MAX, Math.round(value / scale)));
    setNibble(codes, block * BLOCK_SIZE + i, code + ZERO_CODE);
    return value - code * scale;
  });
}

/** The plain matrix that a corrected one stands for, [rows, columns]; `columns` without the added ones. */
export function denseMatrix(
  { codes, scales, zeroPoints }: Pick<CorrectedMatrix, 'codes' | 'scales' | 'zeroPoints'>,
  { rows, columns }: MatrixSize,
): Float32Array {
  const blocks = columns / BLOCK_SIZE;
  const sums = sumColumns(columns);
  const width = blocks + (2 * sums) / BLOCK_SIZE;
  const dense = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const zeroOf = (block: number) => nibble(zeroPoints, 2 * row * Math.ceil(width / 2) + block);
    const weight = (column: number) => {
      const block = Math.floor(column / BLOCK_SIZE);
      return (nibble(codes, row * width * BLOCK_SIZE + column) - zeroOf(block)) * scales[row * width + block]!;
    };
    for (let block = 0; block < blocks; block++) {
      const correction = weight(columns + block) + weight(columns + sums + block);
      const [zero, scale] = [zeroOf(block), scales[row * width + block]!];
      const from = (row * width + block) * BLOCK_BYTES;
      const to = row * columns + block * BLOCK_SIZE;
      // Two values a byte, without a call for each: the default model has a hundred million of them.
      for (let i = 0; i < BLOCK_BYTES; i++) {
        const both = codes[from + i]!;
        dense[to + 2 * i] = ((both & 15) - zero) * scale + correction;
        dense[to + 2 * i + 1] = ((both >> 4) - zero) * scale + correction;
      }
    }
  }
  return dense;
}

function nibble(bytes: Uint8Array, at: number): number {
  return (bytes[at >> 1]! >> (4 * (at % 2))) & 15;
}

function setNibble(bytes: Uint8Array, at: number, value: number): void {
  const shift = 4 * (at % 2);
  bytes[at >> 1] = (bytes[at >> 1]! & ~(15 << shift)) | (value << shift);
}
