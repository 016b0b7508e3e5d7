/**
 * How a validator set changes from one height to the next (consensus §1.14, spec: staking §4). Owns the bound on the change
 * and what waits for later; what should change is decided at epoch ends and by slashing.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { Address, Power, Validator } from '../types/index.ts';

/** A set after as much of the queue as one height may change, and the rest of the queue. */
export type UpdatedSet = { readonly set: readonly Validator[]; readonly waiting: readonly Validator[] };

/** Power that may change in one height: a third of the total, at least one unit so that small sets can change at all. */
export function changeMax(set: readonly Validator[]): Power {
  const third = totalPowerOf(set) / 3n;
  return third > 0n ? third : 1n;
}

/**
 * Makes the queued changes in order, falling powers first, then new keys, then rising powers, each group by operator, until
 * the bound is used up; a change of power may be made in part. Up to half of the bound is kept for powers that rise: were all
 * that leave to leave first, the smallest of those who stay would decide alone for a while. One that would empty the set,
 * overfill it or overflow its power waits.
 */
export function applyUpdates(set: readonly Validator[], updates: readonly Validator[], sizeMax: number): UpdatedSet {
  const members: Members = new Map(set.map((validator) => [validator.operator, validator]));
  const rising = updates.filter((update) => update.power > powerIn(members, update.operator));
  const most = changeMax(set);
  const wanted = rising.reduce((sum, { operator, power }) => sum + power - powerIn(members, operator), 0n);
  const kept = least(wanted, (most + 1n) / 2n);
  let left = kept + lower(members, updates, most - kept);
  left = rekey(members, updates, { left, most });
  left = raise(members, rising, { left, sizeMax });
  lower(members, updates, left);
  const next = [...members.values()].sort((a, b) => (a.operator < b.operator ? -1 : 1));
  return { set: next, waiting: updates.filter((update) => !isMade(members, update)) };
}

type Members = Map<Address, Validator>;

function lower(members: Members, updates: readonly Validator[], most: Power): Power {
  let left = most;
  for (const update of updates) {
    const before = powerIn(members, update.operator);
    if (update.power >= before) continue;
    const step = least(before - update.power, left);
    if (step === before && members.size === 1) continue;
    left -= step;
    if (step === before) members.delete(update.operator);
    else members.set(update.operator, { ...memberOf(members, update), power: before - step });
  }
  return left;
}

/** New keys count as a change of all the member's power; a member with more than the bound changes keys alone. */
function rekey(members: Members, updates: readonly Validator[], bound: { left: Power; most: Power }): Power {
  let { left } = bound;
  for (const update of updates) {
    const member = members.get(update.operator);
    if (member === undefined || update.power === 0n || hasKeysOf(member, update)) continue;
    if (member.power > left && left < bound.most) continue;
    left -= least(member.power, left);
    members.set(update.operator, { ...update, power: member.power });
  }
  return left;
}

function raise(members: Members, rising: readonly Validator[], bound: { left: Power; sizeMax: number }): Power {
  let { left } = bound;
  let total = totalPowerOf([...members.values()]);
  for (const update of rising) {
    const before = powerIn(members, update.operator);
    const step = least(least(update.power - before, left), CHAIN_LIMITS.totalPowerMax - total);
    if (step <= 0n || (before === 0n && members.size >= bound.sizeMax)) continue;
    left -= step;
    total += step;
    members.set(update.operator, { ...memberOf(members, update), power: before + step });
  }
  return left;
}

function isMade(members: Members, update: Validator): boolean {
  const member = members.get(update.operator);
  if (member === undefined) return update.power === 0n;
  return member.power === update.power && hasKeysOf(member, update);
}

/** True when both have the same keys, for consensus and for the beacon. */
export function hasKeysOf(a: Validator, b: Validator): boolean {
  return a.publicKey === b.publicKey && a.vrfKey === b.vrfKey;
}

/** The changes that lead from one set to the powers and keys wanted, ascending by operator. */
export function updatesTowards(set: readonly Validator[], wanted: readonly Validator[]): Validator[] {
  const target = new Map(wanted.map((validator) => [validator.operator, validator]));
  const gone = set.filter(({ operator }) => !target.has(operator)).map((validator) => ({ ...validator, power: 0n }));
  const before = new Map(set.map((validator) => [validator.operator, validator]));
  const moved = wanted.filter((validator) => !isMade(before, validator));
  return [...gone, ...moved].sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

export function totalPowerOf(set: readonly Validator[]): Power {
  return set.reduce((sum, { power }) => sum + power, 0n);
}

function powerIn(members: ReadonlyMap<Address, Validator>, operator: Address): Power {
  return members.get(operator)?.power ?? 0n;
}

/** A member keeps the keys it is in the set with until `rekey` changes them. */
function memberOf(members: ReadonlyMap<Address, Validator>, update: Validator): Validator {
  return members.get(update.operator) ?? update;
}

function least(a: Power, b: Power): Power {
  return a < b ? a : b;
}
