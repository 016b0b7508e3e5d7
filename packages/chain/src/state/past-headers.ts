/**
 * What state remembers of past blocks (spec: state §7.6): id and time of as many heights as evidence may be about. Owns the
 * records and their end.
 */
import { decodePastHeader, decodeU64, encodePastHeader, encodeU64 } from '../codec/index.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import type { ChainParams, Height, PastHeader } from '../types/index.ts';
import { stateKeys } from './keys.ts';
import { readRecord, remembered, writeRecord } from './records.ts';
import type { Overlay, StateView } from './view.ts';

const headerForm = remembered({ encode: encodePastHeader, decode: decodePastHeader });
const oldestForm = remembered({ encode: encodeU64, decode: decodeU64 });

/** Lowest height that the state after `height` knows the set and the block of. */
export function oldestKept({ staking }: ChainParams, height: Height): Height {
  return height + 1 - Math.max(staking.evidenceAgeHeights, CHAIN_LIMITS.setHeightsKept);
}

/** The block at that height, or null when it is above the head or forgotten. */
export function readPastHeader(view: StateView, height: Height): PastHeader | null {
  return readRecord(view, stateKeys.pastHeader(height), headerForm);
}

/** Remembers the block at `height` and forgets at most two of the oldest, so that a shorter age is reached in steps. */
export function rememberHeader(overlay: Overlay, params: ChainParams, height: Height, header: PastHeader): void {
  writeRecord(overlay, stateKeys.pastHeader(height), headerForm, header);
  const first = Number(readRecord(overlay, stateKeys.pastHeaders, oldestForm) ?? 1n);
  const next = Math.max(first, Math.min(oldestKept(params, height), first + 2));
  for (let old = first; old < next; old += 1) overlay.delete(stateKeys.pastHeader(old));
  if (next !== first) writeRecord(overlay, stateKeys.pastHeaders, oldestForm, BigInt(next));
}
