/** Rows of floats as signed bytes with one scale a row. Owns the rounding; what the rows mean is the caller's business. */

/** Symmetric: −128 is never written, so that a code and its negation are both codes. */
export const ROW_CODE_MAX = 127;

export type CodedRows = { readonly scales: Float32Array; readonly codes: Int8Array };

/** Rounds each row of `width` values to −127 … 127 times its scale. The error is at most half a scale. */
export function encodeRows(values: Float32Array, width: number): CodedRows {
  const rows = values.length / width;
  const scales = new Float32Array(rows);
  const codes = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let peak = 0;
    for (let i = start; i < start + width; i++) peak = Math.max(peak, Math.abs(values[i]!));
    const scale = Math.fround(peak / ROW_CODE_MAX);
    scales[row] = scale;
    if (scale === 0) continue;
    for (let i = start; i < start + width; i++) {
      codes[i] = Math.max(-ROW_CODE_MAX, Math.min(ROW_CODE_MAX, Math.round(values[i]! / scale)));
    }
  }
  return { scales, codes };
}

/** The floats that codes and scales stand for. */
export function decodeRows({ scales, codes }: CodedRows, width: number): Float32Array {
  return Float32Array.from(codes, (code, i) => code * scales[Math.floor(i / width)]!);
}

/** Swaps the last two of three dimensions, so that a factor's rows become the rows that share a scale. */
export function transposeLast(
  values: Float32Array,
  [layers, rows, columns]: readonly [number, number, number],
): Float32Array {
  const swapped = new Float32Array(values.length);
  for (let layer = 0; layer < layers; layer++) {
    const start = layer * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        swapped[start + column * rows + row] = values[start + row * columns + column]!;
      }
    }
  }
  return swapped;
}
