/** What consensus needs from the rest of the host, and what it decides. Owns shapes only. */
import type { Block, BlockExecution, BuiltBlock, Evidence, ExtendedCommit, Height } from '@synod/chain';
import type { ChainHead } from './chain-head.ts';

/** What the runner needs from the rest of the host. */
export type RunnerHooks = {
  head(): ChainHead;
  /** Transactions for a block this node proposes, encoded extension for a precommit it casts. */
  buildBlock(options: { height: Height; timeMs: number; lastCommit: ExtendedCommit | null }): BuiltBlock | null;
  extensionBytes(height: Height): Uint8Array;
  decided(decision: Decision): void;
  evidence(evidence: Evidence): void;
  /** Tells peers where this node stands, so that they send what it lacks. */
  announce(): void;
  canSign(): boolean;
  refuseToSign(reason: string): void;
};

export type Decision = {
  readonly block: Block;
  readonly bytes: Uint8Array;
  readonly commit: ExtendedCommit;
  /** What judging the block computed, or building it began, where this node did. */
  readonly execute?: () => BlockExecution;
};
