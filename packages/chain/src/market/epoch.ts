/**
 * What the market does at the end of an epoch (spec: market §11). Owns the order; each stage is its own file.
 */
import type { Overlay } from '../state/view.ts';
import { moveLoads } from './load.ts';
import type { PhaseContext } from './phases.ts';

/** At heights divisible by `epochHeights`, after the block's queries have settled. */
export function endMarketEpoch(overlay: Overlay, { params, height }: PhaseContext): void {
  if (height % params.staking.epochHeights !== 0) return;
  moveLoads(overlay, params);
}
