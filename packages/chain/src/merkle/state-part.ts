/**
 * Parts of the state tree: what lies below one place at one depth, with its own root (spec: snapshot §1). Owns cutting a
 * tree into parts, a part of leaves given in order, and the root that the parts' roots add up to.
 */
import { type Decoded, decoded, notDecoded } from '../codec/decoded.ts';
import { sha256Text } from '../crypto/hash.ts';
import type { Hash } from '../types/index.ts';
import { ZERO_HASH } from '../types/index.ts';
import { buildSorted } from './build-sorted.ts';
import {
  bitAt,
  hashFromHex,
  hashOf,
  hashToHex,
  innerHash,
  type LeafNode,
  leafOf,
  type StateNode,
  sizeOf,
} from './state-node.ts';

/** What a part's maker says of it. `leaves` tells an empty part and a lone leaf, which both stand higher, from others. */
export type PartRoot = { readonly hash: Hash; readonly leaves: number };

/** One leaf as it is stored: the key is UTF-8. */
export type PartLeaf = { readonly key: Uint8Array; readonly value: Uint8Array };

/** Everything whose key hash begins with the `depth` bits of `index`. Immutable. */
export class StatePart {
  readonly depth: number;
  readonly index: number;
  /** For the tree's own use. */
  readonly node: StateNode;

  constructor(depth: number, index: number, node: StateNode) {
    this.depth = depth;
    this.index = index;
    this.node = node;
  }

  /**
   * Makes a part of leaves that must be in strictly rising order of key hashes and all belong here. Values are shared.
   * Total: whatever breaks the order is refused.
   */
  static fromLeaves(depth: number, index: number, leaves: readonly PartLeaf[]): Decoded<StatePart> {
    const nodes: LeafNode[] = [];
    let previous = '';
    for (const { key, value } of leaves) {
      const keyHash = sha256Text(key);
      if (prefixOf(keyHash, depth) !== index) return notDecoded('a key belongs to another part');
      if (previous >= keyHash) return notDecoded('the leaves are not in order');
      const text = Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8');
      nodes.push(leafOf(keyHash, text, value));
      previous = keyHash;
    }
    return decoded(new StatePart(depth, index, buildSorted(nodes, { from: 0, to: nodes.length, depth })));
  }

  get root(): PartRoot {
    return { hash: hashToHex(hashOf(this.node)), leaves: sizeOf(this.node) };
  }
}

/** The first `depth` bits of a key hash as a number; at most 32. */
export function prefixOf(keyHash: string, depth: number): number {
  let prefix = 0;
  for (let bit = 0; bit < depth; bit++) prefix = prefix * 2 + bitAt(keyHash, bit);
  return prefix;
}

/** The node at a place of the tree below `root`; a leaf that stands above it counts where its path leads. */
export function nodeAt(root: StateNode, depth: number, index: number): StateNode {
  let node = root;
  for (let level = 0; level < depth; level++) {
    if (node?.kind !== 'inner') break;
    node = Math.floor(index / 2 ** (depth - 1 - level)) % 2 === 0 ? node.left : node.right;
  }
  return node?.kind === 'leaf' && prefixOf(node.keyHash, depth) !== index ? null : node;
}

/** The root that all parts of one depth add up to, in order of their index; there must be 2^depth of them. */
export function rootOfParts(parts: readonly PartRoot[]): Hash {
  let level = parts;
  while (level.length > 1) level = joinPairs(level);
  return level[0]?.hash ?? ZERO_HASH;
}

function joinPairs(level: readonly PartRoot[]): readonly PartRoot[] {
  return Array.from({ length: level.length / 2 }, (_, i) =>
    joinRoots(level[2 * i] as PartRoot, level[2 * i + 1] as PartRoot),
  );
}

/** The rule of `join`, on hashes: a lone leaf rises. */
function joinRoots(left: PartRoot, right: PartRoot): PartRoot {
  if (left.leaves === 0 && right.leaves <= 1) return right;
  if (right.leaves === 0 && left.leaves <= 1) return left;
  const hash = hashToHex(innerHash(hashFromHex(left.hash), hashFromHex(right.hash)));
  return { hash, leaves: left.leaves + right.leaves };
}
