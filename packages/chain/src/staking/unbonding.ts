/**
 * Stake on its way out (spec: staking §5): undelegated stake that waits for its payment, and redelegated stake that still
 * answers for where it came from. Owns both lists and their end.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { moveBetweenPots, moveFromPot } from '../state/ledger.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Address, Amount, Height, RedelegationEntry } from '../types/index.ts';
import { withdraw } from './pool-shares.ts';
import {
  forgetArrival,
  listMaturing,
  noteArrival,
  noteMaturing,
  readPool,
  readRedelegations,
  readUnbonding,
  writeRedelegations,
  writeUnbonding,
} from './stake-records.ts';

/**
 * False while the pool's list has no room for an entry of this amount. Small ones cannot keep out large ones: a thousand cost a
 * stranger no more than stake that comes back.
 */
export function canUnbond(view: StateView, operator: Address, amount: Amount): boolean {
  const { stakeEntriesMax, largeEntriesMax, largeEntryParts } = CHAIN_LIMITS;
  const count = readUnbonding(view, operator).length;
  const isLarge = amount * BigInt(largeEntryParts) >= (readPool(view, operator)?.tokens ?? 0n);
  return count < (isLarge ? largeEntriesMax : stakeEntriesMax);
}

/** The same for a validator that exits, whatever it takes out. */
export function canExit(view: StateView, operator: Address): boolean {
  return readUnbonding(view, operator).length < CHAIN_LIMITS.largeEntriesMax;
}

/** Takes the amount out of the pool and puts it on the list. The caller has checked `canUnbond` and the stake. */
export function startUnbonding(
  overlay: Overlay,
  operator: Address,
  entry: { readonly delegator: Address; readonly amount: Amount; readonly maturesAt: Height },
): void {
  if (entry.amount === 0n) return;
  withdraw(overlay, operator, entry.delegator, entry.amount);
  moveBetweenPots(overlay, 'staked', 'unbonding', entry.amount);
  writeUnbonding(overlay, operator, [...readUnbonding(overlay, operator), entry]);
  noteMaturing(overlay, entry.maturesAt, operator);
}

/** False while the list of redelegations out of the pool has no room. */
export function canRedelegate(view: StateView, from: Address): boolean {
  return readRedelegations(view, from).length < CHAIN_LIMITS.stakeEntriesMax;
}

/** Remembers for what the moved stake still answers. */
export function noteRedelegation(overlay: Overlay, from: Address, entry: RedelegationEntry): void {
  writeRedelegations(overlay, from, [...readRedelegations(overlay, from), entry]);
  noteArrival(overlay, entry.to, from);
  noteMaturing(overlay, entry.maturesAt, from);
}

/** End of the block at `height`: pays what has waited long enough and forgets redelegations as old. */
export function payMatured(overlay: Overlay, height: Height, emit: EmitEvent): void {
  for (const operator of listMaturing(overlay, height)) {
    const entries = readUnbonding(overlay, operator);
    for (const { delegator, amount, maturesAt } of entries) {
      if (maturesAt > height) continue;
      moveFromPot(overlay, 'unbonding', delegator, amount);
      emit({ type: 'stake.paid', validator: operator, delegator, amount });
    }
    writeUnbonding(
      overlay,
      operator,
      entries.filter(({ maturesAt }) => maturesAt > height),
    );
    forgetRedelegations(overlay, operator, height);
  }
  overlay.delete(stateKeys.matures(height));
}

function forgetRedelegations(overlay: Overlay, operator: Address, height: Height): void {
  const entries = readRedelegations(overlay, operator);
  const kept = entries.filter(({ maturesAt }) => maturesAt > height);
  if (kept.length === entries.length) return;
  writeRedelegations(overlay, operator, kept);
  const gone = new Set(entries.map(({ to }) => to).filter((to) => !kept.some((entry) => entry.to === to)));
  for (const to of gone) forgetArrival(overlay, to, operator);
}
