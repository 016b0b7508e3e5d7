/**
 * What misconduct costs (consensus §1.13, spec: staking §6). Owns burning stake, jail and tombstone; whether somebody
 * misbehaved is evidence.ts and downtime.ts.
 */
import type { EmitEvent } from '../state/events.ts';
import { moveBetweenPots } from '../state/ledger.ts';
import type { Overlay } from '../state/view.ts';
import {
  type Address,
  type Amount,
  type ChainParams,
  type Height,
  type Maturing,
  PPM,
  type Ppm,
  type StakePool,
} from '../types/index.ts';
import { leaveSeat } from './candidates.ts';
import { mustReadPool, stakeOf, withdraw } from './pool-shares.ts';
import {
  readOwed,
  readRedelegations,
  readUnbonding,
  readUnbondingPool,
  readUpdates,
  writeOwed,
  writePool,
  writeRedelegations,
  writeUnbonding,
  writeUnbondingPool,
  writeUpdates,
} from './stake-records.ts';
import { cutUnbonding, leaveUnbonding, unbondingShares, unbondingWorth } from './unbonding-shares.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/**
 * Signing twice, or for another chain: burns a part of everything that backs the offender and bars it for ever. What was
 * redelegated out of its pool owes the same part from now on (`collectOwed`). The caller asks once per validator.
 */
export function punishDoubleSigning(
  overlay: Overlay,
  operator: Address,
  { params, emit, reason }: Omit<Context, 'height'> & { readonly reason: 'doubleSign' | 'lightAttack' },
): void {
  const fraction = params.staking.doubleSignSlash;
  const amount = burnBonded(overlay, operator, fraction) + burnUnbonding(overlay, operator, fraction);
  writeOwed(overlay, operator, fraction);
  const after = mustReadPool(overlay, operator);
  writePool(overlay, { ...after, status: 'tombstoned' });
  leaveSeat(overlay, operator);
  queueRemoval(overlay, after);
  emit({ type: 'validator.slashed', validator: operator, amount, reason });
}

/**
 * Opening a commitment to scores wrongly or outside its window: burns a small part of what backs the validator now. It stays
 * in the set; a barred one has paid for more.
 */
export function punishMisreveal(overlay: Overlay, operator: Address, { params, emit }: Omit<Context, 'height'>): void {
  if (mustReadPool(overlay, operator).status === 'tombstoned') return;
  const fraction = params.staking.revealMismatchSlash;
  const amount = burnBonded(overlay, operator, fraction) + burnUnbonding(overlay, operator, fraction);
  emit({ type: 'validator.slashed', validator: operator, amount, reason: 'misreveal' });
}

/** Being down: burns a part of the bonded stake, possibly nothing, and takes the validator out until it asks to return. */
export function punishDowntime(overlay: Overlay, operator: Address, { params, height, emit }: Context): void {
  const amount = burnBonded(overlay, operator, params.staking.downtimeSlash);
  const pool = mustReadPool(overlay, operator);
  writePool(overlay, { ...pool, status: 'jailed', jailedAt: height });
  queueRemoval(overlay, pool);
  emit({ type: 'validator.slashed', validator: operator, amount, reason: 'downtime' });
}

/** Queues the end of the validator's power at once, whatever was queued for it before. */
function queueRemoval(overlay: Overlay, { operator, publicKey, vrfKey }: StakePool): void {
  const others = readUpdates(overlay).filter((update) => update.operator !== operator);
  const updates = [...others, { operator, publicKey, vrfKey, power: 0n }];
  writeUpdates(
    overlay,
    updates.sort((a, b) => (a.operator < b.operator ? -1 : 1)),
  );
}

function burnBonded(overlay: Overlay, operator: Address, fraction: Ppm): Amount {
  const pool = mustReadPool(overlay, operator);
  const amount = partOf(pool.tokens, fraction);
  moveBetweenPots(overlay, 'staked', 'burnt', amount);
  writePool(overlay, { ...pool, tokens: pool.tokens - amount });
  return amount;
}

/** Everything that has not been paid out: it backed the validator when or after it misbehaved, or might have. */
function burnUnbonding(overlay: Overlay, operator: Address, fraction: Ppm): Amount {
  const before = readUnbondingPool(overlay, operator);
  if (before.shares === 0n) return 0n;
  const { pool, burnt } = cutUnbonding(before, partOf(before.tokens, fraction));
  moveBetweenPots(overlay, 'unbonding', 'burnt', burnt);
  writeUnbondingPool(overlay, operator, pool);
  return burnt;
}

/**
 * What the delegator's stake in this pool owes for validators that were barred after it left them. Called before the stake could
 * get away: when its redelegation's time is over, and before anything on its way out of this pool is paid. Until then it may
 * not move on, so a punishment need not look for it, however many left.
 */
export function collectOwed(overlay: Overlay, at: Maturing, emit: EmitEvent): void {
  const { operator, delegator } = at;
  const entries = readRedelegations(overlay, operator, delegator);
  const kept = entries.filter(({ from }) => readOwed(overlay, from) === null);
  if (kept.length === entries.length) return;
  for (const { from, amount } of entries) {
    const fraction = readOwed(overlay, from);
    if (fraction === null) continue;
    const burnt = burnOf(overlay, at, partOf(amount, fraction));
    emit({ type: 'stake.burnt', from, validator: operator, delegator, amount: burnt });
  }
  writeRedelegations(overlay, operator, delegator, kept);
}

/** Burns what is due from the delegator's stake in the pool, then from what it is taking out of it. */
function burnOf(overlay: Overlay, { operator, delegator }: Maturing, due: Amount): Amount {
  const bonded = least(due, stakeOf(overlay, operator, delegator));
  withdraw(overlay, operator, delegator, bonded);
  moveBetweenPots(overlay, 'staked', 'burnt', bonded);
  let pool = readUnbondingPool(overlay, operator);
  let rest = due - bonded;
  const entries = readUnbonding(overlay, operator, delegator).map((entry) => {
    const amount = least(rest, unbondingWorth(pool, entry));
    const shares = unbondingShares(pool, amount);
    pool = leaveUnbonding(pool, entry, { amount, shares });
    rest -= amount;
    return { ...entry, shares: entry.shares - shares };
  });
  const unbonding = due - bonded - rest;
  if (unbonding === 0n) return bonded;
  moveBetweenPots(overlay, 'unbonding', 'burnt', unbonding);
  writeUnbondingPool(overlay, operator, pool);
  writeUnbonding(overlay, operator, delegator, entries);
  return due - rest;
}

function partOf(amount: Amount, fraction: Ppm): Amount {
  return (amount * BigInt(fraction)) / BigInt(PPM);
}

function least(a: Amount, b: Amount): Amount {
  return a < b ? a : b;
}
