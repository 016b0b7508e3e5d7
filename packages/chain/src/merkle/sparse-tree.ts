/**
 * The state as an immutable, authenticated map from text keys to bytes: a compact sparse Merkle tree (spec: codec §13).
 * Owns lookup, batched change and order; versions share all untouched subtrees. Storage and undo are the node's.
 */
import { toHex } from '../crypto/hex.ts';
import type { Hash } from '../types/index.ts';
import { bitAt, hashKey, hashOf, join, type LeafNode, leafOf, type StateNode, sizeOf } from './state-node.ts';
import { proveIn, type StateProof } from './state-proof.ts';

type Entry = { readonly key: string; readonly value: Uint8Array };

/** A write at its place; null deletes. */
type Write = { readonly keyHash: Uint8Array; readonly key: string; readonly value: Uint8Array | null };

/** One version of the state. Values handed in or out are shared with the tree and must not be changed. */
export class StateTree {
  readonly #root: StateNode;

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

  /** Commits to every key and value, and to nothing else. */
  get root(): Hash {
    return toHex(hashOf(this.#root)) as Hash;
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
    sorted.sort((a, b) => Buffer.compare(a.keyHash, b.keyHash));
    const root = applyWrites(this.#root, sorted, 0);
    return root === this.#root ? this : new StateTree(root);
  }

  /** A proof of the key's value or absence, to check with `verifyStateProof`. */
  prove(key: string): StateProof {
    return proveIn(this.#root, key);
  }

  /** All entries in the order of their key hashes. */
  *entries(): Generator<Entry, void, undefined> {
    for (const { key, value } of leavesOf(this.#root)) yield { key, value };
  }
}

function* leavesOf(root: StateNode): Generator<LeafNode, void, undefined> {
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
  if (node?.kind !== 'inner') return build(mergeLeaf(node, writes), depth);
  const middle = firstRight(writes, depth);
  const left = applyWrites(node.left, writes.slice(0, middle), depth + 1);
  const right = applyWrites(node.right, writes.slice(middle), depth + 1);
  return left === node.left && right === node.right ? node : join(left, right);
}

/** The leaves that remain where there was one leaf or none: sorted, the same object where nothing changed. */
function mergeLeaf(leaf: LeafNode | null, writes: readonly Write[]): readonly LeafNode[] {
  const merged: LeafNode[] = [];
  let waiting = leaf;
  for (const { keyHash, key, value } of writes) {
    const order = waiting === null ? 1 : Buffer.compare(waiting.keyHash, keyHash);
    if (waiting !== null && order < 0) merged.push(waiting);
    const unchanged = waiting !== null && order === 0 && value !== null && Buffer.compare(waiting.value, value) === 0;
    if (waiting !== null && unchanged) merged.push(waiting);
    else if (value !== null) merged.push(leafOf(keyHash, key, value));
    if (order <= 0) waiting = null;
  }
  if (waiting !== null) merged.push(waiting);
  return merged;
}

function build(leaves: readonly LeafNode[], depth: number): StateNode {
  if (leaves.length <= 1) return leaves[0] ?? null;
  const middle = firstRight(leaves, depth);
  return join(build(leaves.slice(0, middle), depth + 1), build(leaves.slice(middle), depth + 1));
}

/** Where the sorted row turns from left (bit 0) to right (bit 1) at `depth`. */
function firstRight(row: readonly { readonly keyHash: Uint8Array }[], depth: number): number {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bitAt((row[middle] as { keyHash: Uint8Array }).keyHash, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
