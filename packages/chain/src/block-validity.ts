/**
 * Whether a block may follow its parent (consensus §1.12, spec: state §8). Owns every rule but the clock's, which the
 * consensus package checks at prevote time. A verdict, never a throw.
 */
import { type BlockExecution, executeBlock } from './apply-block.ts';
import { evidenceRoot, extensionsRoot, lastCommitRoot, resultsRoot, transactionsRoot } from './block-roots.ts';
import { blockId, encodeEvidence, paramsHash, validatorsHash } from './codec/index.ts';
import { CHAIN_LIMITS } from './limits.ts';
import type { StateTree } from './merkle/index.ts';
import { provesPossession } from './staking/apply-staking.ts';
import { evidenceProblem, offenders } from './staking/evidence.ts';
import { mustReadValidatorsAt } from './staking/validator-sets.ts';
import type { VerifyBeacon } from './state/block-run.ts';
import { createSignatureCheck, type VerifySignature } from './state/check-transaction.ts';
import { readParams, readValidatorRecord } from './state/records.ts';
import { transactionForm } from './state/transaction-form.ts';
import type {
  Address,
  Block,
  BlockResults,
  ChainParams,
  ExtendedCommit,
  Genesis,
  Hash,
  Header,
  Height,
  TimestampMs,
  Validator,
} from './types/index.ts';
import { ZERO_HASH } from './types/index.ts';

/** What a block must agree with: the block before it, or genesis. */
export type ParentBlock = {
  readonly protocolVersion: number;
  readonly chainId: string;
  readonly height: Height;
  readonly time: TimestampMs;
  /** ZERO_HASH for genesis. */
  readonly blockId: Hash;
  /** Results root of the parent itself, which its child's header carries. */
  readonly resultsRoot: Hash;
};

/** The parent of the block at height 1. */
export function genesisParent(genesis: Genesis): ParentBlock {
  const { protocolVersion, chainId, time } = genesis;
  const results: BlockResults = { height: 0, transactions: [], receipts: [] };
  return { protocolVersion, chainId, height: 0, time, blockId: ZERO_HASH, resultsRoot: resultsRoot(results) };
}

/** The parent that an applied block is to the next. */
export function parentOf(header: Header, results: BlockResults): ParentBlock {
  const { protocolVersion, chainId, height, time } = header;
  return { protocolVersion, chainId, height, time, blockId: blockId(header), resultsRoot: resultsRoot(results) };
}

export type BlockContext = {
  /** State after the parent. */
  readonly state: StateTree;
  readonly parent: ParentBlock;
  readonly verify: VerifySignature;
  /** The chain's own VRF unless given. */
  readonly verifyBeacon?: VerifyBeacon;
  /** `signatureKey`s of transactions whose signature was verified before. */
  readonly verifiedSignatures?: ReadonlySet<string>;
  /** True when precommits and extensions are signed by more than 2/3 of the power of the parent's validators. */
  readonly verifyCommit: (commit: ExtendedCommit, validators: readonly Validator[]) => boolean;
  /** What building this very block on this very state came to: with it nothing is executed, and no transaction's signature verified. */
  readonly execute?: () => BlockExecution;
  /** Proposer of the round, where the block is new in it; a block proposed again keeps its first maker. */
  readonly expectedProposer?: Address;
};

export type BlockVerdict =
  | { readonly ok: true; readonly execution: BlockExecution }
  | { readonly ok: false; readonly code: string; readonly facts: Readonly<Record<string, string | number>> };

/** Checks cheapest first; returns the execution, so that applying the block later costs nothing twice. */
export function validateBlock(block: Block, context: BlockContext): BlockVerdict {
  const params = readParams(context.state);
  const { validators } = readValidatorRecord(context.state);
  const code =
    headerProblem(block.header, context, { validators, params }) ??
    rootsProblem(block) ??
    sizeProblem(block, params) ??
    commitProblem(block, context, params) ??
    allEvidenceProblem(block, context);
  if (code !== null) return { ok: false, code, facts: { height: block.header.height } };
  if (context.execute !== undefined) return { ok: true, execution: context.execute() };
  const isSignatureValid = createSignatureCheck(context.verify, context.verifiedSignatures);
  const execution = executeBlock(context.state, block, isSignatureValid, context.verifyBeacon);
  return execution.ok ? { ok: true, execution } : execution;
}

type Rules = { readonly validators: readonly Validator[]; readonly params: ChainParams };

function headerProblem(header: Header, { state, parent, expectedProposer }: BlockContext, rules: Rules): string | null {
  if (header.protocolVersion !== parent.protocolVersion) return 'BLOCK_VERSION';
  if (header.chainId !== parent.chainId) return 'BLOCK_CHAIN_ID';
  if (header.height !== parent.height + 1) return 'BLOCK_HEIGHT_UNEXPECTED';
  if (header.lastBlockId !== parent.blockId) return 'BLOCK_PARENT';
  if (header.time <= parent.time) return 'BLOCK_TIME_NOT_RISING';
  if (header.validatorsHash !== validatorsHash(rules.validators)) return 'BLOCK_VALIDATORS_HASH';
  const next = mustReadValidatorsAt(state, header.height + 1);
  if (header.nextValidatorsHash !== validatorsHash(next)) return 'BLOCK_NEXT_VALIDATORS_HASH';
  if (header.paramsHash !== paramsHash(rules.params)) return 'BLOCK_PARAMS_HASH';
  if (header.stateRoot !== state.root) return 'BLOCK_STATE_ROOT';
  if (header.resultsRoot !== parent.resultsRoot) return 'BLOCK_RESULTS_ROOT';
  if (!rules.validators.some(({ operator }) => operator === header.proposer)) return 'BLOCK_PROPOSER_UNKNOWN';
  if (expectedProposer !== undefined && header.proposer !== expectedProposer) return 'BLOCK_PROPOSER_UNEXPECTED';
  return null;
}

/**
 * Why the body is not the one that the header commits to, or null. Whoever passes a block on can change its body without
 * changing its id, so this is the sender's fault and says nothing about the block that was decided.
 */
export function bodyProblem(block: Block): string | null {
  const { header, lastCommit } = block;
  if (lastCommit !== null && (lastCommit.height !== header.height - 1 || lastCommit.blockId !== header.lastBlockId)) {
    return 'COMMIT_OF_OTHER_BLOCK';
  }
  return rootsProblem(block);
}

/** Blocks whose body was compared with their header before. They are immutable; entries leave with them. */
const wholeBlocks = new WeakSet<Block>();

function rootsProblem(block: Block): string | null {
  if (wholeBlocks.has(block)) return null;
  const { header, transactions, lastCommit, evidence } = block;
  if (header.transactionsRoot !== transactionsRoot(transactions)) return 'BLOCK_TRANSACTIONS_ROOT';
  if (header.lastCommitRoot !== lastCommitRoot(lastCommit)) return 'BLOCK_LAST_COMMIT_ROOT';
  if (header.extensionsRoot !== extensionsRoot(lastCommit)) return 'BLOCK_EXTENSIONS_ROOT';
  if (header.evidenceRoot !== evidenceRoot(evidence)) return 'BLOCK_EVIDENCE_ROOT';
  wholeBlocks.add(block);
  return null;
}

/** `blockBytesMax` bounds transactions and evidence; the last commit is bounded per extension (state §8). */
function sizeProblem({ transactions, evidence }: Block, params: ChainParams): string | null {
  if (evidence.length > CHAIN_LIMITS.evidencePerBlockMax) return 'BLOCK_TOO_LARGE';
  const possessions = transactions.filter(({ body }) => provesPossession(body.payload));
  if (possessions.length > CHAIN_LIMITS.possessionsPerBlockMax) return 'BLOCK_TOO_LARGE';
  let bytes = 0;
  for (const transaction of transactions) bytes += transactionForm(transaction).encoded.length;
  if (bytesOf(evidence) > CHAIN_LIMITS.evidenceBytesPerBlockMax) return 'BLOCK_TOO_LARGE';
  bytes += bytesOf(evidence);
  return bytes > params.blockBytesMax ? 'BLOCK_TOO_LARGE' : null;
}

function bytesOf(evidence: Block['evidence']): number {
  return evidence.reduce((sum, item) => sum + encodeEvidence(item).length, 0);
}

/** The last commit is by the set of the parent's height, not by that of the block. */
function commitProblem({ lastCommit }: Block, context: BlockContext, params: ChainParams): string | null {
  const { parent, state, verifyCommit } = context;
  if (parent.height === 0) return lastCommit === null ? null : 'COMMIT_UNEXPECTED';
  if (lastCommit === null) return 'COMMIT_MISSING';
  if (lastCommit.height !== parent.height || lastCommit.blockId !== parent.blockId) return 'COMMIT_OF_OTHER_BLOCK';
  const validators = mustReadValidatorsAt(state, parent.height);
  let previous = -1;
  for (const { validator, extension } of lastCommit.precommits) {
    if (validator <= previous || validator >= validators.length) return 'COMMIT_ORDER';
    if (extension.length > params.extensionBytesMax) return 'EXTENSION_TOO_LARGE';
    previous = validator;
  }
  return verifyCommit(lastCommit, validators) ? null : 'COMMIT_INVALID';
}

function allEvidenceProblem(block: Block, context: BlockContext): string | null {
  const { chainId, height, time } = block.header;
  const seen = new Set<Address>();
  for (const item of block.evidence) {
    const problem = evidenceProblem(context.state, item, { chainId, height, time, verify: context.verify }, seen);
    if (problem !== null) return problem;
    for (const who of offenders(item)) seen.add(who);
  }
  return null;
}
