/** Blocks proposed for one height, by id. Owns their bound and what validating them computed. */
import { type Block, type BlockExecution, decodeBlock, type Hash, type Height } from '@synod/chain';
import { limits } from './limits.ts';

export type Candidate = {
  readonly block: Block;
  readonly bytes: Uint8Array;
  /** What judging the block computed, or finishes what building it began, where this node did. */
  execute?: () => BlockExecution;
};

export class CandidateBlocks {
  readonly #blocks = new Map<Hash, Candidate>();

  get isFull(): boolean {
    return this.#blocks.size >= limits.candidateBlocks;
  }

  has(blockId: Hash): boolean {
    return this.#blocks.has(blockId);
  }

  get(blockId: Hash): Candidate | undefined {
    return this.#blocks.get(blockId);
  }

  add(blockId: Hash, candidate: Candidate): void {
    this.#blocks.set(blockId, candidate);
  }

  /** Keeps a block read back from the log; false when it is not one of this height. */
  keepEncoded(blockId: Hash, bytes: Uint8Array, height: Height): boolean {
    const block = decodeBlock(bytes);
    if (!block.ok || block.value.header.height !== height) return false;
    this.#blocks.set(blockId, { block: block.value, bytes });
    return true;
  }

  /** Takes out every block whose id is not among these. */
  takeOthers(known: ReadonlySet<Hash>): readonly (readonly [Hash, Candidate])[] {
    const others = [...this.#blocks].filter(([blockId]) => !known.has(blockId));
    for (const [blockId] of others) this.#blocks.delete(blockId);
    return others;
  }
}
