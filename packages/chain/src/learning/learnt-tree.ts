/**
 * An RFC 6962 tree that only grows, held as the roots of its full subtrees (spec: learning §9.2). Owns appending and the root; the
 * plain tree over a whole list is merkle/rfc6962.ts.
 */
import { sha256 } from '../crypto/hash.ts';
import { fromHex, toHex } from '../crypto/hex.ts';
import { merkleRoot } from '../merkle/index.ts';
import type { Hash } from '../types/index.ts';

/** `peaks`: a root for each bit that is set in `size`, the largest subtree first. */
export type LearntTree = { readonly size: number; readonly peaks: readonly Hash[] };

/** Nothing learnt. */
export const EMPTY_LEARNT: LearntTree = { size: 0, peaks: [] };

/** The tree with one more leaf, given by its leaf hash (`merkleLeafHash`). */
export function appendLeaf({ size, peaks }: LearntTree, leafHash: Hash): LearntTree {
  const next = [...peaks];
  let node = leafHash;
  for (let left = size; left % 2 === 1; left = (left - 1) / 2) node = hashPair(next.pop()!, node);
  return { size: size + 1, peaks: [...next, node] };
}

/** The root over all leaves, as `merkleRoot` of the whole list gives it. */
export function learntRoot({ peaks }: LearntTree): Hash {
  if (peaks.length === 0) return merkleRoot([]);
  return peaks.reduceRight((right, left) => hashPair(left, right));
}

function hashPair(left: Hash, right: Hash): Hash {
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(fromHex(left), 1);
  input.set(fromHex(right), 33);
  return toHex(sha256(input)) as Hash;
}
