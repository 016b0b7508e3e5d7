/**
 * Plain HTTP: POST / and GET /rpc/<method> for JSON-RPC, /livez, /readyz and /metrics. Owns their HTTP statuses.
 */
import { SynodError } from '@synod/chain';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { RpcContext } from '../methods/method.ts';
import { unreadyReason } from '../methods/node.ts';
import { findMethod } from '../methods/registry.ts';
import { type Dispatcher, errorResponse, type RpcResponse } from './dispatcher.ts';
import type { Metrics } from './metrics.ts';
import { type RateLimiter, retryAfter } from './rate-limiter.ts';

export type HttpOptions = {
  readonly context: RpcContext;
  readonly dispatcher: Dispatcher<RpcContext>;
  readonly metrics: Metrics;
  readonly rates: RateLimiter;
};

/** Adds all plain HTTP routes of the JSON-RPC surface. */
export function addHttpRoutes(app: FastifyInstance, options: HttpOptions): void {
  const { context, dispatcher, rates } = options;
  // Without a promise where the answer is there at once: this is the way of most requests.
  app.post('/', (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    let waitMs = 0;
    const answer = dispatcher.answerBytes(body, context, (requests) => {
      waitMs = rates.take(request.ip, requests);
      return waitMs;
    });
    return answer instanceof Promise
      ? answer.then((text) => sendAnswer(reply, text, waitMs))
      : sendAnswer(reply, answer, waitMs);
  });
  app.get<{ Params: { method: string } }>('/rpc/:method', async (request, reply) => {
    const response = await answerGet(request.params.method, request.query as Record<string, unknown>, options);
    return reply.code(statusOf(response)).type('application/json; charset=utf-8').send(JSON.stringify(response));
  });
  addHealthRoutes(app, options);
}

function sendAnswer(reply: FastifyReply, answer: string | null, waitMs: number): void {
  if (answer === null) {
    reply.code(204).send();
    return;
  }
  if (waitMs > 0) reply.code(429).header('retry-after', retryAfter(waitMs));
  reply.type('application/json; charset=utf-8').send(answer);
}

/** Reading methods only: a GET can be made by any link or image of any page. */
async function answerGet(
  name: string,
  query: Record<string, unknown>,
  { context, dispatcher }: HttpOptions,
): Promise<RpcResponse> {
  const method = findMethod(name);
  if (method !== undefined && method.access === 'write') {
    return errorResponse(
      null,
      new SynodError(
        'NOT_SUPPORTED',
        `${name} changes something, so it is not served on GET. POST it as JSON-RPC to /.`,
      ),
    );
  }
  const response = await dispatcher.answer({ jsonrpc: '2.0', id: null, method: name, params: { ...query } }, context);
  return response ?? errorResponse(null, new SynodError('INVALID_REQUEST', 'The request has no answer.'));
}

/** HTTP status of a GET, for tools that look at nothing else. */
function statusOf(response: RpcResponse): number {
  const code = response.error?.code;
  if (code === undefined) return 200;
  if (code === -32601 || code === -32001) return 404;
  if (code === -32004) return 405;
  if (code === -32603) return 500;
  return code === -32002 ? 503 : 400;
}

function addHealthRoutes(app: FastifyInstance, { context, metrics }: HttpOptions): void {
  app.get('/livez', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const reason = unreadyReason(context.api.status());
    return reply.code(reason === null ? 200 : 503).send(reason === null ? { ready: true } : { ready: false, reason });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics.read();
    return reply.type(contentType).send(body);
  });
}
