/**
 * Nodes of the state tree and their hashes (spec: codec §13). Owns the hashing rules and the shape of a subtree;
 * StateTree owns the interface, state-proof.ts the proofs.
 */
import { sha256 } from '../crypto/hash.ts';

/** Levels below the root: the bits of a key hash. */
export const STATE_TREE_DEPTH = 256;

/** The hash of an empty subtree. */
export const EMPTY_HASH: Uint8Array = new Uint8Array(32);

/** One entry, standing wherever its subtree would hold nothing else. */
export type LeafNode = {
  readonly kind: 'leaf';
  readonly keyHash: Uint8Array;
  readonly key: string;
  readonly value: Uint8Array;
  readonly valueHash: Uint8Array;
  /** Filled when first asked for, like an inner node's. */
  hash: Uint8Array | null;
};

/** At least two entries; at most one side is empty. */
export type InnerNode = {
  readonly kind: 'inner';
  readonly left: StateNode;
  readonly right: StateNode;
  readonly size: number;
  hash: Uint8Array | null;
};

/** Null is an empty subtree. */
export type StateNode = LeafNode | InnerNode | null;

/** Key hashes kept; a full memo starts over, which costs time and changes no result. */
const KEY_HASHES_MAX = 65_536;
const keyHashes = new Map<string, Uint8Array>();

/** SHA-256 of a key's UTF-8 text: its path from the root, most significant bit first. The bytes are shared: not to be changed. */
export function hashKey(key: string): Uint8Array {
  const known = keyHashes.get(key);
  if (known !== undefined) return known;
  const hash = sha256(Buffer.from(key, 'utf8'));
  if (keyHashes.size >= KEY_HASHES_MAX) keyHashes.clear();
  keyHashes.set(key, hash);
  return hash;
}

/** Bit `depth` of a key hash: 0 goes left. */
export function bitAt(keyHash: Uint8Array, depth: number): 0 | 1 {
  return (((keyHash[depth >> 3] as number) >> (7 - (depth & 7))) & 1) as 0 | 1;
}

/** A leaf of `value`, which must not be changed afterwards. */
export function leafOf(keyHash: Uint8Array, key: string, value: Uint8Array): LeafNode {
  return { kind: 'leaf', keyHash, key, value, valueHash: sha256(value), hash: null };
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

const scratch = new Uint8Array(65);

function hash65(domain: 0 | 1, first: Uint8Array, second: Uint8Array): Uint8Array {
  scratch[0] = domain;
  scratch.set(first, 1);
  scratch.set(second, 33);
  return sha256(scratch);
}

/** SHA-256(0x00 ‖ keyHash ‖ valueHash). */
export function leafHash(keyHash: Uint8Array, valueHash: Uint8Array): Uint8Array {
  return hash65(0, keyHash, valueHash);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function innerHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash65(1, left, right);
}

/** The hash of a subtree; each node's is computed once, when first asked for. */
export function hashOf(node: StateNode): Uint8Array {
  if (node === null) return EMPTY_HASH;
  node.hash ??=
    node.kind === 'leaf' ? leafHash(node.keyHash, node.valueHash) : innerHash(hashOf(node.left), hashOf(node.right));
  return node.hash;
}
