/**
 * What was asked and answered in a settled query, as feedback about it repeats it, and the blob that comes of it (spec: learning §2.2).
 * Owns finding the words and saying why there are none; keeping and sending is feedback-service.ts.
 */
import {
  type Address,
  answerText,
  encodeFeedbackBlob,
  type FeedbackBlob,
  type FeedbackRating,
  type Hash,
  type Receipt,
  SynodError,
} from '@synod/chain';
import type { QueryView } from './query-view.ts';

/** What a requester says about the answer to a query. */
export type FeedbackRequest = {
  readonly queryId: Hash;
  readonly rating: FeedbackRating;
  readonly correction: string | null;
  readonly source: string | null;
  readonly licence: string;
  readonly consent: 'train' | 'release';
};

/** The words of a settled query. */
export type AskedWords = {
  readonly requester: Address;
  readonly domain: string;
  readonly isPrivate: boolean;
  readonly receipt: Receipt;
  readonly prompt: string;
  readonly answer: string;
};

/**
 * The words behind a view. Throws `FEEDBACK_UNKNOWN_QUERY`, `FEEDBACK_UNSETTLED`, `FEEDBACK_NO_ANSWER`, `READ_KEY_WRONG` for a private
 * query whose texts are closed, or `FEEDBACK_WINDOW_OVER` where its texts have left this node.
 */
export function askedWords(queryId: Hash, view: QueryView | null): AskedWords {
  const facts = { facts: { queryId } };
  if (view?.status === 'pending' || view?.status === 'open') throw unsettled(queryId);
  const receipt = view?.receipt ?? null;
  if (view === null || receipt === null) {
    throw new SynodError(
      'FEEDBACK_UNKNOWN_QUERY',
      `This node knows no receipt of the query ${queryId}. Check the id, or ask the node that coordinated it.`,
      facts,
    );
  }
  const group = receipt.best === null ? undefined : receipt.groups[receipt.best];
  if (group === undefined) {
    throw new SynodError(
      'FEEDBACK_NO_ANSWER',
      `The query ended without an answer (${receipt.outcome}), so there is nothing to rate. Ask again.`,
      facts,
    );
  }
  const { requester, domain } = receipt;
  const isPrivate = receipt.contract.privacy !== null;
  if (view.isSealed || view.prompt === null) {
    throw new SynodError(
      'READ_KEY_WRONG',
      'The query is private, and the read key does not open it here. Pass the key that was given when it was opened, at that node.',
      facts,
    );
  }
  if (group.answer.segments.some(({ kind }) => kind === 'sealed')) throw windowOver(queryId);
  return { requester, domain, isPrivate, receipt, prompt: view.prompt, answer: answerText(group.answer) };
}

/** The blob of feedback by that author. Throws `FEEDBACK_EMPTY`, `FEEDBACK_TOO_LONG` or `FEEDBACK_MALFORMED`. */
export function blobOf(
  words: AskedWords,
  request: FeedbackRequest,
  author: Address,
): { readonly blob: FeedbackBlob; readonly bytes: Uint8Array } {
  const { queryId, rating, correction, source, licence, consent } = request;
  if (rating === 'correct' && (correction ?? '').trim() === '') {
    throw new SynodError('FEEDBACK_EMPTY', 'A correction needs its text. Say what would have been right.', {
      facts: { queryId },
    });
  }
  const { domain, prompt, answer } = words;
  const said = { rating, prompt, answer, correction, source, licence, consent };
  const blob: FeedbackBlob = { formatVersion: 1, queryId, domain, author, ...said };
  try {
    return { blob, bytes: encodeFeedbackBlob(blob) };
  } catch (error) {
    throw error instanceof SynodError ? renamed(error) : error;
  }
}

export function tooLong(bytes: number, bytesMax: number): SynodError {
  return new SynodError(
    'FEEDBACK_TOO_LONG',
    `The feedback with its question and answer has ${bytes} bytes, ${bytesMax} are taken. Shorten the correction.`,
    { facts: { bytes, bytesMax } },
  );
}

export function unsettled(queryId: Hash): SynodError {
  return new SynodError(
    'FEEDBACK_UNSETTLED',
    'The query is not settled yet: there is no answer to speak of. Wait for its receipt.',
    { facts: { queryId } },
  );
}

export function windowOver(queryId: Hash): SynodError {
  return new SynodError(
    'FEEDBACK_WINDOW_OVER',
    'The time for feedback about this query is over (learning.feedbackWindow of params_list). Ask the question again.',
    { facts: { queryId } },
  );
}

/** What the blob's writer says, under the code of whoever gave the words. */
function renamed({ message, facts, cause }: SynodError): SynodError {
  const { field, bytes, bytesMax } = facts;
  if (field === 'length') return tooLong(Number(bytes), Number(bytesMax));
  return new SynodError('FEEDBACK_MALFORMED', message, { facts, cause });
}
