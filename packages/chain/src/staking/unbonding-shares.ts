/**
 * The arithmetic of stake on its way out of one pool (spec: staking §5): entries are shares of one sum, so that a slash is one
 * subtraction however many wait. Owns shares and tokens; records and the supply's pots are the callers'. Rounding always favours
 * those who stay, and the last one has all that is left.
 */
import type { Amount, UnbondingEntry, UnbondingPool } from '../types/index.ts';

/** A pool of which slashing left less than one part in so many of what was put in has ended: shares stay below 2⁹⁷. */
const PARTS_MAX = 1n << 32n;

/** What the entry would be paid now, in nano, rounded down. */
export function unbondingWorth(
  pool: UnbondingPool,
  { shares, series }: Pick<UnbondingEntry, 'shares' | 'series'>,
): Amount {
  return series !== pool.series || pool.shares === 0n ? 0n : (shares * pool.tokens) / pool.shares;
}

/** The pool with the amount, above 0, added, and the shares that it buys: never fewer than its nano. */
export function joinUnbonding(
  pool: UnbondingPool,
  amount: Amount,
): { readonly pool: UnbondingPool; readonly shares: bigint } {
  const shares = pool.shares === 0n ? amount : (amount * pool.shares) / pool.tokens;
  return { pool: { ...pool, tokens: pool.tokens + amount, shares: pool.shares + shares }, shares };
}

/** The pool without the amount that an entry is paid, or loses, and the shares that it gives for it. */
export function leaveUnbonding(
  pool: UnbondingPool,
  { series }: Pick<UnbondingEntry, 'series'>,
  { amount, shares }: { readonly amount: Amount; readonly shares: bigint },
): UnbondingPool {
  if (series !== pool.series) return pool;
  return { ...pool, tokens: pool.tokens - amount, shares: pool.shares - shares };
}

/** Shares that the amount, at most the entry's worth, costs: rounded up. */
export function unbondingShares(pool: UnbondingPool, amount: Amount): bigint {
  return amount === 0n ? 0n : (amount * pool.shares + pool.tokens - 1n) / pool.tokens;
}

/** What a slash of `cut` burns, and the pool after it. Where next to nothing is left, that is burnt as well, and a new series begins. */
export function cutUnbonding(
  pool: UnbondingPool,
  cut: Amount,
): { readonly pool: UnbondingPool; readonly burnt: Amount } {
  const tokens = pool.tokens - cut;
  if (tokens * PARTS_MAX >= pool.shares) return { pool: { ...pool, tokens }, burnt: cut };
  return { pool: { tokens: 0n, shares: 0n, series: pool.series + 1 }, burnt: pool.tokens };
}
