/**
 * A subtree of leaves that are sorted already: each node is made once, nothing is copied. Owns the splitting of a sorted row;
 * the shape of nodes is state-node.ts.
 */
import { bitAt, join, type LeafNode, type StateNode } from './state-node.ts';

type Hashed = { readonly keyHash: string };

/** The leaves `from` … `to` − 1 of the row, which all belong below one place at `depth`. */
export function buildSorted(
  row: readonly LeafNode[],
  { from, to, depth }: { readonly from: number; readonly to: number; readonly depth: number },
): StateNode {
  if (to - from <= 1) return (from < to ? row[from] : null) ?? null;
  const middle = firstRight(row, { from, to, depth });
  return join(
    buildSorted(row, { from, to: middle, depth: depth + 1 }),
    buildSorted(row, { from: middle, to, depth: depth + 1 }),
  );
}

/** Where the sorted row turns from left (bit 0) to right (bit 1) at `depth`. */
export function firstRight(
  row: readonly Hashed[],
  { from, to, depth }: { readonly from: number; readonly to: number; readonly depth: number },
): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitAt((row[middle] as Hashed).keyHash, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
