/**
 * SHA-256 and the tagged hash every id of the chain is made with (spec: codec §3).
 * Owns no tags: each use names its own.
 */
import * as nodeCrypto from 'node:crypto';
import type { Hash } from '../types/index.ts';

const TAG_PREFIXES_MAX = 256;
const tagPrefixes = new Map<string, Uint8Array>();

/** SHA-256 as 32 bytes. One-shot node:crypto: level with as-sha256 at 65 bytes, twice as fast at 250. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nodeCrypto.hash('sha256', bytes, 'buffer');
}

/**
 * SHA-256 as text of 32 characters, one a byte (Latin-1): a third of the memory of an array and quicker to make and to
 * compare, in the order of the bytes. Text is hashed as its UTF-8. For trees with millions of nodes.
 */
export function sha256Text(input: Uint8Array | string): string {
  return nodeCrypto.hash('sha256', input, 'binary');
}

const pair = new Uint8Array(65);

/** SHA-256(domain ‖ first ‖ second) of two hashes as such text, as such text: an inner node of a tree, or a leaf of two hashes. */
export function sha256Pair(domain: 0 | 1, first: string, second: string): string {
  pair[0] = domain;
  for (let index = 0; index < 32; index++) {
    pair[1 + index] = first.charCodeAt(index);
    pair[33 + index] = second.charCodeAt(index);
  }
  return sha256Text(pair);
}

/** SHA-512 as 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array {
  return nodeCrypto.hash('sha512', bytes, 'buffer');
}

/** The 32 bytes SHA-256(tag), which open everything hashed or signed in that tag's domain (codec §3). */
export function tagPrefix(tag: string): Uint8Array {
  const known = tagPrefixes.get(tag);
  if (known !== undefined) return known;
  const prefix = sha256(new TextEncoder().encode(tag));
  if (tagPrefixes.size < TAG_PREFIXES_MAX) tagPrefixes.set(tag, prefix);
  return prefix;
}

/**
 * SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ parts…), as bytes. The parts are concatenated without lengths, so every part but
 * the last must have a length fixed by the tag (codec §3).
 */
export function taggedHashBytes(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha256(taggedInput(tag, parts));
}

const SCRATCH_BYTES = 4096;
const scratch = new Uint8Array(SCRATCH_BYTES);

/** What is hashed, in a scratch that the next call overwrites where it fits. */
function taggedInput(tag: string, parts: readonly Uint8Array[]): Uint8Array {
  const prefix = tagPrefix(tag);
  let size = 64;
  for (const part of parts) size += part.length;
  const input = size <= SCRATCH_BYTES ? scratch.subarray(0, size) : new Uint8Array(size);
  input.set(prefix);
  input.set(prefix, 32);
  let at = 64;
  for (const part of parts) {
    input.set(part, at);
    at += part.length;
  }
  return input;
}

/** {@link taggedHashBytes} as a `Hash`. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Hash {
  return nodeCrypto.hash('sha256', taggedInput(tag, parts), 'hex') as Hash;
}
