/**
 * The state as an immutable, authenticated map from text keys to bytes: a compact sparse Merkle tree (spec: codec §13).
 * Owns lookup, batched change and order; versions share all untouched subtrees. Storage and undo are the node's.
 */
import type { Hash } from '../types/index.ts';
import { buildSorted, firstRight } from './build-sorted.ts';
import {
  bitAt,
  hashKey,
  hashOf,
  hashToHex,
  join,
  type LeafNode,
  leafOf,
  type StateNode,
  sizeOf,
} from './state-node.ts';
import { nodeAt, StatePart } from './state-part.ts';
import { proveIn, type StateProof } from './state-proof.ts';

type Entry = { readonly key: string; readonly value: Uint8Array };

/** A write at its place; null deletes. */
type Write = { readonly keyHash: string; readonly key: string; readonly value: Uint8Array | null };

/** One version of the state. Values handed in or out are shared with the tree and must not be changed. */
export class StateTree {
  readonly #root: StateNode;
  /** The root's hash, once somebody has asked for it. */
  #hash: Hash | null = null;

  private constructor(root: StateNode) {
    this.#root = root;
  }

  /** The tree without entries; its root is 32 zero bytes. */
  static empty(): StateTree {
    return new StateTree(null);
  }

  /** A tree of the entries, in any order; of two with one key the later stays. */
  static fromEntries(entries: Iterable<Entry>): StateTree {
    return StateTree.empty().update(new Map([...entries].map(({ key, value }) => [key, value])));
  }

  /** The tree that all parts of one depth make, in order of their index. Each is given as a part of that depth. */
  static fromParts(parts: readonly StatePart[]): StateTree {
    let level: readonly StateNode[] = parts.map(({ node }) => node);
    while (level.length > 1) level = joinPairs(level);
    return new StateTree(level[0] ?? null);
  }

  /** Commits to every key and value, and to nothing else. */
  get root(): Hash {
    this.#hash ??= hashToHex(hashOf(this.#root));
    return this.#hash;
  }

  /** Number of entries. */
  get size(): number {
    return sizeOf(this.#root);
  }

  /** The value of a key, or undefined. */
  get(key: string): Uint8Array | undefined {
    const keyHash = hashKey(key);
    let node = this.#root;
    for (let depth = 0; node?.kind === 'inner'; depth++) node = bitAt(keyHash, depth) === 0 ? node.left : node.right;
    return node?.key === key ? node.value : undefined;
  }

  /**
   * The tree with the writes done; null deletes, and deleting what is absent is nothing. The result does not depend on the
   * order of the writes. Costs one walk: every touched node is made, and later hashed, once.
   */
  update(writes: ReadonlyMap<string, Uint8Array | null>): StateTree {
    const sorted: Write[] = [];
    for (const [key, value] of writes) sorted.push({ keyHash: hashKey(key), key, value });
    sorted.sort((a, b) => compareText(a.keyHash, b.keyHash));
    const root = applyWrites(this.#root, sorted, 0);
    return root === this.#root ? this : new StateTree(root);
  }

  /** A proof of the key's value or absence, to check with `verifyStateProof`. */
  prove(key: string): StateProof {
    return proveIn(this.#root, key);
  }

  /** What lies below place `index` of 2^depth, without copying. */
  part(depth: number, index: number): StatePart {
    return new StatePart(depth, index, nodeAt(this.#root, depth, index));
  }

  /** All entries in the order of their key hashes. */
  *entries(): Generator<Entry, void, undefined> {
    for (const { key, value } of leavesOf(this.#root)) yield { key, value };
  }
}

function joinPairs(level: readonly StateNode[]): readonly StateNode[] {
  return Array.from({ length: level.length / 2 }, (_, i) => join(level[2 * i] ?? null, level[2 * i + 1] ?? null));
}

/** The leaves below a node, in order of their key hashes. */
export function* leavesOf(root: StateNode): Generator<LeafNode, void, undefined> {
  const waiting: StateNode[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop() as StateNode;
    if (node === null) continue;
    if (node.kind === 'leaf') yield node;
    else waiting.push(node.right, node.left);
  }
}

/** `writes` are sorted and all belong below `node`, which stands at `depth`. */
function applyWrites(node: StateNode, writes: readonly Write[], depth: number): StateNode {
  if (writes.length === 0) return node;
  if (node?.kind !== 'inner') {
    const leaves = mergeLeaf(node, writes);
    return buildSorted(leaves, { from: 0, to: leaves.length, depth });
  }
  const middle = firstRight(writes, { from: 0, to: writes.length, depth });
  const left = applyWrites(node.left, writes.slice(0, middle), depth + 1);
  const right = applyWrites(node.right, writes.slice(middle), depth + 1);
  return left === node.left && right === node.right ? node : join(left, right);
}

/** The leaves that remain where there was one leaf or none: sorted, the same object where nothing changed. */
function mergeLeaf(leaf: LeafNode | null, writes: readonly Write[]): readonly LeafNode[] {
  const merged: LeafNode[] = [];
  let waiting = leaf;
  for (const { keyHash, key, value } of writes) {
    const order = waiting === null ? 1 : compareText(waiting.keyHash, keyHash);
    if (waiting !== null && order < 0) merged.push(waiting);
    const unchanged = waiting !== null && order === 0 && value !== null && Buffer.compare(waiting.value, value) === 0;
    if (waiting !== null && unchanged) merged.push(waiting);
    else if (value !== null) merged.push(leafOf(keyHash, key, value));
    if (order <= 0) waiting = null;
  }
  if (waiting !== null) merged.push(waiting);
  return merged;
}

/** The order of code units, which is that of the bytes in hashes. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
