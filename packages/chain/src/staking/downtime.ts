/**
 * Who was missing for too long (spec: staking §6). Owns the count of missed commits; what it costs is slashing.ts.
 * Only absence is written down, so a network in good health writes nothing.
 */
import type { EmitEvent } from '../state/events.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, ChainParams, Height } from '../types/index.ts';
import { addMissed, countMissed } from './missed-heights.ts';
import { punishDowntime } from './slashing.ts';
import { readMissed, readPool, writeMissed } from './stake-records.ts';
import { mustReadValidatorsAt } from './validator-sets.ts';

/** End of the block at `height`, whose last commit carries the precommits of `signers` for `height − 1`. */
export function noteMissing(
  overlay: Overlay,
  signers: ReadonlySet<Address>,
  context: { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent },
): void {
  const { params, height } = context;
  if (height === 1) return;
  const { downtimeWindow, downtimeMissedMax } = params.staking;
  for (const { operator } of mustReadValidatorsAt(overlay, height - 1)) {
    if (signers.has(operator) || readPool(overlay, operator)?.status !== 'active') continue;
    const oldest = height - downtimeWindow;
    const missed = addMissed(readMissed(overlay, operator), height - 1, oldest);
    const isDown = countMissed(missed, oldest) > downtimeMissedMax;
    writeMissed(overlay, operator, isDown ? null : missed);
    if (isDown) punishDowntime(overlay, operator, context);
  }
}
