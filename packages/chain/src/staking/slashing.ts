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
  PPM,
  type Ppm,
  type RedelegationEntry,
  type StakePool,
} from '../types/index.ts';
import { mustReadPool, stakeOf, withdraw } from './pool-shares.ts';
import {
  readRedelegations,
  readUnbonding,
  readUpdates,
  removeCandidate,
  writePool,
  writeUnbonding,
  writeUpdates,
} from './stake-records.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/** Signing twice, or for another chain: burns a part of everything that backs the offender and bars it for ever. The caller asks once per validator. */
export function punishDoubleSigning(
  overlay: Overlay,
  operator: Address,
  { params, emit, reason }: Omit<Context, 'height'> & { readonly reason: 'doubleSign' | 'lightAttack' },
): void {
  const fraction = params.staking.doubleSignSlash;
  const redelegated = readRedelegations(overlay, operator).map((entry) => burnRedelegated(overlay, entry, fraction));
  const amount =
    burnBonded(overlay, operator, fraction) +
    burnUnbonding(overlay, operator, fraction) +
    redelegated.reduce((sum, each) => sum + each, 0n);
  const after = mustReadPool(overlay, operator);
  writePool(overlay, { ...after, status: 'tombstoned' });
  removeCandidate(overlay, operator);
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
  const entries = readUnbonding(overlay, operator);
  const cuts = entries.map(({ amount }) => partOf(amount, fraction));
  const amount = cuts.reduce((sum, cut) => sum + cut, 0n);
  moveBetweenPots(overlay, 'unbonding', 'burnt', amount);
  writeUnbonding(
    overlay,
    operator,
    entries.map((entry, index) => ({ ...entry, amount: entry.amount - cuts[index]! })),
  );
  return amount;
}

/** Stake that moved on pays from where it is now: the other pool, then what the delegator is taking out of that one. */
function burnRedelegated(overlay: Overlay, { delegator, to, amount }: RedelegationEntry, fraction: Ppm): Amount {
  const due = partOf(amount, fraction);
  const bonded = least(due, stakeOf(overlay, to, delegator));
  withdraw(overlay, to, delegator, bonded);
  moveBetweenPots(overlay, 'staked', 'burnt', bonded);
  let rest = due - bonded;
  const entries = readUnbonding(overlay, to).map((entry) => {
    const cut = entry.delegator === delegator ? least(rest, entry.amount) : 0n;
    rest -= cut;
    return { ...entry, amount: entry.amount - cut };
  });
  const unbonding = due - bonded - rest;
  moveBetweenPots(overlay, 'unbonding', 'burnt', unbonding);
  if (unbonding > 0n) writeUnbonding(overlay, to, entries);
  return bonded + unbonding;
}

function partOf(amount: Amount, fraction: Ppm): Amount {
  return (amount * BigInt(fraction)) / BigInt(PPM);
}

function least(a: Amount, b: Amount): Amount {
  return a < b ? a : b;
}
