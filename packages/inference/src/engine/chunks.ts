/**
 * Cuts tokens into pieces to read. Owns one rule: no piece of a longer text has a single token, because the runtime computes one token
 * by other routines than several, and a text would get other last bits depending on where it was cut (docs/spec/inference.md §3).
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

/** How many of the `rest` tokens that are left the next piece has. */
export function chunkLength(rest: number, size: number): number {
  return rest === size + 1 ? size - 1 : Math.min(size, rest);
}
