/**
 * What became of feedback that a spend key paid for, as the chain has it: its fee, and its deposit, which is held until the feedback's round
 * is over (spec: learning §2.3). Owns reading it; also when that cannot be known any more.
 */
import type { Amount } from '@synod/chain';
import type { NodeApi } from '@synod/rpc';
import type { HeldFeedback } from './ledger.ts';
import { isForgotten } from './true-cost.ts';

/** What of a node is asked. */
export type FeedbackSource = Pick<NodeApi, 'transaction' | 'feedbackOf' | 'status' | 'oldestHeight'>;

export type FeedbackCourse = { readonly spent: Amount; readonly held: HeldFeedback | null };

/** What is spent of it by now, and what is still held; null while nothing has changed. */
export function feedbackCourse(source: FeedbackSource, held: HeldFeedback): FeedbackCourse | null {
  return held.isTaken ? depositCourse(source, held) : transactionCourse(source, held);
}

function transactionCourse(source: FeedbackSource, held: HeldFeedback): FeedbackCourse | null {
  const { id, validUntil, amount, deposit } = held;
  const view = source.transaction(id);
  if (view !== null) {
    if (view.status !== 'final' || view.result === null) return null;
    const { code, fee } = view.result;
    return code === 'OK' ? taken(source, held, fee) : { spent: fee, held: null };
  }
  if (source.status().head.height <= validUntil) return null;
  // Its block is forgotten, and with it what the transaction cost: the books may be too strict, never too lax.
  if (recordOf(source, held) !== null) return taken(source, held, amount - deposit);
  return { spent: isForgotten(source, validUntil) ? amount : 0n, held: null };
}

/** The fee is spent; the deposit is what the chain holds, should a vote have changed it on the way. */
function taken(source: FeedbackSource, held: HeldFeedback, fee: Amount): FeedbackCourse {
  const onChain = recordOf(source, held)?.deposit ?? 0n;
  const deposit = onChain > 0n ? onChain : held.deposit;
  return { spent: fee, held: { ...held, amount: deposit, deposit, isTaken: true } };
}

function depositCourse(source: FeedbackSource, held: HeldFeedback): FeedbackCourse | null {
  switch (recordOf(source, held)?.state) {
    case 'used':
      return { spent: 0n, held: null };
    case 'refused':
    case 'lost':
      return { spent: held.deposit, held: null };
    default:
      return null;
  }
}

/** The chain's record, where it is of these words. */
function recordOf(source: FeedbackSource, { queryId, content }: HeldFeedback) {
  const record = source.feedbackOf(queryId)?.feedback ?? null;
  return record?.content === content ? record : null;
}
