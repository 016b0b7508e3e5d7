/**
 * Which validator set decides which height (consensus §1.14, spec: staking §4). Owns the sets in state: those of the next
 * two heights and those of the past that evidence or a last commit may still refer to.
 */
import assert from 'node:assert/strict';
import { decodeHeightList, decodeValidators, encodeHeightList, encodeValidators } from '../codec/index.ts';
import { codecLimits } from '../codec/limits.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { stateKeys } from '../state/keys.ts';
import { oldestKept } from '../state/past-headers.ts';
import {
  readHead,
  readRecord,
  readValidatorRecord,
  remembered,
  writeRecord,
  writeValidatorRecord,
} from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { ChainParams, Height, Validator } from '../types/index.ts';
import { followSet } from './proposer-rotation.ts';
import { applyUpdates } from './set-updates.ts';
import { readUpdates, writeUpdates } from './stake-records.ts';

/** A precommit in a commit without its extension, generously. */
const COMMIT_ENTRY_BYTES = 256;

/** Header, offsets and list entries of a block of the smallest transactions, generously. */
const BLOCK_OVERHEAD_BYTES = 128 * 1024;

const setForm = remembered({ encode: encodeValidators, decode: decodeValidators });
const heightsForm = remembered({ encode: encodeHeightList, decode: decodeHeightList });

/** Most validators of a set: a full block under a commit full of extensions must be encodable (spec: state §8.4). */
export function setSizeMax(params: Pick<ChainParams, 'blockBytesMax' | 'extensionBytesMax'>): number {
  const room = codecLimits.blockBytes - params.blockBytesMax - BLOCK_OVERHEAD_BYTES;
  const most = Math.floor(room / (params.extensionBytesMax + COMMIT_ENTRY_BYTES));
  return Math.min(most, CHAIN_LIMITS.validatorsMax);
}

/**
 * The set that decides a height, from any state that knows it: up to two heights above the head, and back as far as
 * evidence may reach (1024 heights at least). Null for other heights.
 */
export function readValidatorsAt(view: StateView, height: Height): readonly Validator[] | null {
  if (height < 1 || height > readHead(view) + 2) return null;
  const from = readSetHeights(view).findLast((each) => each <= height);
  return from === undefined ? null : readRecord(view, stateKeys.set(from), setForm);
}

/** The same for a height that the rules say is known. */
export function mustReadValidatorsAt(view: StateView, height: Height): readonly Validator[] {
  const set = readValidatorsAt(view, height);
  assert.ok(set !== null, `the validator set of height ${height} is not in state`);
  return set;
}

/** Starts the history with the set of genesis. */
export function writeFirstSet(overlay: Overlay, set: readonly Validator[]): void {
  writeRecord(overlay, stateKeys.sets, heightsForm, [1]);
  writeRecord(overlay, stateKeys.set(1), setForm, set);
}

/**
 * End of the block at `height`: what waits in the queue changes the set of `height + 2`, and the rotation is taken on to
 * the set of `height + 1`. The head in state is still `height − 1`. True when the set of `height + 2` is a new one.
 */
export function turnSets(overlay: Overlay, params: ChainParams, height: Height): boolean {
  const next = mustReadValidatorsAt(overlay, height + 1);
  const queue = readUpdates(overlay);
  const { set, waiting } = applyUpdates(next, queue, setSizeMax(params));
  const isNew = set.length !== next.length || set.some((validator, index) => validator !== next[index]);
  if (queue.length > 0) writeUpdates(overlay, waiting);
  if (isNew) {
    writeRecord(overlay, stateKeys.set(height + 2), setForm, set);
    writeRecord(overlay, stateKeys.sets, heightsForm, [...readSetHeights(overlay), height + 2]);
  }
  writeValidatorRecord(overlay, followSet(readValidatorRecord(overlay), next, height));
  forgetSets(overlay, oldestKept(params, height));
  return isNew;
}

/** Drops sets that no height from `oldest` on refers to. */
function forgetSets(overlay: Overlay, oldest: Height): void {
  const heights = readSetHeights(overlay);
  const kept = heights.filter((_, index) => (heights[index + 1] ?? oldest + 1) > oldest);
  if (kept.length === heights.length) return;
  for (const from of heights.slice(0, heights.length - kept.length)) overlay.delete(stateKeys.set(from));
  writeRecord(overlay, stateKeys.sets, heightsForm, kept);
}

function readSetHeights(view: StateView): readonly Height[] {
  const heights = readRecord(view, stateKeys.sets, heightsForm);
  assert.ok(heights !== null, 'state record sets is missing');
  return heights;
}
