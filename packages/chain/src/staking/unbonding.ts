/**
 * Stake on its way out (spec: staking §5): undelegated stake that waits for its payment, and redelegated stake that still
 * answers for where it came from. Owns the entries of both kinds and their end. An entry lies with its delegator, so nobody's
 * entries stand in anybody else's way, and what ends with a block was made by one block.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { moveBetweenPots, moveFromPot } from '../state/ledger.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Amount, Height, Maturing, RedelegationEntry } from '../types/index.ts';
import { mustReadPool, withdraw } from './pool-shares.ts';
import { collectOwed } from './slashing.ts';
import {
  countMaturing,
  listMaturing,
  noteMaturing,
  readRedelegations,
  readUnbonding,
  readUnbondingPool,
  writeRedelegations,
  writeUnbonding,
  writeUnbondingPool,
} from './stake-records.ts';
import { joinUnbonding, leaveUnbonding, unbondingWorth } from './unbonding-shares.ts';

/** False while the delegator's own list in this pool has no room. One that ends together with another takes none. */
export function canUnbond(view: StateView, { operator, delegator }: Maturing, maturesAt: Height): boolean {
  const entries = readUnbonding(view, operator, delegator);
  return hasRoom(entries, maturesAt) && canMature(view, maturesAt);
}

/** An exit finds room whatever its operator took out before: it comes once. */
export function canExit(view: StateView, maturesAt: Height): boolean {
  return canMature(view, maturesAt);
}

/** False while the delegator's own list of redelegations into the pool has no room. */
export function canRedelegate(
  view: StateView,
  { operator, delegator }: Maturing,
  { from, maturesAt }: Pick<RedelegationEntry, 'from' | 'maturesAt'>,
): boolean {
  const entries = readRedelegations(view, operator, delegator);
  const isMerged = entries.some((entry) => entry.from === from && entry.maturesAt === maturesAt);
  return isMerged || (entries.length < CHAIN_LIMITS.stakeEntriesMax && canMature(view, maturesAt));
}

function hasRoom(entries: readonly { readonly maturesAt: Height }[], maturesAt: Height): boolean {
  return entries.length < CHAIN_LIMITS.stakeEntriesMax || entries.some((entry) => entry.maturesAt === maturesAt);
}

/** More end at one height only where votes shortened the unbonding time again and again. */
function canMature(view: StateView, maturesAt: Height): boolean {
  return countMaturing(view, maturesAt) < CHAIN_LIMITS.maturingMax;
}

/** Takes the amount out of the pool and notes the entry. The caller has checked `canUnbond` and the stake. */
export function startUnbonding(
  overlay: Overlay,
  { operator, delegator }: Maturing,
  { amount, maturesAt }: { readonly amount: Amount; readonly maturesAt: Height },
): void {
  if (amount === 0n) return;
  withdraw(overlay, operator, delegator, amount);
  moveBetweenPots(overlay, 'staked', 'unbonding', amount);
  const { pool, shares } = joinUnbonding(readUnbondingPool(overlay, operator), amount);
  writeUnbondingPool(overlay, operator, pool);
  const { series } = pool;
  const entries = readUnbonding(overlay, operator, delegator);
  const at = entries.findIndex((entry) => entry.maturesAt === maturesAt && entry.series === series);
  if (at === -1) {
    writeUnbonding(overlay, operator, delegator, [...entries, { maturesAt, shares, series }]);
    noteMaturing(overlay, maturesAt, { operator, delegator });
    return;
  }
  const merged = { maturesAt, shares: entries[at]!.shares + shares, series };
  writeUnbonding(overlay, operator, delegator, entries.with(at, merged));
}

/** Remembers for what the moved stake still answers. A barred validator cannot be punished again: nothing answers for it. */
export function noteRedelegation(
  overlay: Overlay,
  { operator, delegator }: Maturing,
  { from, maturesAt, amount }: RedelegationEntry,
): void {
  if (mustReadPool(overlay, from).status === 'tombstoned') return;
  const entries = readRedelegations(overlay, operator, delegator);
  const at = entries.findIndex((entry) => entry.from === from && entry.maturesAt === maturesAt);
  if (at === -1) {
    writeRedelegations(overlay, operator, delegator, [...entries, { from, maturesAt, amount }]);
    noteMaturing(overlay, maturesAt, { operator, delegator });
    return;
  }
  const merged = { from, maturesAt, amount: entries[at]!.amount + amount };
  writeRedelegations(overlay, operator, delegator, entries.with(at, merged));
}

/**
 * End of the block at `height`: redelegated stake pays what it owes, or is free; undelegated stake is paid. In this order for
 * each delegator and pool, so that nothing is paid that owes.
 */
export function payMatured(overlay: Overlay, height: Height, emit: EmitEvent): void {
  for (const maturing of listMaturing(overlay, height)) {
    collectOwed(overlay, maturing, emit);
    forgetRedelegations(overlay, maturing, height);
    payUnbonding(overlay, maturing, { height, emit });
  }
  overlay.delete(stateKeys.matures(height));
}

function forgetRedelegations(overlay: Overlay, { operator, delegator }: Maturing, height: Height): void {
  const entries = readRedelegations(overlay, operator, delegator);
  const kept = entries.filter(({ maturesAt }) => maturesAt > height);
  if (kept.length < entries.length) writeRedelegations(overlay, operator, delegator, kept);
}

function payUnbonding(
  overlay: Overlay,
  { operator, delegator }: Maturing,
  { height, emit }: { readonly height: Height; readonly emit: EmitEvent },
): void {
  const entries = readUnbonding(overlay, operator, delegator);
  const kept = entries.filter(({ maturesAt }) => maturesAt > height);
  if (kept.length === entries.length) return;
  for (const entry of entries) {
    if (entry.maturesAt > height) continue;
    const pool = readUnbondingPool(overlay, operator);
    const amount = unbondingWorth(pool, entry);
    writeUnbondingPool(overlay, operator, leaveUnbonding(pool, entry, { amount, shares: entry.shares }));
    moveFromPot(overlay, 'unbonding', delegator, amount);
    emit({ type: 'stake.paid', validator: operator, delegator, amount });
  }
  writeUnbonding(overlay, operator, delegator, kept);
}
