/**
 * Typed access to the records of the epoch rewards (spec: rewards §9). Owns the pairing of key and codec, and which epochs are
 * kept; what is in them is tally.ts and end-epoch.ts.
 */
import * as codec from '../codec/index.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { stateKeys } from '../state/keys.ts';
import { type RecordForm, readRecord, remembered, writeRecord } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Address, Amount, Attendance, BondEntry, TallyEntry } from '../types/index.ts';
import type { RewardRecord } from './types.ts';

const forms = {
  amount: remembered({ encode: codec.encodeU64, decode: codec.decodeU64 }),
  addresses: remembered({ encode: codec.encodeAddressList, decode: codec.decodeAddressList }),
  attendance: remembered({ encode: codec.encodeAttendance, decode: codec.decodeAttendance }),
  bonds: remembered({ encode: codec.encodeBonds, decode: codec.decodeBonds }),
  epoch: remembered({ encode: codec.encodeRewardRecord, decode: codec.decodeRewardRecord }),
  numbers: remembered({ encode: codec.encodeHeightList, decode: codec.decodeHeightList }),
  tally: remembered({ encode: codec.encodeTally, decode: codec.decodeTally }),
} as const;

/** Experts with scores in this epoch, ascending. */
export function listTallied(view: StateView): readonly Address[] {
  return readRecord(view, stateKeys.tallied, forms.addresses) ?? [];
}

export function writeTallied(overlay: Overlay, experts: readonly Address[]): void {
  writeList(overlay, stateKeys.tallied, forms.addresses, experts);
}

/** Scores of the expert's answers in this epoch, ascending by scorer. */
export function readTally(view: StateView, expert: Address): readonly TallyEntry[] {
  return readRecord(view, stateKeys.tally(expert), forms.tally) ?? [];
}

export function writeTally(overlay: Overlay, expert: Address, tally: readonly TallyEntry[]): void {
  writeList(overlay, stateKeys.tally(expert), forms.tally, tally);
}

/** What the expert's answers of this epoch paid to scorers in other hands, in nano. */
export function readPaidAway(view: StateView, expert: Address): Amount {
  return readRecord(view, stateKeys.paidAway(expert), forms.amount) ?? 0n;
}

export function writePaidAway(overlay: Overlay, expert: Address, amount: Amount): void {
  if (amount === 0n) overlay.delete(stateKeys.paidAway(expert));
  else writeRecord(overlay, stateKeys.paidAway(expert), forms.amount, amount);
}

/** Who was to score in this epoch, ascending. */
export function readAttendance(view: StateView): readonly Attendance[] {
  return readRecord(view, stateKeys.attendance, forms.attendance) ?? [];
}

export function writeAttendance(overlay: Overlay, attendance: readonly Attendance[]): void {
  writeList(overlay, stateKeys.attendance, forms.attendance, attendance);
}

/** Experts that somebody is bonded to, ascending. */
export function listBonded(view: StateView): readonly Address[] {
  return readRecord(view, stateKeys.bonded, forms.addresses) ?? [];
}

export function writeBonded(overlay: Overlay, experts: readonly Address[]): void {
  writeList(overlay, stateKeys.bonded, forms.addresses, experts);
}

/** Who is bonded to the expert, ascending by scorer. */
export function readBonds(view: StateView, expert: Address): readonly BondEntry[] {
  return readRecord(view, stateKeys.bonds(expert), forms.bonds) ?? [];
}

export function writeBonds(overlay: Overlay, expert: Address, bonds: readonly BondEntry[]): void {
  writeList(overlay, stateKeys.bonds(expert), forms.bonds, bonds);
}

/** Numbers of the epochs that can be explained, ascending. */
export function listEpochs(view: StateView): readonly number[] {
  return readRecord(view, stateKeys.epochs, forms.numbers) ?? [];
}

/** Number of the epoch under way; the first is 1. */
export function epochUnderWay(view: StateView): number {
  return (listEpochs(view).at(-1) ?? 0) + 1;
}

/** What an epoch was paid by, or null when it is not kept. */
export function readEpoch(view: StateView, epoch: number): RewardRecord | null {
  return readRecord(view, stateKeys.epoch(epoch), forms.epoch);
}

/** All epochs that are kept, ascending. */
export function readEpochs(view: StateView): readonly RewardRecord[] {
  return listEpochs(view).flatMap((epoch) => readEpoch(view, epoch) ?? []);
}

/** Keeps the epoch as the last one and forgets the oldest beyond `epochsKept`. */
export function keepEpoch(overlay: Overlay, record: RewardRecord): void {
  const epochs = [...listEpochs(overlay), record.epoch];
  const kept = epochs.slice(-CHAIN_LIMITS.epochsKept);
  for (const old of epochs.slice(0, -CHAIN_LIMITS.epochsKept)) overlay.delete(stateKeys.epoch(old));
  writeRecord(overlay, stateKeys.epochs, forms.numbers, kept);
  writeRecord(overlay, stateKeys.epoch(record.epoch), forms.epoch, record);
}

function writeList<T>(overlay: Overlay, key: string, form: RecordForm<readonly T[]>, items: readonly T[]): void {
  if (items.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, form, items);
}
