/**
 * Who proposes when: weighted round robin on committed priorities (consensus §1.11, spec: state §6).
 * Owns the rotation's arithmetic; the validator set itself is given.
 */
import assert from 'node:assert/strict';
import { CHAIN_LIMITS } from '../limits.ts';
import type { Address, ChainParams, Height, Power, RotationEntry, Validator, ValidatorRecord } from '../types/index.ts';

/** Effective power of a validator that was absent, or whose last turn failed, is divided by this. */
const DOWN_WEIGHT_DIVISOR = 8n;

type Turn = { readonly operator: Address; readonly power: Power; readonly priority: bigint };

/** The rotation of a fresh set: all priorities 0, nobody seen signing yet. */
export function createValidatorRecord(validators: readonly Validator[]): ValidatorRecord {
  const rotation = validators.map(({ operator }) => createEntry(operator, 0n, 0));
  return { validators, rotation };
}

/**
 * Operator who proposes at `height` in `round`, from the record as it stands before the block at that height.
 * Rounds from `rotationRoundsMax` on repeat the order from round 0.
 */
export function proposerAt(record: ValidatorRecord, params: ChainParams, height: Height, round: number): Address {
  let turns = turnsOf(record, params, height);
  let chosen = 0;
  for (let step = 0; step <= round % CHAIN_LIMITS.rotationRoundsMax; step += 1) {
    ({ turns, chosen } = takeTurn(turns));
  }
  return turns[chosen]!.operator;
}

/** What a block tells of who was there. */
export type TurnSeen = {
  /** Maker of the block. */
  readonly proposer: Address;
  /** Indices into the set of those whose precommit is in the block's last commit. */
  readonly signers: ReadonlySet<number>;
};

/**
 * The record after the block at `height`: one turn taken, whatever the round that decided. Those in `signers` were seen at
 * `height − 1`; the proposers of the rounds before `proposer`'s first one failed, and `proposer` is cleared.
 */
export function advanceRotation(
  record: ValidatorRecord,
  params: ChainParams,
  height: Height,
  { proposer, signers }: TurnSeen,
): ValidatorRecord {
  const start = turnsOf(record, params, height);
  const { turns } = takeTurn(start);
  const failed = failedBefore(proposer, start);
  const rotation = record.rotation.map((entry, index) => ({
    operator: entry.operator,
    priority: turns[index]!.priority,
    lastSignedHeight: signers.has(index) ? height - 1 : entry.lastSignedHeight,
    lastFailedHeight: failed.has(entry.operator) ? height : entry.operator === proposer ? 0 : entry.lastFailedHeight,
  }));
  return { validators: record.validators, rotation };
}

/**
 * The record for the set of `height + 1`: members keep their entry, newcomers start 1.125 times the total behind, as if
 * they had just signed, so that leaving and coming back wins no turn (consensus §1.11).
 */
export function followSet(record: ValidatorRecord, set: readonly Validator[], height: Height): ValidatorRecord {
  const known = new Map(record.rotation.map((entry) => [entry.operator, entry]));
  const total = set.reduce((sum, { power }) => sum + power, 0n);
  const start = -(total + total / 8n);
  const rotation = set.map(({ operator }) => known.get(operator) ?? createEntry(operator, start, height));
  return { validators: set, rotation };
}

/** True when none of the last `absenceHeights` commits known before `height` carried the validator's precommit. */
export function isAbsent(entry: RotationEntry, params: ChainParams, height: Height): boolean {
  const lastKnownCommit = height - 2;
  return lastKnownCommit - entry.lastSignedHeight >= params.absenceHeights;
}

/** True for `failedTurnHeights` heights after a turn that brought no block, unless a block of the validator came since. */
export function hasFailedTurn({ lastFailedHeight }: RotationEntry, height: Height): boolean {
  return lastFailedHeight > 0 && height - lastFailedHeight <= CHAIN_LIMITS.failedTurnHeights;
}

function createEntry(operator: Address, priority: bigint, lastSignedHeight: Height): RotationEntry {
  return { operator, priority, lastSignedHeight, lastFailedHeight: 0 };
}

/** Proposers of the rounds before the first one that is `proposer`'s; nobody when none of the rounds is. */
function failedBefore(proposer: Address, start: readonly Turn[]): ReadonlySet<Address> {
  const failed = new Set<Address>();
  let turns = start;
  let chosen = 0;
  for (let round = 0; round < CHAIN_LIMITS.rotationRoundsMax; round += 1) {
    ({ turns, chosen } = takeTurn(turns));
    const { operator } = turns[chosen]!;
    if (operator === proposer) return failed;
    failed.add(operator);
  }
  return new Set();
}

function turnsOf(record: ValidatorRecord, params: ChainParams, height: Height): Turn[] {
  assert.equal(record.rotation.length, record.validators.length);
  assert.notEqual(record.validators.length, 0);
  return record.validators.map(({ operator, power }, index) => {
    const entry = record.rotation[index]!;
    assert.equal(entry.operator, operator);
    const isDownWeighted = isAbsent(entry, params, height) || hasFailedTurn(entry, height);
    const effective = isDownWeighted ? atLeastOne(power / DOWN_WEIGHT_DIVISOR) : power;
    return { operator, power: effective, priority: entry.priority };
  });
}

/** One increment: clamp the spread, centre, add power, take the largest (ties: lower address), subtract the total. */
function takeTurn(turns: readonly Turn[]): { turns: Turn[]; chosen: number } {
  const total = turns.reduce((sum, { power }) => sum + power, 0n);
  const raised = centre(clamp(turns, 2n * total)).map((turn) => ({ ...turn, priority: turn.priority + turn.power }));
  let chosen = 0;
  for (const [index, turn] of raised.entries()) {
    const best = raised[chosen]!;
    const tied = turn.priority === best.priority;
    if (turn.priority > best.priority || (tied && turn.operator < best.operator)) chosen = index;
  }
  const taken = raised.map((turn, index) => (index === chosen ? { ...turn, priority: turn.priority - total } : turn));
  return { turns: taken, chosen };
}

/** Scales priorities down when they spread wider than the window (after a change of powers). */
function clamp(turns: readonly Turn[], window: bigint): Turn[] {
  let least = turns[0]!.priority;
  let most = least;
  for (const { priority } of turns) {
    if (priority < least) least = priority;
    if (priority > most) most = priority;
  }
  const spread = most - least;
  if (spread <= window) return [...turns];
  const ratio = (spread + window - 1n) / window;
  return turns.map((turn) => ({ ...turn, priority: turn.priority / ratio }));
}

function centre(turns: readonly Turn[]): Turn[] {
  const sum = turns.reduce((all, { priority }) => all + priority, 0n);
  const mean = sum / BigInt(turns.length);
  return turns.map((turn) => ({ ...turn, priority: turn.priority - mean }));
}

function atLeastOne(power: Power): Power {
  return power > 0n ? power : 1n;
}
