/**
 * The checkpoint as blocks reach it one after the other (consensus §1.15): the chain must contain it, and it must still vouch for what
 * comes after. Owns that one check, for blocks fetched and decided alike; what is restored has the light client's.
 */
import type { ChainParams, Hash, Height, TimestampMs } from '@synod/chain';
import type { ChainIdentity } from './chain-head.ts';
import { type Checkpoint, checkpointExpired, requireCheckpoint, trustingPeriodMs } from './checkpoint.ts';
import type { Clock } from './ports.ts';

export class CheckpointTrust {
  readonly #identity: ChainIdentity;
  readonly #checkpoint: Checkpoint | null;
  /** Freshness is asked as of here, or a sync that takes long could never end. */
  readonly #startedAtMs: TimestampMs;

  constructor(identity: ChainIdentity, checkpoint: Checkpoint | null, clock: Clock) {
    this.#identity = identity;
    this.#checkpoint = checkpoint;
    this.#startedAtMs = clock.nowMs();
  }

  /** Throws `CHECKPOINT_MISMATCH` or `CHECKPOINT_EXPIRED` at the checkpoint's height. `params` are those of the state before the block. */
  require(
    block: { readonly height: Height; readonly hash: Hash; readonly timeMs: TimestampMs },
    params: ChainParams,
  ): void {
    requireCheckpoint(this.#checkpoint, block.height, block.hash);
    if (this.#checkpoint?.height !== block.height) return;
    const periodMs = trustingPeriodMs(this.#identity.genesis, params);
    if (periodMs !== null && this.#startedAtMs - block.timeMs > periodMs) throw checkpointExpired(this.#checkpoint);
  }
}
