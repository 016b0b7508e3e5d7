/** Chunks of the blobs that are here, with their audit paths, for peers. Owns the few blobs that are kept at hand; the files are the store's. */
import { chunkCount, chunkProof, chunksOf, type Hash } from '@synod/chain';
import { limits } from './limits.ts';
import type { ChunkBytes } from './messages.ts';
import type { BlobStore } from './ports.ts';

export class BlobChunks {
  readonly #blobs: BlobStore | null;
  /** Served last, the newest at the end. */
  readonly #atHand = new Map<Hash, Uint8Array>();

  constructor(blobs: BlobStore | null) {
    this.#blobs = blobs;
  }

  /** Null where the blob is not here, or has no such chunk. */
  chunk(content: Hash, index: number): ChunkBytes | null {
    const bytes = this.#read(content);
    if (bytes === null || index >= chunkCount(bytes.length)) return null;
    return { bytes: chunksOf(bytes)[index]!, proof: chunkProof(bytes, index) };
  }

  #read(content: Hash): Uint8Array | null {
    const bytes = this.#atHand.get(content) ?? this.#blobs?.read(content) ?? null;
    if (bytes === null) return null;
    this.#atHand.delete(content);
    this.#atHand.set(content, bytes);
    const [oldest] = this.#atHand.keys();
    if (this.#atHand.size > limits.blobsServed && oldest !== undefined) this.#atHand.delete(oldest);
    return bytes;
  }
}
