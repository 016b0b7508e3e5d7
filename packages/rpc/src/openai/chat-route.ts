/**
 * The course of one POST /v1/chat/completions (spec: openai §5, §6): who pays, which query it joins or opens, what happens when its client
 * leaves, and which errors a stock client may repeat by itself. Owns the order; the answer's form is chat.ts.
 */
import { SynodError } from '@synod/chain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isBug } from '../errors.ts';
import { hexOf } from '../json/scalars.ts';
import { checkPrompt } from '../server/query-opener.ts';
import type { CancelDesk } from './cancelling.ts';
import { answerStream, answerWhole, openedHeaders } from './chat.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { sendOpenAiError } from './errors.ts';
import type { Joined, Joins } from './joins.ts';
import { requireTokenizer } from './logprobs.ts';
import { type Payer, payerOf } from './payer.ts';
import type { OpenAiOptions } from './routes.ts';

export type ChatDesk = OpenAiOptions & { readonly joins: Joins; readonly cancels: CancelDesk };

const KEY_CHARACTERS_MAX = 256;
const RETRIES_HEADER = 'x-stainless-retry-count';

/** Answers one request; throws only what a client may repeat. */
export async function answerChat(
  request: FastifyRequest,
  reply: FastifyReply,
  desk: ChatDesk,
): Promise<FastifyReply | undefined> {
  const { api, log } = desk;
  const payer = payerOf(request, desk);
  const chat = parseChatRequest(request.body, request.headers, api);
  checkPrompt(chat.query.prompt, api.params());
  // From its signature on a query may be open: a client that repeats by itself would buy it again.
  const course = { isSigned: false };
  try {
    const joined = await enter(request, { chat, payer, desk, course });
    course.isSigned = true;
    const gone = watchClient(request, reply, { joined, payer, desk });
    reply.headers(openedHeaders(joined.opened));
    requireKnown(joined, desk);
    const answer = { chat, opened: joined.opened, options: desk, gone };
    if (!chat.stream) return await answerWhole(reply, answer);
    await answerStream(reply, answer);
    return reply;
  } catch (error) {
    if (isBug(error)) log.error({ error }, 'chat completion failed by a bug');
    return sendOpenAiError(reply, error, course.isSigned ? { retry: false } : {});
  }
}

function enter(
  request: FastifyRequest,
  {
    chat,
    payer,
    desk,
    course,
  }: {
    readonly chat: ChatRequest;
    readonly payer: Payer;
    readonly desk: ChatDesk;
    readonly course: { isSigned: boolean };
  },
): Promise<Joined> {
  const asked = {
    payer: payer.id,
    idempotencyKey: idempotencyKey(request),
    retries: retriesOf(request) ?? 0,
    request: { model: chat.model, stream: chat.stream, n: chat.choices, query: chat.query, ...chat.shown },
  };
  return desk.joins.enter(asked, async (onSigned) => {
    requireTokenizer(chat, desk.api);
    return await payer.open(chat.query, (signed) => {
      onSigned(signed);
      course.isSigned = true;
    });
  });
}

/** Ends the query once nobody reads it any more, unless its client may come back. */
function watchClient(
  request: FastifyRequest,
  reply: FastifyReply,
  { joined, payer, desk }: { readonly joined: Joined; readonly payer: Payer; readonly desk: ChatDesk },
): AbortSignal {
  const { limits, cancels } = desk;
  const { queryId } = joined.opened;
  const gone = new AbortController();
  const onClose = () => {
    gone.abort();
    if (!joined.leave() || reply.raw.writableFinished) return;
    const delayMs = retriesOf(request) === null ? 0 : limits.retryGraceMs;
    cancels.cancel(queryId, { delayMs, isWanted: joined.isAlone, terms: payer.cancelTerms(queryId) });
  };
  if (reply.raw.destroyed) onClose();
  else reply.raw.once('close', onClose);
  return gone.signal;
}

/** What was on its way when the node ended may have been lost with it. */
function requireKnown({ opened: { queryId, validUntil }, isJoined }: Joined, { api }: ChatDesk): void {
  if (!isJoined || api.query(queryId, null) !== null) return;
  throw new SynodError(
    'QUERY_PENDING',
    `This question was on its way when the node ended: query ${hexOf(queryId)}. It is not in a block yet; ask again above height ${validUntil}, where it is open or never will be.`,
    { facts: { queryId: hexOf(queryId) } },
  );
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return undefined;
  if (key.length <= KEY_CHARACTERS_MAX) return key;
  throw new SynodError('INVALID_PARAMS', `An Idempotency-Key has at most ${KEY_CHARACTERS_MAX} characters.`, {
    facts: { param: 'Idempotency-Key' },
  });
}

/** How often a stock client has repeated this by itself; null for clients that do not tell. */
function retriesOf(request: FastifyRequest): number | null {
  const text = request.headers[RETRIES_HEADER];
  return typeof text === 'string' && /^\d{1,4}$/.test(text) ? Number(text) : null;
}
