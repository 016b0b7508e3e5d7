/**
 * One block's work in its fixed order (spec: state §6): begin, transactions one by one, finish. Executing a block and
 * building one share it, so a proposer sees exactly what validators will. Owns the order, not the stages.
 */
import { beaconAlpha, beaconOf } from '../beacon.ts';
import { decodeVoteExtension } from '../codec/index.ts';
import { nextBaseFee } from '../fees.ts';
import { expireBlobs } from '../learning/attest.ts';
import { forgetAsked } from '../learning/feedback.ts';
import { payLineage } from '../learning/lineage.ts';
import { seedRounds, turnLearning } from '../learning/rounds.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { endMarketEpoch } from '../market/epoch.ts';
import { releaseBonds } from '../market/expert-life.ts';
import { advancePhases, drawPending, type PhaseContext, selectPending } from '../market/phases.ts';
import { payEpoch } from '../rewards/end-epoch.ts';
import { applyExtensions, type ExtensionItems } from '../scoring/extensions.ts';
import { noteMissing } from '../staking/downtime.ts';
import { endEpoch } from '../staking/epoch.ts';
import { recordEvidence } from '../staking/evidence.ts';
import { advanceRotation } from '../staking/proposer-rotation.ts';
import { punishDoubleSigning } from '../staking/slashing.ts';
import { payMatured } from '../staking/unbonding.ts';
import { mustReadValidatorsAt, turnSets } from '../staking/validator-sets.ts';
import type {
  Address,
  BlockResults,
  ChainParams,
  Evidence,
  ExtendedCommit,
  Hash,
  Height,
  PastHeader,
  PublicKey,
  Receipt,
  Transaction,
  TransactionResult,
  Validator,
} from '../types/index.ts';
import { closeVotes, enactParams } from '../voting/close-votes.ts';
import { applyTransaction } from './apply-transaction.ts';
import { checkTransaction, type SignatureCheck, type TransactionVerdict } from './check-transaction.ts';
import type { ChainEvent } from './events.ts';
import { stateKeys } from './keys.ts';
import { rememberHeader } from './past-headers.ts';
import {
  readBaseFee,
  readBeacon,
  readHashList,
  readHead,
  readParams,
  readValidatorRecord,
  writeBaseFee,
  writeBeacon,
  writeHashList,
  writeHead,
  writeValidatorRecord,
} from './records.ts';
import { Overlay, type StateView } from './view.ts';

/** Output of a beacon proof for this key and input, or null when the proof is not theirs (RFC 9381). Never throws. */
export type VerifyBeacon = (key: PublicKey, alpha: Uint8Array, proof: Uint8Array) => Uint8Array | null;

/** What a block brings besides its transactions. */
export type BlockInput = {
  readonly height: Height;
  readonly proposer: Address;
  readonly beaconProof: Uint8Array;
  readonly lastCommit: ExtendedCommit | null;
  readonly evidence: readonly Evidence[];
  readonly verifyBeacon: VerifyBeacon;
};

/** A block under way. Its overlay and lists grow as the run proceeds. */
export type BlockRun = {
  readonly input: BlockInput;
  readonly overlay: Overlay;
  readonly params: ChainParams;
  readonly phases: PhaseContext;
  readonly events: ChainEvent[];
  readonly results: TransactionResult[];
  readonly receipts: Receipt[];
  readonly bytes: { transactions: number };
};

export type BlockRefusal = {
  readonly ok: false;
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number>>;
};

/** Extensions of the last commit, beacon, selection, evidence: everything before the first transaction. */
export function beginBlock(
  state: StateView,
  input: BlockInput,
): { readonly ok: true; readonly run: BlockRun } | BlockRefusal {
  const { height } = input;
  const head = readHead(state);
  if (height !== head + 1) return { ok: false, code: 'BLOCK_HEIGHT_UNEXPECTED', facts: { height, expected: head + 1 } };
  const { validators } = readValidatorRecord(state);
  const extensions = readExtensions(input.lastCommit, head === 0 ? [] : mustReadValidatorsAt(state, head));
  if (extensions === null) return { ok: false, code: 'EXTENSION_MALFORMED', facts: { height } };
  const beacon = nextBeacon(state, input, validators);
  if (beacon === null) return { ok: false, code: 'BEACON_PROOF_INVALID', facts: { height, proposer: input.proposer } };
  const run = createRun(state, input, beacon);
  const { overlay, phases } = run;
  applyExtensions(overlay, extensions, phases);
  writeBeacon(overlay, height, beacon);
  seedRounds(overlay, phases);
  run.receipts.push(...selectPending(overlay, phases));
  drawPending(overlay, phases);
  for (const item of input.evidence) {
    const reason = item.kind === 'light.attack' ? 'lightAttack' : 'doubleSign';
    for (const validator of recordEvidence(overlay, item, phases))
      punishDoubleSigning(overlay, validator, { ...phases, reason });
  }
  return { ok: true, run };
}

/** Checks the next transaction and applies it if it may stand here; a refused one changes nothing. */
export function runTransaction(
  run: BlockRun,
  transaction: Transaction,
  isSignatureValid: SignatureCheck,
): TransactionVerdict {
  const { height, proposer } = run.input;
  const verdict = checkTransaction(run.overlay, transaction, { height, isSignatureValid });
  if (!verdict.ok) return verdict;
  const context = { height, proposer, params: run.params, emit: run.phases.emit };
  run.results.push(applyTransaction(run.overlay, verdict.checked, context));
  run.bytes.transactions += verdict.checked.bytes;
  return verdict;
}

/** Phases and settlements, base fee, rotation, expiry: everything after the last transaction. `header` is this block's. */
export function finishBlock(run: BlockRun, header: PastHeader): BlockResults {
  const { overlay, params, input, phases } = run;
  const { height } = input;
  run.receipts.push(...advancePhases(overlay, phases));
  releaseBonds(overlay, height, phases.emit);
  expireBlobs(overlay, phases);
  forgetAsked(overlay, height);
  turnLearning(overlay, phases);
  writeBaseFee(overlay, nextBaseFee(readBaseFee(overlay), run.bytes.transactions, params));
  const signers = new Set(signersOf(overlay, input));
  turnRotation(run, signers);
  turnStake(run, signers);
  forgetExpired(run);
  rememberHeader(overlay, params, height, header);
  writeHead(overlay, height);
  enactParams(overlay, phases);
  return { height, transactions: run.results, receipts: run.receipts };
}

/** The last commit names its signers by their place in the set of the height before. */
function turnRotation({ overlay, params, input }: BlockRun, signed: ReadonlySet<Address>): void {
  const record = readValidatorRecord(overlay);
  const places = [...record.validators.keys()].filter((place) => signed.has(record.validators[place]!.operator));
  const seen = { proposer: input.proposer, signers: new Set(places) };
  writeValidatorRecord(overlay, advanceRotation(record, params, input.height, seen));
}

/** Downtime, payments, the epoch's end, and the sets of the next two heights (spec: staking §7). */
function turnStake({ overlay, params, input, phases }: BlockRun, signers: ReadonlySet<Address>): void {
  const { height } = input;
  const { emit } = phases;
  noteMissing(overlay, signers, { params, height, emit });
  payMatured(overlay, height, emit);
  payEpoch(overlay, phases);
  payLineage(overlay, phases);
  endEpoch(overlay, phases);
  endMarketEpoch(overlay, phases);
  closeVotes(overlay, phases);
  if (turnSets(overlay, params, height)) emit({ type: 'validators.changed', from: height + 2 });
}

/** Operators whose precommit is in the last commit; `beginBlock` has checked the indices. */
function signersOf(view: StateView, { height, lastCommit }: BlockInput): readonly Address[] {
  if (lastCommit === null) return [];
  const validators = mustReadValidatorsAt(view, height - 1);
  return lastCommit.precommits.map(({ validator }) => validators[validator]!.operator);
}

function createRun(state: StateView, input: BlockInput, beacon: Hash): BlockRun {
  const overlay = new Overlay(state);
  const params = readParams(state);
  const events: ChainEvent[] = [];
  const phases: PhaseContext = { height: input.height, params, beacon, emit: (event) => events.push(event) };
  return { input, overlay, params, phases, events, results: [], receipts: [], bytes: { transactions: 0 } };
}

/** Null when an extension is not canonical or an index is outside the set: such a block is invalid (DESIGN §9). */
function readExtensions(commit: ExtendedCommit | null, validators: readonly Validator[]): ExtensionItems[] | null {
  const extensions: ExtensionItems[] = [];
  for (const { validator: index, extension } of commit?.precommits ?? []) {
    const validator = validators[index];
    const decoded = decodeVoteExtension(extension);
    if (validator === undefined || !decoded.ok) return null;
    extensions.push({ validator: validator.operator, items: decoded.value.items });
  }
  return extensions;
}

function nextBeacon(state: StateView, input: BlockInput, validators: readonly Validator[]): Hash | null {
  const previous = readBeacon(state, input.height - 1);
  const validator = validators.find(({ operator }) => operator === input.proposer);
  if (previous === null || validator === undefined) return null;
  const output = input.verifyBeacon(validator.vrfKey, beaconAlpha(previous, input.height), input.beaconProof);
  return output === null ? null : beaconOf(output);
}

/** Transaction ids are kept while one of this block's could still be valid, settled queries for as many heights. */
function forgetExpired(run: BlockRun): void {
  const { overlay, input } = run;
  writeHashList(
    overlay,
    stateKeys.included(input.height),
    run.results.map(({ id }) => id),
  );
  const oldIds = stateKeys.included(input.height - CHAIN_LIMITS.validUntilAheadMax);
  for (const id of readHashList(overlay, oldIds)) overlay.delete(stateKeys.transaction(id));
  overlay.delete(oldIds);
  const oldQueries = stateKeys.settled(input.height - CHAIN_LIMITS.settledHeightsKept);
  for (const id of readHashList(overlay, oldQueries)) overlay.delete(stateKeys.query(id));
  overlay.delete(oldQueries);
}
