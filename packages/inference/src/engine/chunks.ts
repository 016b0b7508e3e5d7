/**
 * Cuts tokens into pieces to read. Owns one rule: of no piece of a longer text is a single token computed by itself, because the runtime computes one token
 * by other routines than several, and a text would get other bits depending on where it was cut (docs/spec/inference.md §3).
 */
export function chunksOf(ids: readonly number[], size: number): number[][] {
  const chunks: number[][] = [];
  let at = 0;
  while (at < ids.length) {
    const length = chunkLength(ids.length - at, size);
    chunks.push(ids.slice(at, at + length));
    at += length;
  }
  return chunks;
}

/** Rows that the runtime multiplies at once: one left over is computed as a single token is (measured: 33 tokens, and no other number up to 64). */
const ROWS_AT_ONCE = 32;

/** How many of the `rest` tokens that are left the next piece has. */
export function chunkLength(rest: number, size: number): number {
  let length = Math.min(size, rest);
  while (length > 2 && (rest - length === 1 || length % ROWS_AT_ONCE === 1)) length--;
  return length;
}
