/**
 * Typed access to stake records (spec: staking §2). Owns the pairing of key and codec, and the money that must move with
 * them is the callers' business (pool-shares.ts, slashing.ts).
 */
import * as codec from '../codec/index.ts';
import { stateKeys } from '../state/keys.ts';
import { readRecord, remembered, writeRecord } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type {
  Address,
  Amount,
  Height,
  MissedHeights,
  PublicKey,
  RedelegationEntry,
  StakePool,
  UnbondingEntry,
  Validator,
} from '../types/index.ts';

const forms = {
  addresses: remembered({ encode: codec.encodeAddressList, decode: codec.decodeAddressList }),
  delegation: remembered({ encode: codec.encodeDelegation, decode: codec.decodeDelegation }),
  missed: remembered({ encode: codec.encodeMissed, decode: codec.decodeMissed }),
  pool: remembered({ encode: codec.encodeStakePool, decode: codec.decodeStakePool }),
  redelegations: remembered({ encode: codec.encodeRedelegations, decode: codec.decodeRedelegations }),
  unbonding: remembered({ encode: codec.encodeUnbonding, decode: codec.decodeUnbonding }),
  updates: remembered({ encode: codec.encodeValidators, decode: codec.decodeValidators }),
} as const;

/** The pool of an operator, or null when it never made one. */
export function readPool(view: StateView, operator: Address): StakePool | null {
  return readRecord(view, stateKeys.pool(operator), forms.pool);
}

export function writePool(overlay: Overlay, pool: StakePool): void {
  writeRecord(overlay, stateKeys.pool(pool.operator), forms.pool, pool);
}

/** Operators whose pool is active or in jail, ascending. */
export function listCandidates(view: StateView): readonly Address[] {
  return readRecord(view, stateKeys.candidates, forms.addresses) ?? [];
}

export function addCandidate(overlay: Overlay, operator: Address): void {
  writeAddresses(overlay, stateKeys.candidates, [...listCandidates(overlay), operator].sort());
}

export function removeCandidate(overlay: Overlay, operator: Address): void {
  writeAddresses(
    overlay,
    stateKeys.candidates,
    listCandidates(overlay).filter((each) => each !== operator),
  );
}

/** Shares that the delegator holds in the operator's pool. */
export function readShares(view: StateView, operator: Address, delegator: Address): Amount {
  return readRecord(view, stateKeys.delegation(operator, delegator), forms.delegation)?.shares ?? 0n;
}

export function writeShares(overlay: Overlay, operator: Address, delegator: Address, shares: Amount): void {
  const key = stateKeys.delegation(operator, delegator);
  if (shares === 0n) overlay.delete(key);
  else writeRecord(overlay, key, forms.delegation, { shares });
}

/** Stake on its way out of the operator's pool, in order of undelegation. */
export function readUnbonding(view: StateView, operator: Address): readonly UnbondingEntry[] {
  return readRecord(view, stateKeys.unbonding(operator), forms.unbonding) ?? [];
}

export function writeUnbonding(overlay: Overlay, operator: Address, entries: readonly UnbondingEntry[]): void {
  const key = stateKeys.unbonding(operator);
  if (entries.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.unbonding, entries);
}

/** Stake that moved out of the operator's pool to another and still answers for it, in order. */
export function readRedelegations(view: StateView, operator: Address): readonly RedelegationEntry[] {
  return readRecord(view, stateKeys.redelegations(operator), forms.redelegations) ?? [];
}

export function writeRedelegations(overlay: Overlay, operator: Address, entries: readonly RedelegationEntry[]): void {
  const key = stateKeys.redelegations(operator);
  if (entries.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.redelegations, entries);
}

/** Pools from which stake came into the operator's pool by redelegation that still answers for them, ascending. */
export function readArrivals(view: StateView, operator: Address): readonly Address[] {
  return readRecord(view, stateKeys.arrivals(operator), forms.addresses) ?? [];
}

export function noteArrival(overlay: Overlay, operator: Address, from: Address): void {
  const noted = readArrivals(overlay, operator);
  if (noted.includes(from)) return;
  writeAddresses(overlay, stateKeys.arrivals(operator), [...noted, from].sort());
}

export function forgetArrival(overlay: Overlay, operator: Address, from: Address): void {
  const kept = readArrivals(overlay, operator).filter((each) => each !== from);
  writeAddresses(overlay, stateKeys.arrivals(operator), kept);
}

/** Operators with an entry that matures at the height, ascending. */
export function listMaturing(view: StateView, height: Height): readonly Address[] {
  return readRecord(view, stateKeys.matures(height), forms.addresses) ?? [];
}

export function noteMaturing(overlay: Overlay, height: Height, operator: Address): void {
  const noted = listMaturing(overlay, height);
  if (noted.includes(operator)) return;
  writeAddresses(overlay, stateKeys.matures(height), [...noted, operator].sort());
}

/** Stretches of heights whose commit lacked the validator's precommit, ascending. */
export function readMissed(view: StateView, operator: Address): readonly MissedHeights[] {
  return readRecord(view, stateKeys.missed(operator), forms.missed) ?? [];
}

export function writeMissed(overlay: Overlay, operator: Address, missed: readonly MissedHeights[]): void {
  const key = stateKeys.missed(operator);
  if (missed.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.missed, missed);
}

/** True when some validator ever used the key, for consensus or for the beacon. */
export function isKeyUsed(view: StateView, publicKey: PublicKey): boolean {
  return view.get(stateKeys.key(publicKey)) !== undefined;
}

export function markKeyUsed(overlay: Overlay, publicKey: PublicKey, operator: Address): void {
  writeRecord(overlay, stateKeys.key(publicKey), forms.addresses, [operator]);
}

/** Changes of the set that are decided and not made yet, ascending by operator; power 0 takes a validator out. */
export function readUpdates(view: StateView): readonly Validator[] {
  return readRecord(view, stateKeys.updates, forms.updates) ?? [];
}

export function writeUpdates(overlay: Overlay, updates: readonly Validator[]): void {
  if (updates.length === 0) overlay.delete(stateKeys.updates);
  else writeRecord(overlay, stateKeys.updates, forms.updates, updates);
}

function writeAddresses(overlay: Overlay, key: string, addresses: readonly Address[]): void {
  if (addresses.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.addresses, addresses);
}
