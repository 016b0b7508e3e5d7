/** Proofs that a key has a value, or none, under a state root (spec: codec §14). Owns their shape and their check. */
import { type Decoded, decoded, notDecoded } from '../codec/decoded.ts';
import { sha256Text } from '../crypto/hash.ts';
import { fromHex, isHex, toHex } from '../crypto/hex.ts';
import type { Hash } from '../types/index.ts';
import {
  bitAt,
  EMPTY_HASH,
  hashFromHex,
  hashKey,
  hashOf,
  hashToHex,
  innerHash,
  leafHash,
  STATE_TREE_DEPTH,
  type StateNode,
} from './state-node.ts';

/** Plain JSON. */
export type StateProof = {
  /** Hashes beside the key's path, from just below the root down to where the path ends. */
  readonly siblings: readonly Hash[];
  /** The leaf where the path ends: the key's own, another's, or null for an empty place. */
  readonly leaf: { readonly keyHash: Hash; readonly valueHash: Hash } | null;
  /** The value in lowercase hexadecimal; null exactly when the key is absent. */
  readonly value: string | null;
};

/** The proof for `key` in the tree below `root`. */
export function proveIn(root: StateNode, key: string): StateProof {
  const keyHash = hashKey(key);
  const siblings: Hash[] = [];
  let node = root;
  for (let depth = 0; node?.kind === 'inner'; depth++) {
    const goRight = bitAt(keyHash, depth) === 1;
    siblings.push(hashToHex(hashOf(goRight ? node.left : node.right)));
    node = goRight ? node.right : node.left;
  }
  if (node === null) return { siblings, leaf: null, value: null };
  return {
    siblings,
    leaf: { keyHash: hashToHex(node.keyHash), valueHash: hashToHex(sha256Text(node.value)) },
    value: node.key === key ? toHex(node.value) : null,
  };
}

/**
 * Checks a proof against a root that the caller trusts. `value` is the key's value, or null when the proof shows that the
 * key has none. Never throws, whatever shape an untrusted proof has.
 */
export function verifyStateProof(claim: {
  readonly root: Hash;
  readonly key: string;
  readonly proof: StateProof;
}): Decoded<Uint8Array | null> {
  const { root, key, proof } = claim;
  if (!isStateProof(proof)) return notDecoded('the proof is malformed');
  const { siblings, leaf, value } = proof;
  const keyHash = hashKey(key);
  const ending = leaf === null ? EMPTY_HASH : leafHash(hashFromHex(leaf.keyHash), hashFromHex(leaf.valueHash));
  let node = ending;
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = hashFromHex(siblings[depth] as Hash);
    node = bitAt(keyHash, depth) === 1 ? innerHash(sibling, node) : innerHash(node, sibling);
  }
  if (hashToHex(node) !== root) return notDecoded('the proof does not lead to the root');
  if (leaf?.keyHash === hashToHex(keyHash)) return presentValue(leaf.valueHash, value);
  if (value !== null) return notDecoded('a value is given for a key that the proof shows absent');
  if (leaf !== null && !sharePath(hashFromHex(leaf.keyHash), keyHash, siblings.length)) {
    return notDecoded("the leaf does not stand on the key's path");
  }
  return decoded(null);
}

function presentValue(valueHash: Hash, value: string | null): Decoded<Uint8Array | null> {
  if (value === null) return notDecoded('the key is present but its value is missing');
  const bytes = fromHex(value);
  return hashToHex(sha256Text(bytes)) === valueHash
    ? decoded(bytes)
    : notDecoded('the value does not have the proved hash');
}

function sharePath(a: string, b: string, bits: number): boolean {
  for (let depth = 0; depth < bits; depth++) if (bitAt(a, depth) !== bitAt(b, depth)) return false;
  return true;
}

function isStateProof(proof: unknown): proof is StateProof {
  if (typeof proof !== 'object' || proof === null) return false;
  const { siblings, leaf, value } = proof as Record<string, unknown>;
  if (!Array.isArray(siblings) || siblings.length > STATE_TREE_DEPTH || !siblings.every(isHash)) return false;
  if (value !== null && !(typeof value === 'string' && isHex(value, Math.floor(value.length / 2)))) return false;
  if (leaf === null) return true;
  if (typeof leaf !== 'object') return false;
  const { keyHash, valueHash } = leaf as Record<string, unknown>;
  return isHash(keyHash) && isHash(valueHash);
}

function isHash(text: unknown): text is Hash {
  return typeof text === 'string' && isHex(text, 32);
}
