/** The part of the node's port that an operator's gauges read. Owns its shapes; node-api.ts joins them. */
import type { Amount } from '@synod/chain';

/** What an operator's gauges show of this node alone, since its start. */
export type OperatingApi = {
  /** Blocks whose certificate does and does not carry its precommit; nano paid to its validator and experts; feedback on the chain. */
  work(): {
    readonly signedBlocks: number;
    readonly missedBlocks: number;
    readonly earned: Readonly<Record<string, Amount>>;
    readonly feedback: Readonly<Record<string, number>>;
  };
  /** Bytes of the parts of its home, and free ones on that disk; null where nothing is known. */
  storage(): Promise<{ readonly bytes: Readonly<Record<string, number>>; readonly freeBytes: number } | null>;
  /** How long after its own time the newest block was applied here; null while catching up, and before the first block. */
  blockDelayMs(): number | null;
};
