/**
 * RFC 6962 Merkle trees over a list: transactions, commits, extensions, results, passages (spec: codec §11).
 * Owns roots, audit paths and their check; what a leaf's bytes are is the caller's.
 */
import { sha256, sha256Pair, sha256Text } from '../crypto/hash.ts';
import { fromHex, isHex, toHex } from '../crypto/hex.ts';
import type { Hash } from '../types/index.ts';

/** The hash of a leaf's bytes: SHA-256(0x00 ‖ leaf). */
export function merkleLeafHash(leaf: Uint8Array): Hash {
  return toHex(hashLeaf(leaf)) as Hash;
}

/** The root over the leaves in order; SHA-256 of nothing for none. Nodes are text, which is quicker to make than arrays. */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  let level = leaves.map((leaf) => sha256Text(leafInput(leaf)));
  while (level.length > 1) level = nextTexts(level);
  return level[0] === undefined ? NO_LEAVES : (Buffer.from(level[0], 'latin1').toString('hex') as Hash);
}

const NO_LEAVES = toHex(sha256(new Uint8Array(0))) as Hash;

function nextTexts(level: readonly string[]): string[] {
  const next: string[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as string;
    const right = level[i + 1];
    next.push(right === undefined ? left : sha256Pair(1, left, right));
  }
  return next;
}

/** The audit path of a leaf, from its sibling up to below the root. `index` must be below the number of leaves. */
export function merkleProof(leaves: readonly Uint8Array[], index: number): Hash[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`no leaf ${index} among ${leaves.length}`);
  }
  const proof: Hash[] = [];
  let position = index;
  for (let level = leaves.map(hashLeaf); level.length > 1; level = nextLevel(level)) {
    // The last node of an odd level rises alone: it has no sibling here.
    const sibling = level[position ^ 1];
    if (sibling !== undefined) proof.push(toHex(sibling) as Hash);
    position >>= 1;
  }
  return proof;
}

/** What an inclusion proof claims. Give `leaf` (its bytes) or `leafHash`. */
export type InclusionClaim = ({ readonly leaf: Uint8Array } | { readonly leafHash: Hash }) & {
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Hash[];
  readonly root: Hash;
};

/** True when the leaf stands at `index` of the `size` leaves under `root` (RFC 9162 §2.1.3.2). Never throws. */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { index, size, proof, root } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!isHex(root, 32) || !proof.every((hash) => isHex(hash, 32))) return false;
  if ('leafHash' in claim && !isHex(claim.leafHash, 32)) return false;
  let node = 'leafHash' in claim ? fromHex(claim.leafHash) : hashLeaf(claim.leaf);
  let position = index;
  let last = size - 1;
  for (const siblingHex of proof) {
    if (last === 0) return false;
    const sibling = fromHex(siblingHex);
    if (position % 2 === 1 || position === last) {
      node = hashNode(sibling, node);
      while (position % 2 === 0 && position !== 0) [position, last] = [half(position), half(last)];
    } else {
      node = hashNode(node, sibling);
    }
    [position, last] = [half(position), half(last)];
  }
  return last === 0 && toHex(node) === root;
}

/** Shifts cut to 32 bits; sizes may be larger. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function nextLevel(level: readonly Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array;
    const right = level[i + 1];
    next.push(right === undefined ? left : hashNode(left, right));
  }
  return next;
}

const SCRATCH_BYTES = 4_096;
const leafScratch = new Uint8Array(SCRATCH_BYTES);

/** 0x00 ‖ leaf, in a scratch that the next call overwrites where it fits. */
function leafInput(leaf: Uint8Array): Uint8Array {
  const size = 1 + leaf.length;
  // The scratch's first byte stays 0.
  const input = size <= SCRATCH_BYTES ? leafScratch.subarray(0, size) : new Uint8Array(size);
  input.set(leaf, 1);
  return input;
}

function hashLeaf(leaf: Uint8Array): Uint8Array {
  return sha256(leafInput(leaf));
}

const nodeInput = new Uint8Array(65).fill(1, 0, 1);

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
}
