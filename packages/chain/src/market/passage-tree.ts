/**
 * The RFC 6962 tree over an expert's passages, kept whole: the root it registers and the proof of any quote (spec: market §5.2).
 * Owns the levels of hashes; a passage's bytes are the codec's, where passages come from is the caller's.
 */
import { passageLeaf } from '../codec/index.ts';
import { sha256 } from '../crypto/hash.ts';
import { fromHex, toHex } from '../crypto/hex.ts';
import { merkleLeafHash } from '../merkle/index.ts';
import type { Hash } from '../types/index.ts';

const HASH_BYTES = 32;
const NODE_PREFIX = 1;

/** Some 64 bytes a passage; texts are not kept. */
export class PassageTree {
  /** Hashes of a level side by side, leaves first, the root alone in the last. */
  readonly #levels: readonly Uint8Array[];
  readonly size: number;

  /** Throws where a passage is longer than a segment or a source may be. */
  constructor(passages: readonly { readonly text: string; readonly source: string }[]) {
    this.size = passages.length;
    const leaves: Uint8Array = new Uint8Array(HASH_BYTES * passages.length);
    passages.forEach(({ text, source }, index) => {
      leaves.set(fromHex(merkleLeafHash(passageLeaf({ text, source }))), HASH_BYTES * index);
    });
    const levels: Uint8Array[] = [leaves];
    for (let last = leaves; last.length > HASH_BYTES; levels.push(last)) last = levelAbove(last);
    this.#levels = levels;
  }

  /** What `knowledgeRoot` of a profile is; SHA-256 of nothing for no passages. */
  get root(): Hash {
    const top = this.#levels.at(-1);
    return toHex(top === undefined || top.length === 0 ? sha256(new Uint8Array(0)) : top) as Hash;
  }

  /** Audit path of the passage, from its sibling up to below the root; null when it is not the one at `index`. */
  proof(index: number, passage: { readonly text: string; readonly source: string }): readonly Hash[] | null {
    const [leaves] = this.#levels;
    if (!Number.isInteger(index) || index < 0 || index >= this.size || leaves === undefined) return null;
    const { text, source } = passage;
    if (merkleLeafHash(passageLeaf({ text, source })) !== hashAt(leaves, index)) return null;
    const proof: Hash[] = [];
    let position = index;
    for (const level of this.#levels) {
      const sibling = hashAt(level, position ^ 1);
      if (sibling !== null) proof.push(sibling);
      position >>= 1;
    }
    return proof;
  }
}

/** The last node of an odd level rises alone. */
function levelAbove(level: Uint8Array): Uint8Array {
  const count = level.length / HASH_BYTES;
  const above = new Uint8Array(HASH_BYTES * Math.ceil(count / 2));
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = NODE_PREFIX;
  for (let at = 0; at < count; at += 2) {
    const pair = level.subarray(HASH_BYTES * at, HASH_BYTES * (at + 2));
    if (pair.length > HASH_BYTES) input.set(pair, 1);
    above.set(pair.length > HASH_BYTES ? sha256(input) : pair, (HASH_BYTES * at) / 2);
  }
  return above;
}

function hashAt(level: Uint8Array, index: number): Hash | null {
  const bytes = level.subarray(HASH_BYTES * index, HASH_BYTES * (index + 1));
  return bytes.length === HASH_BYTES ? (toHex(bytes) as Hash) : null;
}
