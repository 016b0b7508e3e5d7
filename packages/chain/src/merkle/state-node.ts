/**
 * Nodes of the state tree and their hashes (spec: codec §13). Owns the hashing rules and the shape of a subtree;
 * StateTree owns the interface, state-proof.ts the proofs.
 * Hashes are text of 32 Latin-1 characters inside the tree, because there are millions of them.
 */
import { sha256Pair, sha256Text } from '../crypto/hash.ts';
import type { Hash } from '../types/index.ts';

/** Levels below the root: the bits of a key hash. */
export const STATE_TREE_DEPTH = 256;

/** The hash of an empty subtree. */
export const EMPTY_HASH: string = '\0'.repeat(32);

/** One entry, standing wherever its subtree would hold nothing else. */
export type LeafNode = {
  readonly kind: 'leaf';
  readonly keyHash: string;
  readonly key: string;
  readonly value: Uint8Array;
  /** Filled when first asked for, like an inner node's. */
  hash: string | null;
};

/** At least two entries; at most one side is empty. */
export type InnerNode = {
  readonly kind: 'inner';
  readonly left: StateNode;
  readonly right: StateNode;
  readonly size: number;
  hash: string | null;
};

/** Null is an empty subtree. */
export type StateNode = LeafNode | InnerNode | null;

/** Key hashes kept; a full memo starts over, which costs time and changes no result. */
const KEY_HASHES_MAX = 65_536;
const keyHashes = new Map<string, string>();

/** SHA-256 of a key's UTF-8 text: its path from the root, most significant bit first. */
export function hashKey(key: string): string {
  const known = keyHashes.get(key);
  if (known !== undefined) return known;
  const hash = sha256Text(key);
  if (keyHashes.size >= KEY_HASHES_MAX) keyHashes.clear();
  keyHashes.set(key, hash);
  return hash;
}

/** Bit `depth` of a key hash: 0 goes left. */
export function bitAt(keyHash: string, depth: number): 0 | 1 {
  return ((keyHash.charCodeAt(depth >> 3) >> (7 - (depth & 7))) & 1) as 0 | 1;
}

/** A leaf of `value`, which must not be changed afterwards. */
export function leafOf(keyHash: string, key: string, value: Uint8Array): LeafNode {
  return { kind: 'leaf', keyHash, key, value, hash: null };
}

/** Number of entries below a node. */
export function sizeOf(node: StateNode): number {
  return node === null ? 0 : node.kind === 'leaf' ? 1 : node.size;
}

/** Joins two subtrees; a lone leaf rises, so the shape depends on the entries only. */
export function join(left: StateNode, right: StateNode): StateNode {
  if (left === null && right?.kind !== 'inner') return right;
  if (right === null && left?.kind !== 'inner') return left;
  return { kind: 'inner', left, right, size: sizeOf(left) + sizeOf(right), hash: null };
}

/** SHA-256(0x00 ‖ keyHash ‖ valueHash). */
export function leafHash(keyHash: string, valueHash: string): string {
  return sha256Pair(0, keyHash, valueHash);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function innerHash(left: string, right: string): string {
  return sha256Pair(1, left, right);
}

/** The hash of a subtree; each node's is computed once, when first asked for. */
export function hashOf(node: StateNode): string {
  if (node === null) return EMPTY_HASH;
  node.hash ??=
    node.kind === 'leaf'
      ? leafHash(node.keyHash, sha256Text(node.value))
      : innerHash(hashOf(node.left), hashOf(node.right));
  return node.hash;
}

/** A hash inside the tree as everybody else writes it. */
export function hashToHex(hash: string): Hash {
  return Buffer.from(hash, 'latin1').toString('hex') as Hash;
}

/** The reverse of `hashToHex`, for 64 hexadecimal digits. */
export function hashFromHex(hash: Hash): string {
  return Buffer.from(hash, 'hex').toString('latin1');
}
