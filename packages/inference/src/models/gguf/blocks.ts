/**
 * Block-quantised matrices: GGUF's layouts in, the layout of onnxruntime's MatMulNBits out. Owns the bit shuffling;
 * knows nothing of files or models.
 *
 * Q4_1 block: float16 d, float16 m, 16 bytes; elements 0–15 are low nibbles, 16–31 high ones; w = d·q + m.
 * Q8_0 block: float16 d, 32 int8; w = d·q.
 * MatMulNBits: element 2i is the low nibble of byte i, element 2i+1 the high one.
 */

/** Elements that share one scale, in both GGUF layouts and in every graph here. */
export const BLOCK_SIZE = 32;

const Q4_1_BLOCK_BYTES = 20;
const Q8_0_BLOCK_BYTES = 34;

/** w[row, column] = scale·code + minimum, with one scale and minimum for each run of 32 columns. */
export type Q4Matrix = {
  readonly rows: number;
  readonly columns: number;
  /** Two codes (0 … 15) a byte, in MatMulNBits order, row by row. */
  readonly codes: Uint8Array;
  /** [rows, columns / 32] */
  readonly scales: Float32Array;
  /** [rows, columns / 32] */
  readonly minimums: Float32Array;
};

/** w[row, column] = scale·(code − 128), with one scale for each run of 32 columns. */
export type Q8Matrix = {
  readonly rows: number;
  readonly columns: number;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
};

export type MatrixSize = { readonly rows: number; readonly columns: number };

/** Reads a Q4_1 matrix. `raw` must hold exactly rows · columns / 32 blocks. */
export function decodeQ4_1(raw: Uint8Array, { rows, columns }: MatrixSize): Q4Matrix {
  const blocks = (rows * columns) / BLOCK_SIZE;
  assertLength(raw, blocks * Q4_1_BLOCK_BYTES);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const codes = new Uint8Array(blocks * 16);
  const scales = new Float32Array(blocks);
  const minimums = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const start = block * Q4_1_BLOCK_BYTES;
    scales[block] = float16(view.getUint16(start, true));
    minimums[block] = float16(view.getUint16(start + 2, true));
    for (let i = 0; i < 8; i++) {
      const even = raw[start + 4 + 2 * i]!;
      const odd = raw[start + 5 + 2 * i]!;
      codes[block * 16 + i] = (even & 15) | ((odd & 15) << 4);
      codes[block * 16 + 8 + i] = (even >> 4) | (odd & 0xf0);
    }
  }
  return { rows, columns, codes, scales, minimums };
}

/** Reads a Q8_0 matrix, moving its codes from int8 to uint8 with zero point 128. */
export function decodeQ8_0(raw: Uint8Array, { rows, columns }: MatrixSize): Q8Matrix {
  const blocks = (rows * columns) / BLOCK_SIZE;
  assertLength(raw, blocks * Q8_0_BLOCK_BYTES);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const codes = new Uint8Array(blocks * BLOCK_SIZE);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const start = block * Q8_0_BLOCK_BYTES;
    scales[block] = float16(view.getUint16(start, true));
    for (let i = 0; i < BLOCK_SIZE; i++) codes[block * BLOCK_SIZE + i] = raw[start + 2 + i]! ^ 0x80;
  }
  return { rows, columns, codes, scales };
}

/**
 * Undoes the row order that GGUF gives query and key projections (pairs of rotated dimensions side by side) and returns
 * the order that rotates halves. Whole rows move, so nothing is rounded.
 */
export function unpermuteRows(matrix: Q4Matrix, heads: number): Q4Matrix {
  const half = matrix.rows / heads / 2;
  const blocks = matrix.columns / BLOCK_SIZE;
  const codes = new Uint8Array(matrix.codes.length);
  const scales = new Float32Array(matrix.scales.length);
  const minimums = new Float32Array(matrix.minimums.length);
  for (let row = 0; row < matrix.rows; row++) {
    const head = Math.floor(row / (2 * half));
    const within = row % (2 * half);
    const from = head * 2 * half + 2 * (within % half) + Math.floor(within / half);
    codes.set(matrix.codes.subarray(from * blocks * 16, (from + 1) * blocks * 16), row * blocks * 16);
    scales.set(matrix.scales.subarray(from * blocks, (from + 1) * blocks), row * blocks);
    minimums.set(matrix.minimums.subarray(from * blocks, (from + 1) * blocks), row * blocks);
  }
  return { ...matrix, codes, scales, minimums };
}

/** Matrices of equal width, one below the other, so that one multiplication serves all. */
export function stackRows(parts: readonly Q4Matrix[]): Q4Matrix {
  return {
    rows: parts.reduce((total, part) => total + part.rows, 0),
    columns: parts[0]!.columns,
    codes: concatenate(
      Uint8Array,
      parts.map((part) => part.codes),
    ),
    scales: concatenate(
      Float32Array,
      parts.map((part) => part.scales),
    ),
    minimums: concatenate(
      Float32Array,
      parts.map((part) => part.minimums),
    ),
  };
}

function concatenate<T extends Uint8Array | Float32Array>(kind: new (length: number) => T, parts: readonly T[]): T {
  const all = new kind(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function assertLength(raw: Uint8Array, bytes: number): void {
  if (raw.length !== bytes) throw new RangeError(`expected ${bytes} bytes of blocks, got ${raw.length}`);
}
