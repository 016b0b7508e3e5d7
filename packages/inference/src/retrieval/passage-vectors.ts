/**
 * The vectors of an index's passages, one after the other in memory, and which lie nearest to a question's. Owns the search: it is most of what a question
 * costs, so rows are laid side by side and read in their order. What it finds is what `storedCosine` finds of each.
 */
import { productAt, type StoredVector, type VectorStore } from '../knowledge/vector-store.ts';

export type PassageVectors = {
  /** A passage's vector by its index, once the store has it. */
  get(index: number): StoredVector | undefined;
  /** Indices of the passages with the greatest cosines, greatest first, of equals the earlier; those without a vector are left out. */
  nearest(vector: Float32Array, max: number): number[];
};

export function createPassageVectors(texts: readonly string[], store: VectorStore): PassageVectors {
  const { dimensions } = store;
  const rows: (StoredVector | undefined)[] = [];
  const matrix = new Int8Array(texts.length * dimensions);
  /** Remembered by index: hashing every text for every question would cost more than the arithmetic. */
  const get = (index: number): StoredVector | undefined => {
    const known = rows[index];
    if (known !== undefined) return known;
    const stored = store.get(texts[index]!);
    if (stored === undefined) return undefined;
    matrix.set(stored.bytes, index * dimensions);
    rows[index] = stored;
    return stored;
  };
  return {
    get,
    nearest(vector, max) {
      const best: { index: number; cosine: number }[] = [];
      for (let index = 0; index < texts.length; index++) {
        const row = get(index);
        if (row === undefined) continue;
        const cosine = productAt(vector, matrix, index * dimensions) * row.scale;
        if (best.length === max && cosine <= best.at(-1)!.cosine) continue;
        const at = best.findIndex((other) => other.cosine < cosine);
        best.splice(at < 0 ? best.length : at, 0, { index, cosine });
        if (best.length > max) best.pop();
      }
      return best.map(({ index }) => index);
    },
  };
}
