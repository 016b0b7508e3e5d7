/**
 * Blobs: bytes that the chain names and does not hold (spec: learning §3). Owns their id, the RFC 6962 root over their chunks, so that
 * each chunk is checked by itself. Where they are kept and served is the node's.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { merkleProof, merkleRoot, verifyInclusion } from '../merkle/index.ts';
import type { Hash } from '../types/index.ts';

/** The blob's chunks in order: `CHAIN_LIMITS.chunkBytes` each, the last one what is left. None for no bytes. */
export function chunksOf(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / CHAIN_LIMITS.chunkBytes);
  const start = (index: number) => index * CHAIN_LIMITS.chunkBytes;
  return Array.from({ length: count }, (_, index) => bytes.subarray(start(index), start(index + 1)));
}

/** Number of chunks of a blob of that many bytes. */
export function chunkCount(bytes: number): number {
  return Math.ceil(bytes / CHAIN_LIMITS.chunkBytes);
}

/** Names the blob. */
export function blobId(bytes: Uint8Array): Hash {
  return merkleRoot(chunksOf(bytes));
}

/** Audit path of a chunk, from its sibling up to below the root. */
export function chunkProof(bytes: Uint8Array, index: number): readonly Hash[] {
  return merkleProof(chunksOf(bytes), index);
}

export type Chunk = { readonly index: number; readonly bytes: Uint8Array; readonly proof: readonly Hash[] };

/** True when the chunk is the one at its index in the blob of that id and length. */
export function isChunkOf(content: Hash, blobBytes: number, { index, bytes, proof }: Chunk): boolean {
  const size = chunkCount(blobBytes);
  const due = index === size - 1 ? blobBytes - index * CHAIN_LIMITS.chunkBytes : CHAIN_LIMITS.chunkBytes;
  if (bytes.length !== due) return false;
  return verifyInclusion({ leaf: bytes, index, size, proof, root: content });
}
