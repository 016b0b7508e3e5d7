/**
 * The arithmetic of pools (spec: staking §2): who owns how much of a pool that slashing may have shrunk. Owns shares and
 * tokens; balances and the supply's pots are moved by the callers. Rounding always favours the pool.
 */
import assert from 'node:assert/strict';
import { CHAIN_LIMITS } from '../limits.ts';
import { moveBetweenPots } from '../state/ledger.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { type Address, type Amount, NANO_PER_SYN, type Power, type StakePool } from '../types/index.ts';
import { readPool, readShares, writePool, writeShares } from './stake-records.ts';

/** Nano staked behind one unit of voting power: one SYN. */
export const STAKE_PER_POWER: Amount = NANO_PER_SYN;

/** Voting power of a pool: whole units, the rest counts for nothing. */
export function powerOfPool(pool: StakePool): Power {
  return pool.tokens / STAKE_PER_POWER;
}

/** What the shares would pay now, in nano, rounded down. */
export function worthOf(pool: StakePool, shares: Amount): Amount {
  return pool.shares === 0n ? 0n : (shares * pool.tokens) / pool.shares;
}

/** What the delegator has in the pool now, in nano; 0 where there is no such pool. */
export function stakeOf(view: StateView, operator: Address, delegator: Address): Amount {
  const pool = readPool(view, operator);
  return pool === null ? 0n : worthOf(pool, readShares(view, operator, delegator));
}

/** Most that rounding may take from a deposit, as a part of it. */
const ROUNDING_PART = 1_000n;

/**
 * Shares that the amount buys, or null when it buys none, more than can be written, or so few that rounding would give others
 * more than a thousandth of it: rewards can make one share of a pool that was left worth much.
 */
export function sharesFor(pool: StakePool, amount: Amount): Amount | null {
  if (pool.shares === 0n) return amount > 0n ? amount : null;
  if (pool.tokens === 0n) return null;
  const shares = (amount * pool.shares) / pool.tokens;
  const lost = amount - worthOf(pool, shares);
  const isFair = shares > 0n && lost * ROUNDING_PART <= amount;
  return isFair && pool.shares + shares <= CHAIN_LIMITS.amountMax ? shares : null;
}

/** Adds the amount to the pool for the delegator. The caller has checked `sharesFor` and moves the money. */
export function deposit(overlay: Overlay, operator: Address, delegator: Address, amount: Amount): void {
  const pool = mustReadPool(overlay, operator);
  const shares = sharesFor(pool, amount);
  assert.ok(shares !== null, 'the amount buys no shares');
  writePool(overlay, { ...pool, tokens: pool.tokens + amount, shares: pool.shares + shares });
  writeShares(overlay, operator, delegator, readShares(overlay, operator, delegator) + shares);
}

/**
 * Takes the amount, at most `stakeOf`, out of the pool. Shares left that are worth nothing go with it; what remains in a
 * pool without shares is burnt. The caller moves the amount itself.
 */
export function withdraw(overlay: Overlay, operator: Address, delegator: Address, amount: Amount): void {
  if (amount === 0n) return;
  const pool = mustReadPool(overlay, operator);
  const held = readShares(overlay, operator, delegator);
  assert.ok(amount > 0n && amount <= worthOf(pool, held), 'withdrawal beyond the stake');
  const sold = (amount * pool.shares + pool.tokens - 1n) / pool.tokens;
  const after = { ...pool, tokens: pool.tokens - amount, shares: pool.shares - sold };
  const dust = worthOf(after, held - sold) === 0n ? held - sold : 0n;
  const shares = after.shares - dust;
  const orphaned = shares === 0n ? after.tokens : 0n;
  moveBetweenPots(overlay, 'staked', 'burnt', orphaned);
  writePool(overlay, { ...after, shares, tokens: after.tokens - orphaned });
  writeShares(overlay, operator, delegator, held - sold - dust);
}

/** The pool of an operator that is known to have one. */
export function mustReadPool(view: StateView, operator: Address): StakePool {
  const pool = readPool(view, operator);
  assert.ok(pool !== null, `the pool of ${operator} is not in state`);
  return pool;
}
