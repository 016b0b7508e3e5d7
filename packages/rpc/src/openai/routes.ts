/**
 * The OpenAI-compatible surface under /v1 (spec: openai): models, chat completions, embeddings, quotes, feedback, and a query's state and
 * event stream.
 */
import { type Hash, SynodError } from '@synod/chain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isBug } from '../errors.ts';
import { queryEventJson, queryJson } from '../json/query.ts';
import { routingJson } from '../json/routing.ts';
import { AddressParam, decimal, HashParam, hexOf } from '../json/scalars.ts';
import type { RpcLimits } from '../limits.ts';
import { readCard } from '../methods/market.ts';
import type { NodeApi, OpenedQuery } from '../node-api.ts';
import type { RpcLog } from '../server/log.ts';
import { checkPrompt, expertLookup, type QueryOpener } from '../server/query-opener.ts';
import { createCancelDesk } from './cancelling.ts';
import { type ChatRequest, parseChatRequest } from './chat-request.ts';
import { answerChat, type ChatDesk } from './chat-route.ts';
import { answerEmbeddings } from './embeddings.ts';
import { toOpenAiError } from './errors.ts';
import { startEventStream } from './event-stream.ts';
import { addFeedbackRoute } from './feedback.ts';
import { followBounded } from './follow.ts';
import { createJoins, type JoinStore } from './joins.ts';
import { findModel, listModels } from './model-ids.ts';
import { payerOf } from './payer.ts';
import type { SpendKeys } from './spending.ts';

export type OpenAiOptions = {
  readonly api: NodeApi;
  readonly limits: RpcLimits;
  readonly queries: QueryOpener;
  readonly log: RpcLog;
  /** Null: this node keeps no spend keys. */
  readonly spending: SpendKeys | null;
  /** Null: what can be joined is forgotten when the server ends. */
  readonly joinStore: JoinStore | null;
};

/** Adds all /v1 routes. */
export function addOpenAiRoutes(app: FastifyInstance, options: OpenAiOptions): void {
  const { api } = options;
  const slots = createSlots(options.limits.followersMax);
  const desk = createChatDesk(app, options);

  app.get('/v1/models', async () => ({ object: 'list', data: listModels(api) }));
  app.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => findModel(api, request.params['*']));
  app.post('/v1/chat/completions', async (request, reply) => slots.hold(() => answerChat(request, reply, desk)));
  app.post('/v1/embeddings', async (request) => {
    // Unpaid, but for those who could pay.
    payerOf(request, options);
    return slots.hold(() => answerEmbeddings(request.body, api));
  });
  app.post('/v1/quote', async (request) => quoteChat(parseChatRequest(request.body, request.headers, api), api));
  addFeedbackRoute(app, options);
  app.get<{ Params: { id: string } }>('/v1/experts/:id/card', async (request) => {
    const address = AddressParam.safeParse(request.params.id);
    if (address.success) return { object: 'synod.expert', ...(await readCard(api, address.data)) };
    throw new SynodError('INVALID_PARAMS', 'An expert is named by its address, syn1…. GET /rpc/expert_list has them.', {
      facts: { param: 'id' },
    });
  });
  app.get<{ Params: { id: string } }>('/v1/queries/:id', async (request) => {
    const view = api.query(queryIdOf(request.params.id), readKeyOf(request));
    if (view === null) throw unknownQuery(request.params.id);
    return { object: 'synod.query', ...queryJson(view, expertLookup(api)) };
  });
  app.get<{ Params: { id: string } }>('/v1/queries/:id/events', async (request, reply) => {
    const queryId = queryIdOf(request.params.id);
    if (api.query(queryId, null) === null) throw unknownQuery(request.params.id);
    const readKey = readKeyOf(request);
    return slots.hold(() => streamEvents(reply, { queryId, readKey }, options));
  });
}

function createChatDesk(app: FastifyInstance, options: OpenAiOptions): ChatDesk {
  const { api, limits, log } = options;
  const joins = createJoins({
    keysMax: limits.idempotencyKeysMax,
    keyMs: limits.idempotencyKeyMs,
    retryMs: limits.retryJoinMs,
    nowMs: Date.now,
    neverWas: ({ queryId, validUntil }) => api.status().head.height > validUntil && api.query(queryId, null) === null,
    store: options.joinStore,
  });
  const cancels = createCancelDesk({ api, log, pendingMax: limits.cancelsPendingMax });
  app.addHook('onClose', async () => cancels.close());
  return { ...options, joins, cancels };
}

async function quoteChat(chat: ChatRequest, api: NodeApi): Promise<Record<string, unknown>> {
  checkPrompt(chat.query.prompt, api.params());
  const quote = await api.quote({
    prompt: chat.query.prompt,
    domain: chat.query.domain,
    expert: chat.query.expert,
    respondents: chat.query.respondents,
    effort: chat.query.effort,
    maxTokens: chat.cut.tokensMax,
  });
  return {
    object: 'synod.quote',
    domain: quote.domain,
    routing: routingJson(quote.routing),
    estimate: decimal(quote.estimate),
    max: decimal(quote.max),
    experts: quote.experts.map(({ expert, name, model }) => ({ id: expert, name, model })),
    valid_until: decimal(quote.validUntil),
    configuration: quote.configuration,
  };
}

/** A query's events as JSON, one `data:` each, from its beginning to `final` or `failed`. */
async function streamEvents(
  reply: FastifyReply,
  { queryId, readKey }: Pick<OpenedQuery, 'queryId' | 'readKey'>,
  { api, limits, log }: OpenAiOptions,
): Promise<FastifyReply> {
  reply.hijack();
  const stream = startEventStream(reply.raw, {
    headers: { 'x-synod-query-id': hexOf(queryId) },
    keepAliveMs: limits.keepAliveMs,
  });
  const expertOf = expertLookup(api);
  try {
    const bounds = { answerWaitMs: limits.eventStreamMs, finalityWaitMs: limits.eventStreamMs };
    for await (const event of followBounded(api, queryId, { ...bounds, readKey, signal: stream.signal })) {
      if (event.kind === 'timeout') await stream.comment('timeout: connect again to go on following');
      else await stream.data(queryEventJson(event, expertOf));
    }
  } catch (error) {
    if (isBug(error)) log.error({ error, queryId }, 'event stream failed by a bug');
    const { code, message } = toOpenAiError(error).body.error;
    await stream.data({ kind: 'failed', queryId: hexOf(queryId), code, message });
  } finally {
    stream.end();
  }
  return reply;
}

/** The header `X-Synod-Read-Key`; in an address it would stand in logs. */
function readKeyOf(request: FastifyRequest): Hash | null {
  const header = request.headers['x-synod-read-key'];
  if (header === undefined) return null;
  const parsed = HashParam.safeParse(header);
  if (parsed.success) return parsed.data;
  throw new SynodError('INVALID_PARAMS', 'A read key is 0x and 64 hexadecimal digits. Copy it whole.', {
    facts: { param: 'X-Synod-Read-Key' },
  });
}

function queryIdOf(text: string): Hash {
  const parsed = HashParam.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new SynodError('INVALID_PARAMS', 'A query id is 0x and 64 hexadecimal digits. Copy it whole.', {
    facts: { param: 'id' },
  });
}

function unknownQuery(id: string): SynodError {
  return new SynodError(
    'UNKNOWN',
    `This node knows no query ${id.slice(0, 66)}. Check the id, or ask again once it is included.`,
  );
}

/** Bounds how many requests follow queries at a time. */
function createSlots(max: number): { hold<T>(work: () => Promise<T>): Promise<T> } {
  let held = 0;
  return {
    async hold(work) {
      if (held >= max)
        throw new SynodError('LIMIT_EXCEEDED', `This node follows ${max} queries at a time. Ask again in a moment.`);
      held++;
      try {
        return await work();
      } finally {
        held--;
      }
    },
  };
}
