/**
 * Feedback on chain (spec: learning §2): which queries take it and for how long, who may give it, and its deposit.
 * Owns the record `asked/` and the making of `feedback/`; the text is feedback-blob.ts, its attestation attest.ts.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { moveToPot } from '../state/ledger.ts';
import { readAccount, readHashList, writeHashList } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import {
  type Address,
  type AskedQuery,
  type ChainParams,
  type FeedbackGive,
  type Height,
  type LearningLine,
  type Receipt,
  ZERO_HASH,
} from '../types/index.ts';
import { awaitBlob, blobRoom } from './attest.ts';
import { promptHash } from './commitments.ts';
import {
  listLines,
  listPendingBlobs,
  newLine,
  readAsked,
  readLine,
  writeAsked,
  writeFeedback,
  writeLine,
} from './learning-records.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/** Opens a query that has just settled with an answer for feedback. */
export function rememberAsked(
  overlay: Overlay,
  receipt: Receipt,
  { params, height }: Pick<Context, 'params' | 'height'>,
): void {
  if (receipt.best === null) return;
  const { queryId, requester, domain, contract } = receipt;
  const isPrivate = contract.privacy !== null;
  const asked = { queryId, requester, domain, settledAt: height, isPrivate, feedback: null };
  writeAsked(overlay, { ...asked, promptHash: isPrivate ? ZERO_HASH : promptHash(contract.prompt) });
  const bucket = stateKeys.askedUntil(height + params.learning.feedbackWindow);
  writeHashList(overlay, bucket, [...readHashList(overlay, bucket), queryId]);
}

/** At the end of a block: forgets the queries whose window ends with it. */
export function forgetAsked(overlay: Overlay, height: Height): void {
  const bucket = stateKeys.askedUntil(height);
  for (const id of readHashList(overlay, bucket)) overlay.delete(stateKeys.asked(id));
  overlay.delete(bucket);
}

/** Takes feedback and holds its deposit. Returns `OK` or a stable code. */
export function applyFeedbackGive(
  overlay: Overlay,
  give: FeedbackGive,
  context: Context & { readonly sender: Address },
): string {
  const { params, height, sender, emit } = context;
  const asked = readAsked(overlay, give.queryId);
  if (asked === null) return 'QUERY_UNKNOWN';
  const code = refusal(overlay, give, { asked, sender, params });
  if (code !== null) return code;
  const { domain, queryId } = asked;
  const { rating, content, bytes, leaf } = give;
  const { feedbackDeposit: deposit, attestHeights } = params.learning;
  const line = readLine(overlay, domain) ?? newLine(domain);
  const { feedback: number } = line;
  moveToPot(overlay, sender, 'escrowed', deposit);
  const common = { domain, number, queryId, author: sender, rating, content, bytes } as const;
  const fresh = { leaf, givenAt: height, state: 'pending', version: null, deposit } as const;
  writeFeedback(overlay, { ...common, promptHash: asked.promptHash, ...fresh });
  writeLine(overlay, { ...line, feedback: number + 1 });
  writeAsked(overlay, { ...asked, feedback: number });
  awaitBlob(overlay, { content, bytes, owner: { kind: 'feedback', domain, number }, deadline: height + attestHeights });
  emit({ type: 'feedback.given', ...common });
  return 'OK';
}

type Asking = { readonly asked: AskedQuery; readonly sender: Address; readonly params: ChainParams };

function refusal(view: StateView, give: FeedbackGive, { asked, sender, params }: Asking): string | null {
  const { feedbackBytesMax, feedbackDeposit } = params.learning;
  if (asked.requester !== sender) return 'FEEDBACK_FOREIGN';
  if (asked.feedback !== null) return 'FEEDBACK_TWICE';
  if (asked.isPrivate) return 'FEEDBACK_PRIVATE';
  if (give.bytes > feedbackBytesMax) return 'FEEDBACK_TOO_LONG';
  if (give.bytes === 0) return 'FEEDBACK_EMPTY';
  if ((give.rating === 'correct') === (give.leaf === ZERO_HASH)) return 'FEEDBACK_LEAF';
  const full = roomProblem(view, asked.domain, give);
  if (full !== null) return full;
  return readAccount(view, sender).balance < feedbackDeposit ? 'INSUFFICIENT_BALANCE' : null;
}

/** What bounds the records that wait. */
function roomProblem(view: StateView, domain: string, { content, bytes }: FeedbackGive): string | null {
  const line: LearningLine | null = readLine(view, domain);
  if (line === null && listLines(view).length >= CHAIN_LIMITS.learningDomainsMax) return 'LEARNING_FULL';
  const coming = listPendingBlobs(view).filter(({ owner }) => owner.kind === 'feedback' && owner.domain === domain);
  if ((line?.waiting.length ?? 0) + coming.length >= CHAIN_LIMITS.waitingFeedbackMax) return 'FEEDBACK_FULL';
  const room = blobRoom(view, { content, bytes, owner: { kind: 'feedback', domain, number: line?.feedback ?? 0 } });
  if (room === 'taken') return 'FEEDBACK_TWICE';
  return room === 'full' ? 'FEEDBACK_FULL' : null;
}
