/**
 * Who was missing for too long (spec: staking §6). Owns the count of missed commits; what it costs is slashing.ts.
 * Only absence is written down, so a network in good health writes nothing.
 */
import type { EmitEvent } from '../state/events.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, ChainParams, Height, MissedHeights } from '../types/index.ts';
import { punishDowntime } from './slashing.ts';
import { readMissed, readPool, writeMissed } from './stake-records.ts';
import { mustReadValidatorsAt } from './validator-sets.ts';

/** End of the block at `height`, whose last commit carries the precommits of `signers` for `height − 1`. */
export function countMissed(
  overlay: Overlay,
  signers: ReadonlySet<Address>,
  context: { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent },
): void {
  const { params, height } = context;
  if (height === 1) return;
  const { downtimeWindow, downtimeMissedMax } = params.staking;
  for (const { operator } of mustReadValidatorsAt(overlay, height - 1)) {
    if (signers.has(operator) || readPool(overlay, operator)?.status !== 'active') continue;
    const missed = addMissed(readMissed(overlay, operator), height - 1, height - downtimeWindow);
    const isDown = countHeights(missed) > downtimeMissedMax;
    writeMissed(overlay, operator, isDown ? [] : missed);
    if (isDown) punishDowntime(overlay, operator, context);
  }
}

/** The stretches with `height` added and everything below `oldest` cut off. */
function addMissed(missed: readonly MissedHeights[], height: Height, oldest: Height): MissedHeights[] {
  const kept = missed.filter(({ last }) => last >= oldest).map((stretch) => cutBelow(stretch, oldest));
  const newest = kept.at(-1);
  if (newest === undefined || newest.last < height - 1) return [...kept, { first: height, last: height }];
  return [...kept.slice(0, -1), { first: newest.first, last: height }];
}

function cutBelow({ first, last }: MissedHeights, oldest: Height): MissedHeights {
  return { first: Math.max(first, oldest), last };
}

function countHeights(missed: readonly MissedHeights[]): number {
  return missed.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}
