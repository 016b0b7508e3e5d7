/**
 * Asking, and speaking about what was asked, with a spend key, on chains where the node holds no account of the reader's. A question is one
 * streamed /v1/chat/completions, whose query is then followed like any other. Owns the requests; leaving that of a question cancels the
 * query, so it stays open until the query is settled.
 */
import { SynodError } from '@synod/chain/errors';
import type { Terms } from '../pages/ask/terms.ts';
import { client, type Params, type Result } from './client.ts';

export type PaidQuery = {
  readonly queryId: string;
  readonly readKey: string | null;
  /** Ends when the node has told everything, or the signal has ended it; throws what the node told as an error on the way. */
  readonly done: Promise<void>;
};

export type PaidChat = {
  readonly prompt: string;
  readonly terms: Terms;
  readonly isPrivate: boolean;
  readonly spendKey: string;
  readonly signal: AbortSignal;
};

/** Opens a query that the spend key pays for. Throws the node's refusal by its code (`INVALID_API_KEY`, `INSUFFICIENT_QUOTA`, …). */
export async function askPaid({ prompt, terms, isPrivate, spendKey, signal }: PaidChat): Promise<PaidQuery> {
  const response = await post('/v1/chat/completions', chatBody(prompt, terms, isPrivate), { spendKey, signal });
  const queryId = response.headers.get('x-synod-query-id');
  if (!response.ok || queryId === null || response.body === null) throw await refusalOf(response);
  return { queryId, readKey: response.headers.get('x-synod-read-key'), done: drain(response.body, signal) };
}

type FeedbackWords = Pick<Params<'feedback_submit'>, 'rating' | 'correction' | 'source' | 'licence' | 'consent'>;

/** What the reader thinks of an answer that the spend key paid for, as `feedback_submit` tells it. Throws the node's refusal by its code. */
export async function speakPaid(said: {
  readonly queryId: string;
  readonly words: FeedbackWords;
  readonly readKey: string | null;
  readonly spendKey: string;
}): Promise<Result<'feedback_submit'>> {
  const { queryId, words, readKey, spendKey } = said;
  const body = { query_id: queryId, ...words, ...(readKey === null ? {} : { read_key: readKey }) };
  const response = await post('/v1/feedback', body, { spendKey });
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as Result<'feedback_submit'>;
}

async function post(
  path: string,
  body: object,
  { spendKey, signal = null }: { readonly spendKey: string; readonly signal?: AbortSignal | null },
): Promise<Response> {
  return await fetch(`${client.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${spendKey}` },
    body: JSON.stringify(body),
    signal,
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new SynodError('RPC_UNREACHABLE', 'The node that served this page does not answer.', { cause });
  });
}

function chatBody(prompt: string, { domain, maxCost, respondents }: Terms, isPrivate: boolean): object {
  return {
    model: domain === undefined ? 'synod/auto' : `synod/${domain}`,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    synod: {
      ...(respondents === undefined ? {} : { respondents }),
      ...(maxCost === undefined ? {} : { max_cost: maxCost }),
    },
    ...(isPrivate ? { x_private: true } : {}),
  };
}

async function refusalOf(response: Response): Promise<SynodError> {
  const body = (await response.json().catch(() => null)) as { error?: { message?: unknown; code?: unknown } } | null;
  const { message, code } = body?.error ?? {};
  return new SynodError(
    typeof code === 'string' ? code.toUpperCase() : 'RPC_RESPONSE_INVALID',
    typeof message === 'string' ? message : `The node answered ${response.status} without saying why.`,
  );
}

/** Reads to the end; the texts come by the query's own events. */
async function drain(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read());
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
