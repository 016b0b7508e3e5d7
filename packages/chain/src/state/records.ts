/**
 * Typed access to state records (spec: state §1): every `readX` takes anything with `get(key)`, so the host and the RPC read
 * live and historical state alike. Owns the pairing of key and codec; who may write what is decided by the callers.
 */
import assert from 'node:assert/strict';
import * as codec from '../codec/index.ts';
import { privateSlot } from '../codec/once-per-object.ts';
import { fromHex, toHex } from '../crypto/hex.ts';
import type {
  Account,
  Accuracy,
  Address,
  Amount,
  CalibrationCount,
  ChainParams,
  Expert,
  Hash,
  Height,
  QueryState,
  RecentOutcomes,
  Reputation,
  Supply,
  ValidatorRecord,
} from '../types/index.ts';
import { PPM } from '../types/index.ts';
import { stateKeys } from './keys.ts';
import { Overlay, type StateView } from './view.ts';

export type Decoder<T> = (bytes: Uint8Array) => codec.Decoded<T>;

/** The record under the key, or null. One that does not decode means that the database is not ours: stop. */
export function readRecord<T>(view: StateView, key: string, form: RecordForm<T>): T | null {
  const value = view instanceof Overlay ? view.pendingValue(key) : undefined;
  // A key has one form, so what was put under it is of this type.
  if (value !== undefined) return value as T;
  const bytes = view.get(key);
  if (bytes == null) return null;
  const decoded = form.decode(bytes);
  if (!decoded.ok) assert.fail(`state record ${key} does not decode`);
  return decoded.value;
}

/** Writes the record; its bytes are made once, at the end of the block. */
export function writeRecord<T>(overlay: Overlay, key: string, form: RecordForm<T>, value: T): void {
  overlay.put(key, value, form.encode);
}

function must<T>(record: T | null, key: string): T {
  if (record === null) assert.fail(`state record ${key} is missing`);
  return record;
}

/** How one kind of record is written and read. */
export type RecordForm<T> = { readonly encode: (value: T) => Uint8Array; readonly decode: Decoder<T> };

/**
 * A form that remembers which bytes stand for which value, from either direction. Records are immutable, so the same bytes
 * always mean the same value; entries leave with the bytes.
 */
export function remembered<T>({ encode, decode }: RecordForm<T>): RecordForm<T> {
  const { read, write } = privateSlot<Uint8Array, codec.Decoded<T>>();
  return {
    encode: (value) => {
      const bytes = encode(value);
      write(bytes, { ok: true, value });
      return bytes;
    },
    decode: (bytes) => {
      const before = read(bytes);
      if (before !== undefined) return before;
      const decoded = decode(bytes);
      write(bytes, decoded);
      return decoded;
    },
  };
}

/** The forms of all kinds of record that are read often. */
const forms = {
  account: remembered({ encode: codec.encodeAccount, decode: codec.decodeAccount }),
  accuracy: remembered({ encode: codec.encodeAccuracy, decode: codec.decodeAccuracy }),
  addresses: remembered({ encode: codec.encodeAddressList, decode: codec.decodeAddressList }),
  calibrations: remembered({ encode: codec.encodeCalibrationCount, decode: codec.decodeCalibrationCount }),
  expert: remembered({ encode: codec.encodeExpert, decode: codec.decodeExpert }),
  hashes: remembered({ encode: codec.encodeHashList, decode: codec.decodeHashList }),
  number: remembered({ encode: codec.encodeU64, decode: codec.decodeU64 }),
  outcomes: remembered({ encode: codec.encodeRecentOutcomes, decode: codec.decodeRecentOutcomes }),
  params: remembered({ encode: codec.encodeChainParams, decode: codec.decodeChainParams }),
  query: remembered({ encode: codec.encodeQueryState, decode: codec.decodeQueryState }),
  reputation: remembered({ encode: codec.encodeReputation, decode: codec.decodeReputation }),
  supply: remembered({ encode: codec.encodeSupply, decode: codec.decodeSupply }),
  validators: remembered({ encode: codec.encodeValidatorRecord, decode: codec.decodeValidatorRecord }),
} as const;

const PRIOR: Reputation = { alpha: PPM, beta: PPM, answers: 0, updatedAt: 0 };

const UNJUDGED: Accuracy = {
  right: { alpha: PPM, beta: PPM },
  wrong: { alpha: PPM, beta: PPM },
  answers: 0,
};

/** Name of the chain this state belongs to. */
export function readChainId(view: StateView): string {
  return new TextDecoder().decode(must(view.get(stateKeys.chain) ?? null, stateKeys.chain));
}

/** Height of the last applied block; 0 after genesis. */
export function readHead(view: StateView): Height {
  return Number(must(readRecord(view, stateKeys.head, forms.number), stateKeys.head));
}

export function readParams(view: StateView): ChainParams {
  return must(readRecord(view, stateKeys.params, forms.params), stateKeys.params);
}

export function readSupply(view: StateView): Supply {
  return must(readRecord(view, stateKeys.supply, forms.supply), stateKeys.supply);
}

/** The validator set of the next block, and its rotation. */
export function readValidatorRecord(view: StateView): ValidatorRecord {
  return must(readRecord(view, stateKeys.validators, forms.validators), stateKeys.validators);
}

/** Nano per byte that the next block burns. */
export function readBaseFee(view: StateView): Amount {
  return must(readRecord(view, stateKeys.baseFee, forms.number), stateKeys.baseFee);
}

/** Beacon of that height, or null when it is not among the last `beaconsKept`. Height 0 is the genesis beacon. */
export function readBeacon(view: StateView, height: Height): Hash | null {
  const bytes = view.get(stateKeys.beacon(height));
  if (bytes == null) return null;
  const at = codec.decodeU64(bytes.subarray(0, 8));
  assert.ok(at.ok, 'state record beacon does not decode');
  return at.value === BigInt(height) ? (toHex(bytes.subarray(8)) as Hash) : null;
}

/** An account that was never paid has balance 0. */
export function readAccount(view: StateView, address: Address): Account {
  return readRecord(view, stateKeys.account(address), forms.account) ?? { balance: 0n };
}

export function readExpert(view: StateView, address: Address): Expert | null {
  return readRecord(view, stateKeys.expert(address), forms.expert);
}

/** Addresses of a domain's experts, ascending. */
export function listExperts(view: StateView, domain: string): readonly Address[] {
  return readRecord(view, stateKeys.experts(domain), forms.addresses) ?? [];
}

/** An open query, or one settled within the last 128 heights. */
export function readQuery(view: StateView, id: Hash): QueryState | null {
  return readRecord(view, stateKeys.query(id), forms.query);
}

/** Ids of queries that have not settled, in the order in which they were opened. */
export function listOpenQueries(view: StateView): readonly Hash[] {
  return readRecord(view, stateKeys.openQueries, forms.hashes) ?? [];
}

/** The Beta pair of an expert in a domain; an unknown one starts at the uniform prior (spec: market §8). */
export function readReputation(view: StateView, expert: Address, domain: string): Reputation {
  return readRecord(view, stateKeys.reputation(expert, domain), forms.reputation) ?? PRIOR;
}

/** A validator's scores against gold; uniform priors before the first. */
export function readAccuracy(view: StateView, operator: Address): Accuracy {
  return readRecord(view, stateKeys.accuracy(operator), forms.accuracy) ?? UNJUDGED;
}

/** Seals that a validator opened in the epoch of the last one. */
export function readCalibrations(view: StateView, operator: Address): CalibrationCount {
  return readRecord(view, stateKeys.calibrations(operator), forms.calibrations) ?? { epoch: 0, count: 0 };
}

/** How the last assignments of all experts ended; none at first. */
export function readOutcomes(view: StateView): RecentOutcomes {
  return readRecord(view, stateKeys.outcomes, forms.outcomes) ?? { silent: 0, count: 0 };
}

/** True when a transaction with this id already stands in a block and has not expired since. */
export function isTransactionSeen(view: StateView, id: Hash): boolean {
  return view.get(stateKeys.transaction(id)) != null;
}

export function writeHead(overlay: Overlay, height: Height): void {
  writeRecord(overlay, stateKeys.head, forms.number, BigInt(height));
}

export function writeSupply(overlay: Overlay, supply: Supply): void {
  writeRecord(overlay, stateKeys.supply, forms.supply, supply);
}

export function writeValidatorRecord(overlay: Overlay, record: ValidatorRecord): void {
  writeRecord(overlay, stateKeys.validators, forms.validators, record);
}

export function writeBaseFee(overlay: Overlay, baseFee: Amount): void {
  writeRecord(overlay, stateKeys.baseFee, forms.number, baseFee);
}

export function writeBeacon(overlay: Overlay, height: Height, beacon: Hash): void {
  const at = codec.encodeU64(BigInt(height));
  const value = new Uint8Array(40);
  value.set(at);
  value.set(fromHex(beacon), 8);
  overlay.set(stateKeys.beacon(height), value);
}

/** An account without balance has no record. */
export function writeAccount(overlay: Overlay, address: Address, account: Account): void {
  if (account.balance === 0n) overlay.delete(stateKeys.account(address));
  else writeRecord(overlay, stateKeys.account(address), forms.account, account);
}

/** Stores a new expert and lists it under its domain. */
export function addExpert(overlay: Overlay, expert: Expert): void {
  const listed = [...listExperts(overlay, expert.profile.domain), expert.address].sort();
  writeRecord(overlay, stateKeys.expert(expert.address), forms.expert, expert);
  writeRecord(overlay, stateKeys.experts(expert.profile.domain), forms.addresses, listed);
}

/** Changes an expert's record; its place in its domain's list stays. */
export function writeExpert(overlay: Overlay, expert: Expert): void {
  writeRecord(overlay, stateKeys.expert(expert.address), forms.expert, expert);
}

/** Takes an expert off its domain's list; its record stays. */
export function unlistExpert(overlay: Overlay, { address, profile }: Expert): void {
  const listed = listExperts(overlay, profile.domain).filter((each) => each !== address);
  writeAddresses(overlay, stateKeys.experts(profile.domain), listed);
}

/** Forgets an expert that is listed nowhere any more. */
export function removeExpert(overlay: Overlay, address: Address): void {
  overlay.delete(stateKeys.expert(address));
}

/** Retired experts whose bond is due at the end of that height, ascending. */
export function listReleases(view: StateView, height: Height): readonly Address[] {
  return readRecord(view, stateKeys.releases(height), forms.addresses) ?? [];
}

export function writeReleases(overlay: Overlay, height: Height, experts: readonly Address[]): void {
  writeAddresses(overlay, stateKeys.releases(height), experts);
}

function writeAddresses(overlay: Overlay, key: string, addresses: readonly Address[]): void {
  if (addresses.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.addresses, addresses);
}

export function writeOutcomes(overlay: Overlay, outcomes: RecentOutcomes): void {
  writeRecord(overlay, stateKeys.outcomes, forms.outcomes, outcomes);
}

export function writeQuery(overlay: Overlay, query: QueryState): void {
  writeRecord(overlay, stateKeys.query(query.id), forms.query, query);
}

export function writeOpenQueries(overlay: Overlay, ids: readonly Hash[]): void {
  writeHashList(overlay, stateKeys.openQueries, ids);
}

export function writeReputation(overlay: Overlay, expert: Address, domain: string, reputation: Reputation): void {
  writeRecord(overlay, stateKeys.reputation(expert, domain), forms.reputation, reputation);
}

export function writeAccuracy(overlay: Overlay, operator: Address, accuracy: Accuracy): void {
  writeRecord(overlay, stateKeys.accuracy(operator), forms.accuracy, accuracy);
}

export function writeCalibrations(overlay: Overlay, operator: Address, count: CalibrationCount): void {
  writeRecord(overlay, stateKeys.calibrations(operator), forms.calibrations, count);
}

/** Stores a list of hashes under the key; an empty list is no record. */
export function writeHashList(overlay: Overlay, key: string, hashes: readonly Hash[]): void {
  if (hashes.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, forms.hashes, hashes);
}

export function readHashList(view: StateView, key: string): readonly Hash[] {
  return readRecord(view, key, forms.hashes) ?? [];
}
