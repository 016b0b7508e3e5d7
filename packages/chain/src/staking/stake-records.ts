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
  Maturing,
  MissedHeights,
  Ppm,
  PublicKey,
  RedelegationEntry,
  StakePool,
  UnbondingEntry,
  UnbondingPool,
  Validator,
} from '../types/index.ts';

/**
 * The first `count` of `items`. What is behind them belongs to rows that grew out of this one, so that a block that adds
 * thousands copies none; two that grow out of one row differ, and the second has a copy.
 */
type GrowingRow = { readonly items: Maturing[]; readonly count: number };

const forms = {
  addresses: remembered({ encode: codec.encodeAddressList, decode: codec.decodeAddressList }),
  delegation: remembered({ encode: codec.encodeDelegation, decode: codec.decodeDelegation }),
  maturing: remembered<GrowingRow>({
    encode: (row) => codec.encodeMaturing(itemsOf(row)),
    decode: (bytes) => {
      const decoded = codec.decodeMaturing(bytes);
      return decoded.ok ? { ok: true, value: { items: [...decoded.value], count: decoded.value.length } } : decoded;
    },
  }),
  missed: remembered({ encode: codec.encodeMissed, decode: codec.decodeMissed }),
  part: remembered({ encode: codec.encodePart, decode: codec.decodePart }),
  pool: remembered({ encode: codec.encodeStakePool, decode: codec.decodeStakePool }),
  redelegations: remembered({ encode: codec.encodeRedelegations, decode: codec.decodeRedelegations }),
  unbonding: remembered({ encode: codec.encodeUnbonding, decode: codec.decodeUnbonding }),
  unbondingPool: remembered({ encode: codec.encodeUnbondingPool, decode: codec.decodeUnbondingPool }),
  updates: remembered({ encode: codec.encodeValidators, decode: codec.decodeValidators }),
} as const;

/** The pool of an operator, or null when it never made one. */
export function readPool(view: StateView, operator: Address): StakePool | null {
  return readRecord(view, stateKeys.pool(operator), forms.pool);
}

export function writePool(overlay: Overlay, pool: StakePool): void {
  writeRecord(overlay, stateKeys.pool(pool.operator), forms.pool, pool);
}

/** Operators with a seat, ascending: their pools are active or in jail. */
export function listCandidates(view: StateView): readonly Address[] {
  return readRecord(view, stateKeys.candidates, forms.addresses) ?? [];
}

export function writeCandidates(overlay: Overlay, operators: readonly Address[]): void {
  writeAddresses(overlay, stateKeys.candidates, [...operators].sort());
}

/** Operators of active pools that wait for a seat among the candidates, ascending. */
export function listBench(view: StateView): readonly Address[] {
  return readRecord(view, stateKeys.bench, forms.addresses) ?? [];
}

export function writeBench(overlay: Overlay, operators: readonly Address[]): void {
  writeAddresses(overlay, stateKeys.bench, [...operators].sort());
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

const NOTHING_UNBONDING: UnbondingPool = { tokens: 0n, shares: 0n, series: 0 };

/** All stake on its way out of the operator's pool. */
export function readUnbondingPool(view: StateView, operator: Address): UnbondingPool {
  return readRecord(view, stateKeys.unbonding(operator), forms.unbondingPool) ?? NOTHING_UNBONDING;
}

/** The record goes with the first series' last entry; a later series stays known, since old entries may remain. */
export function writeUnbondingPool(overlay: Overlay, operator: Address, pool: UnbondingPool): void {
  const key = stateKeys.unbonding(operator);
  if (pool.shares === 0n && pool.series === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.unbondingPool, pool);
}

/** What the delegator takes out of the operator's pool, in order of undelegation. */
export function readUnbonding(view: StateView, operator: Address, delegator: Address): readonly UnbondingEntry[] {
  return readRecord(view, stateKeys.leaving(operator, delegator), forms.unbonding) ?? [];
}

export function writeUnbonding(
  overlay: Overlay,
  operator: Address,
  delegator: Address,
  entries: readonly UnbondingEntry[],
): void {
  const key = stateKeys.leaving(operator, delegator);
  if (entries.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.unbonding, entries);
}

/** The delegator's stake that came into the operator's pool and still answers for another, in order. */
export function readRedelegations(
  view: StateView,
  operator: Address,
  delegator: Address,
): readonly RedelegationEntry[] {
  return readRecord(view, stateKeys.redelegations(operator, delegator), forms.redelegations) ?? [];
}

export function writeRedelegations(
  overlay: Overlay,
  operator: Address,
  delegator: Address,
  entries: readonly RedelegationEntry[],
): void {
  const key = stateKeys.redelegations(operator, delegator);
  if (entries.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.redelegations, entries);
}

/** Part that stake redelegated out of the operator's pool owes, or null while the operator is not barred. */
export function readOwed(view: StateView, operator: Address): Ppm | null {
  return readRecord(view, stateKeys.owed(operator), forms.part);
}

export function writeOwed(overlay: Overlay, operator: Address, part: Ppm): void {
  writeRecord(overlay, stateKeys.owed(operator), forms.part, part);
}

/** Who has an entry that ends at the height, in the order in which entries were made. One may stand there twice. */
export function listMaturing(view: StateView, height: Height): readonly Maturing[] {
  return itemsOf(readMaturing(view, height));
}

/** How many entries end at the height. */
export function countMaturing(view: StateView, height: Height): number {
  return readMaturing(view, height).count;
}

export function noteMaturing(overlay: Overlay, height: Height, maturing: Maturing): void {
  const { items, count } = readMaturing(overlay, height);
  const row = items.length === count ? items : items.slice(0, count);
  row.push(maturing);
  writeRecord(overlay, stateKeys.matures(height), forms.maturing, { items: row, count: count + 1 });
}

function readMaturing(view: StateView, height: Height): GrowingRow {
  return readRecord(view, stateKeys.matures(height), forms.maturing) ?? { items: [], count: 0 };
}

function itemsOf({ items, count }: GrowingRow): readonly Maturing[] {
  return items.length === count ? items : items.slice(0, count);
}

const NOTHING_MISSED: MissedHeights = { last: 0, bits: new Uint8Array() };

/** Heights whose commit lacked the validator's precommit, as far back as the window went at the last of them. */
export function readMissed(view: StateView, operator: Address): MissedHeights {
  return readRecord(view, stateKeys.missed(operator), forms.missed) ?? NOTHING_MISSED;
}

export function writeMissed(overlay: Overlay, operator: Address, missed: MissedHeights | null): void {
  const key = stateKeys.missed(operator);
  if (missed === null) overlay.delete(key);
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
