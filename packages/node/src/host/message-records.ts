/**
 * Records inside direct messages: their shapes, and how they stand in parts. Owns no message; the readers throw RangeError on parts that are
 * missing or malformed.
 */
import { CHAIN_LIMITS, fromHex, type Hash, type PublicKey, type Round, toHex } from '@synod/chain';
import { limits } from './limits.ts';
import { atMost, bits, integer, readBits, readInteger, required } from './message-parts.ts';
import type { SnapshotAnchor } from './ports.ts';

/** What a snapshot is, without its chunks. */
export type OfferedSnapshot = SnapshotAnchor & { readonly manifest: Uint8Array };

/** Which votes of one round a node has: one bit a validator, in set order. */
export type RoundSummary = {
  readonly round: Round;
  readonly hasProposal: boolean;
  readonly prevotes: readonly boolean[];
  readonly precommits: readonly boolean[];
};

/** Says that an expert answers through the sender's node. */
export type ExpertClaim = { readonly publicKey: PublicKey; readonly signature: Uint8Array };

/** A chunk of a blob and its audit path, from its sibling up to below the root. */
export type ChunkBytes = { readonly bytes: Uint8Array; readonly proof: readonly Hash[] };

const HASH_BYTES = 32;
const KEY_BYTES = 32;
const CLAIM_BYTES = KEY_BYTES + 64;

/** Key and signature of each, end to end. */
export function claimsPart(claims: readonly ExpertClaim[]): Uint8Array {
  const part = new Uint8Array(CLAIM_BYTES * claims.length);
  claims.forEach(({ publicKey, signature }, index) => {
    part.set(fromHex(publicKey), CLAIM_BYTES * index);
    part.set(signature, CLAIM_BYTES * index + KEY_BYTES);
  });
  return part;
}

export function readClaims(part: Uint8Array): readonly ExpertClaim[] {
  const count = part.length / CLAIM_BYTES;
  if (!Number.isInteger(count) || count > limits.expertsPerPeer) throw new RangeError('claims of experts');
  return Array.from({ length: count }, (_, index) => {
    const claim = part.subarray(CLAIM_BYTES * index, CLAIM_BYTES * (index + 1));
    // Kept as long as the peer is there: a part of its greeting would keep all of that.
    const signature = Uint8Array.from(claim.subarray(KEY_BYTES));
    return { publicKey: toHex(claim.subarray(0, KEY_BYTES)) as PublicKey, signature };
  });
}

export function snapshotParts({ manifest, proof, lightBlock, block, results }: OfferedSnapshot): readonly Uint8Array[] {
  return [manifest, proof, lightBlock, block, results];
}

export function readSnapshot(parts: readonly Uint8Array[]): OfferedSnapshot | null {
  if (parts.length === 1) return null;
  const [, manifest, proof, lightBlock, block, results] = parts;
  return {
    manifest: required(manifest),
    proof: required(proof),
    lightBlock: required(lightBlock),
    block: required(block),
    results: required(results),
  };
}

export function chunkParts(chunk: ChunkBytes | null): readonly Uint8Array[] {
  return chunk === null ? [] : [chunk.bytes, fromHex(chunk.proof.join(''))];
}

/** A part for the bytes and one for the path, or neither. */
export function readChunk(parts: readonly Uint8Array[]): ChunkBytes | null {
  const bytes = atMost(parts[2], CHAIN_LIMITS.chunkBytes);
  if (bytes === null) return null;
  const path = required(parts[3]);
  const count = path.length / HASH_BYTES;
  if (!Number.isInteger(count) || count > limits.blobPathMax) throw new RangeError('path of a chunk');
  const at = (index: number) => toHex(path.subarray(HASH_BYTES * index, HASH_BYTES * (index + 1))) as Hash;
  return { bytes, proof: Array.from({ length: count }, (_, index) => at(index)) };
}

/** round, proposal flag, prevote bits, precommit bits: four parts a round. */
export function summaryParts(summary: RoundSummary): readonly Uint8Array[] {
  return [
    integer(summary.round),
    integer(summary.hasProposal ? 1 : 0),
    bits(summary.prevotes),
    bits(summary.precommits),
  ];
}

export function readSummaries(parts: readonly Uint8Array[]): readonly RoundSummary[] {
  const summaries: RoundSummary[] = [];
  for (let at = 3; at < parts.length; at += 4) {
    summaries.push({
      round: readInteger(parts[at]),
      hasProposal: readInteger(parts[at + 1]) === 1,
      prevotes: readBits(parts[at + 2]),
      precommits: readBits(parts[at + 3]),
    });
  }
  return summaries;
}
