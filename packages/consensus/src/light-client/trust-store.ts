/**
 * The blocks a light client trusts, bounded (spec: light-client §5.4). Owns order, bound and the refusal of a second block at
 * one height. Owns no verification: only what was verified may be added. Immutable; keeping it on disk is the host's.
 */
import type { Height, LightBlock, TimestampMs } from '@synod/chain';
import { idOf } from './check-light-block.ts';
import type { LightClientConfig } from './light-verdict.ts';
import { lightClientLimits } from './limits.ts';

/** Rising heights, at least one block. */
export type TrustStore = { readonly blocks: readonly [LightBlock, ...LightBlock[]] };

/** A store that trusts one block, which a checkpoint vouched for. */
export function createTrustStore(block: LightBlock): TrustStore {
  return { blocks: [block] };
}

export type TrustAddition =
  | { readonly ok: true; readonly store: TrustStore }
  /** Both were verified and they differ: `detectAttack` tells who lied. */
  | { readonly ok: false; readonly code: 'TRUST_CONFLICT'; readonly known: LightBlock };

/** Adds a verified block. Beyond the maximum the lowest block is forgotten, which may be the new one. */
export function addTrusted(store: TrustStore, block: LightBlock): TrustAddition {
  const known = trustedAt(store, block.header.height);
  if (known !== null) {
    const same = idOf(known.header) === idOf(block.header);
    return same ? { ok: true, store } : { ok: false, code: 'TRUST_CONFLICT', known };
  }
  const blocks = [...store.blocks, block].sort((a, b) => a.header.height - b.header.height);
  const [first = block, ...rest] = blocks.slice(-lightClientLimits.trustedBlocksMax);
  return { ok: true, store: { blocks: [first, ...rest] } };
}

/** The trusted block of a height, or null. */
export function trustedAt(store: TrustStore, height: Height): LightBlock | null {
  return store.blocks.find(({ header }) => header.height === height) ?? null;
}

/** The trusted block to verify `height` from: the highest one below it, or null where none is lower. */
export function trustedBelow(store: TrustStore, height: Height): LightBlock | null {
  return store.blocks.findLast(({ header }) => header.height < height) ?? null;
}

/** The highest trusted block. */
export function latestTrusted(store: TrustStore): LightBlock {
  return store.blocks.at(-1) ?? store.blocks[0];
}

/** Forgets what can vouch for nothing any more. The latest stays even so, to tell how old the trust is. */
export function dropExpired(store: TrustStore, config: LightClientConfig, nowMs: TimestampMs): TrustStore {
  const latest = latestTrusted(store);
  const isFresh = ({ header }: LightBlock): boolean => header.time + config.trustingPeriodMs > nowMs;
  const [first = latest, ...rest] = store.blocks.filter((block) => block === latest || isFresh(block));
  return { blocks: [first, ...rest] };
}
