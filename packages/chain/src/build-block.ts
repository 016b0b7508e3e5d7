/**
 * A proposer's block (spec: state §8): a run of candidates that are valid together, under a header that agrees with the
 * parent. Owns the choice; what is valid is block-run.ts and block-validity.ts.
 */
import { type BlockExecution, finishExecution } from './apply-block.ts';
import { evidenceRoot, extensionsRoot, lastCommitRoot, transactionsRoot } from './block-roots.ts';
import type { ParentBlock } from './block-validity.ts';
import { encodeEvidence, paramsHash, validatorsHash } from './codec/index.ts';
import { vrfVerify } from './crypto/index.ts';
import { SynodError } from './errors.ts';
import { CHAIN_LIMITS } from './limits.ts';
import type { StateTree } from './merkle/index.ts';
import { provesPossession } from './staking/apply-staking.ts';
import { evidenceProblem, offenders, stripEvidence } from './staking/evidence.ts';
import { mustReadValidatorsAt } from './staking/validator-sets.ts';
import { type BlockRun, beginBlock, runTransaction, type VerifyBeacon } from './state/block-run.ts';
import type { SignatureCheck, TransactionRefusal, VerifySignature } from './state/check-transaction.ts';
import { readParams, readValidatorRecord } from './state/records.ts';
import { transactionForm } from './state/transaction-form.ts';
import type { Address, Block, Evidence, ExtendedCommit, TimestampMs, Transaction } from './types/index.ts';

export type BuildBlockInput = {
  /** State after the parent. */
  readonly state: StateTree;
  readonly parent: ParentBlock;
  /** Null exactly at height 1. */
  readonly lastCommit: ExtendedCommit | null;
  /** Candidates in the order wanted; their signatures are checked by `isSignatureValid`. */
  readonly transactions: readonly Transaction[];
  readonly isSignatureValid: SignatureCheck;
  readonly evidence: readonly Evidence[];
  readonly verify: VerifySignature;
  /** The chain's own VRF unless given. */
  readonly verifyBeacon?: VerifyBeacon;
  /** Proposer's clock; raised to one millisecond past the parent where it is not later. */
  readonly time: TimestampMs;
  /** Proof over `beaconAlpha(beacon of the parent, height)`, 80 bytes. */
  readonly beaconProof: Uint8Array;
  readonly proposer: Address;
};

export type BuiltBlock = {
  readonly block: Block;
  /** What executing the block comes to, as `validateBlock` would give it: finished when first asked for. */
  readonly execute: () => BlockExecution;
  /** Candidates that may not stand in this block, for the mempool to drop or keep by code. Those left out for size or number are not here. */
  readonly refused: readonly { readonly transaction: Transaction; readonly code: TransactionRefusal }[];
};

/**
 * Builds a block that `validateBlock` accepts on the same state. Throws `BLOCK_NOT_BUILDABLE` when the proposer's own
 * input is wrong: a beacon proof that does not verify, or a commit that does not belong here.
 */
export function buildBlock(input: BuildBlockInput): BuiltBlock {
  const { state, parent, lastCommit, proposer, beaconProof, verifyBeacon = vrfVerify } = input;
  const height = parent.height + 1;
  const evidence = goodEvidence(input);
  const begun = beginBlock(state, { height, proposer, beaconProof, lastCommit, evidence, verifyBeacon });
  if (!begun.ok) {
    throw new SynodError(
      'BLOCK_NOT_BUILDABLE',
      `The proposal failed: ${begun.code}. Check the validator's keys and its last commit.`,
      {
        facts: begun.facts,
      },
    );
  }
  const { transactions, refused } = fill(begun.run, input, evidence);
  const header = createHeader(input, transactions, evidence);
  let execution: BlockExecution | null = null;
  return {
    block: { header, transactions, lastCommit, evidence },
    execute: () => {
      execution ??= finishExecution(begun.run, header);
      return execution;
    },
    refused,
  };
}

/** The proposer's clock, if that is later than the parent. */
function timeOf({ time, parent }: BuildBlockInput): TimestampMs {
  return Math.max(time, parent.time + 1);
}

function createHeader(
  input: BuildBlockInput,
  transactions: readonly Transaction[],
  evidence: readonly Evidence[],
): Block['header'] {
  const { state, parent, lastCommit } = input;
  return {
    protocolVersion: parent.protocolVersion,
    chainId: parent.chainId,
    height: parent.height + 1,
    time: timeOf(input),
    lastBlockId: parent.blockId,
    lastCommitRoot: lastCommitRoot(lastCommit),
    extensionsRoot: extensionsRoot(lastCommit),
    validatorsHash: validatorsHash(readValidatorRecord(state).validators),
    nextValidatorsHash: validatorsHash(mustReadValidatorsAt(state, parent.height + 2)),
    paramsHash: paramsHash(readParams(state)),
    stateRoot: state.root,
    resultsRoot: parent.resultsRoot,
    transactionsRoot: transactionsRoot(transactions),
    evidenceRoot: evidenceRoot(evidence),
    beaconProof: input.beaconProof,
    proposer: input.proposer,
  };
}

/** Takes candidates in order until the next would not fit; one that may not stand here, or has too many of its kind before it, is left out. */
function fill(
  run: BlockRun,
  input: BuildBlockInput,
  evidence: readonly Evidence[],
): Pick<BuiltBlock, 'refused'> & Pick<Block, 'transactions'> {
  const transactions: Transaction[] = [];
  const refused: { transaction: Transaction; code: TransactionRefusal }[] = [];
  let room = run.params.blockBytesMax - bytesOf(evidence);
  let possessions = 0;
  for (const transaction of input.transactions) {
    const isPossession = provesPossession(transaction.body.payload);
    if (isPossession && possessions >= CHAIN_LIMITS.possessionsPerBlockMax) continue;
    const bytes = transactionForm(transaction).encoded.length;
    if (bytes <= run.params.transactionBytesMax && bytes > room) break;
    const verdict = runTransaction(run, transaction, input.isSignatureValid);
    if (!verdict.ok) {
      refused.push({ transaction, code: verdict.code });
      continue;
    }
    transactions.push(transaction);
    room -= bytes;
    if (isPossession) possessions += 1;
  }
  return { transactions, refused };
}

/** Evidence in the form a block may carry, as much as fits, without what is old, known or unproven. */
function goodEvidence(input: BuildBlockInput): Evidence[] {
  const { state, parent, verify } = input;
  const context = { chainId: parent.chainId, height: parent.height + 1, time: timeOf(input), verify };
  const good: Evidence[] = [];
  const seen = new Set<Address>();
  let room = Math.min(CHAIN_LIMITS.evidenceBytesPerBlockMax, readParams(state).blockBytesMax);
  for (const item of input.evidence.map(stripEvidence)) {
    const bytes = encodeEvidence(item).length;
    if (good.length >= CHAIN_LIMITS.evidencePerBlockMax || bytes > room) continue;
    if (evidenceProblem(state, item, context, seen) !== null) continue;
    good.push(item);
    room -= bytes;
    for (const who of offenders(item)) seen.add(who);
  }
  return good;
}

function bytesOf(evidence: readonly Evidence[]): number {
  return evidence.reduce((sum, item) => sum + encodeEvidence(item).length, 0);
}
