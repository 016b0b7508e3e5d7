/**
 * Asking with a spend key, on chains where the node holds no account of the reader's: one streamed /v1/chat/completions, whose query
 * is then followed like any other. Owns the request; leaving it cancels the query, so it stays open until the query is settled.
 */
import { SynodError } from '@synod/chain/errors';
import type { Terms } from '../pages/ask/terms.ts';
import { client } from './client.ts';

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
  const response = await fetch(`${client.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${spendKey}` },
    body: JSON.stringify(chatBody(prompt, terms, isPrivate)),
    signal,
  }).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new SynodError('RPC_UNREACHABLE', 'The node that served this page does not answer.', { cause });
  });
  const queryId = response.headers.get('x-synod-query-id');
  if (!response.ok || queryId === null || response.body === null) throw await refusalOf(response);
  return { queryId, readKey: response.headers.get('x-synod-read-key'), done: drain(response.body, signal) };
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
