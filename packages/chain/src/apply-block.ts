/**
 * The state transition (spec: state §6): a block that consensus decided, applied to the state before it.
 * Owns nothing of the order within a block (state/block-run.ts) and checks no signatures: that is block-validity.ts.
 */
import { blockId } from './codec/index.ts';
import { vrfVerify } from './crypto/index.ts';
import type { StateTree } from './merkle/index.ts';
import {
  type BlockRefusal,
  type BlockRun,
  beginBlock,
  finishBlock,
  runTransaction,
  type VerifyBeacon,
} from './state/block-run.ts';
import type { SignatureCheck } from './state/check-transaction.ts';
import type { ChainEvent } from './state/events.ts';
import type { StateView, StateWrites } from './state/view.ts';
import type { Block, BlockResults, Header } from './types/index.ts';

/** What executing a block came to, before the state tree is updated. */
export type BlockExecution = {
  readonly ok: true;
  /** Sorted by key, without writes that change nothing; null deletes. */
  readonly writes: StateWrites;
  readonly results: BlockResults;
  readonly events: readonly ChainEvent[];
};

export type AppliedBlock = BlockExecution & { readonly state: StateTree };

/** The block was decided, so its signatures have been verified by whoever voted for it. */
const trusted: SignatureCheck = () => true;

/**
 * Applies a decided block. `execution` is what `validateBlock` returned for this very block on this very state; with it
 * nothing is executed twice. A refusal means that the block could not have been valid on this state.
 */
export function applyBlock(
  state: StateTree,
  block: Block,
  execution?: BlockExecution,
  verifyBeacon: VerifyBeacon = vrfVerify,
): AppliedBlock | BlockRefusal {
  const executed = execution ?? executeBlock(state, block, trusted, verifyBeacon);
  return executed.ok ? { ...executed, state: state.update(executed.writes) } : executed;
}

/** Runs the block over a view without touching it. Refuses at the first transaction that may not stand where it stands. */
export function executeBlock(
  state: StateView,
  block: Block,
  isSignatureValid: SignatureCheck,
  verifyBeacon: VerifyBeacon = vrfVerify,
): BlockExecution | BlockRefusal {
  const { header, lastCommit, evidence, transactions } = block;
  const { height, proposer, beaconProof } = header;
  const begun = beginBlock(state, { height, proposer, beaconProof, lastCommit, evidence, verifyBeacon });
  if (!begun.ok) return begun;
  const { run } = begun;
  for (const [index, transaction] of transactions.entries()) {
    const verdict = runTransaction(run, transaction, isSignatureValid);
    if (!verdict.ok) return { ok: false, code: 'TRANSACTION_INVALID', facts: { index, reason: verdict.code } };
  }
  return finishExecution(run, header);
}

/** The end of a run whose transactions are all in. */
export function finishExecution(run: BlockRun, header: Header): BlockExecution {
  const results = finishBlock(run, { blockId: blockId(header), time: header.time });
  return { ok: true, writes: run.overlay.writes(), results, events: run.events };
}
