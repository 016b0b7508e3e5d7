/** What an operator's gauges show of this node alone: its work, its disk, how late blocks come. Owns joining them. */
import type { Address, Block, ChainEvent, StateTree } from '@synod/chain';
import type { StorageReport } from '../adapters/index.ts';
import { WorkCounter, type WorkReport } from './work-counter.ts';

export type OperatingFacts = {
  readonly operator: Address | null;
  readonly experts: readonly Address[];
  nowMs(): number;
  /** Left out: nothing is known of this node's disk. */
  storage?(): Promise<StorageReport>;
};

export class OperatingReader {
  readonly #facts: OperatingFacts;
  readonly #isBehind: () => boolean;
  readonly #work: WorkCounter;
  #delayMs: number | null = null;

  constructor(facts: OperatingFacts, isBehind: () => boolean) {
    this.#facts = facts;
    this.#isBehind = isBehind;
    this.#work = new WorkCounter(facts);
  }

  /** Every block applied, in order, with the state after it. */
  onBlock(block: Block, events: readonly ChainEvent[], state: StateTree): void {
    this.#work.onBlock(block, events, state);
    this.#delayMs = this.#facts.nowMs() - block.header.time;
  }

  /** What it has signed and earned since its start. */
  work(): WorkReport {
    return this.#work.report();
  }

  /** Null where nothing is known. Looked at in the background, now and then. */
  async storage(): Promise<StorageReport | null> {
    return (await this.#facts.storage?.()) ?? null;
  }

  /** How long after its own time the newest block was applied here; null while catching up, and before the first block. */
  blockDelayMs(): number | null {
    return this.#isBehind() ? null : this.#delayMs;
  }
}
