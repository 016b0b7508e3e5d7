/**
 * The composition of one RPC server: Fastify with guards, JSON-RPC, WebSocket, health, metrics and the OpenAI-compatible surface.
 * Owns listening and closing; each route is its own file's.
 */
import websocket from '@fastify/websocket';
import { SynodError } from '@synod/chain';
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { isBug } from '../errors.ts';
import { defaultLimits, type RpcLimits } from '../limits.ts';
import type { RpcContext, SubscriptionHost } from '../methods/method.ts';
import { allMethods } from '../methods/registry.ts';
import type { NodeApi } from '../node-api.ts';
import { sendOpenAiError } from '../openai/errors.ts';
import { addOpenAiRoutes } from '../openai/routes.ts';
import { type OpenRpcDocument, openRpcDocument } from '../openrpc.ts';
import { createDispatcher, errorResponse } from './dispatcher.ts';
import { createEventHub } from './event-hub.ts';
import { guardHosts, guardRates } from './guards.ts';
import { addHttpRoutes } from './http-routes.ts';
import type { RpcLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createQueryObserver } from './query-observer.ts';
import { createQueryOpener } from './query-opener.ts';
import { createRateLimiter, retryAfter } from './rate-limiter.ts';
import { addUiRoutes } from './ui-routes.ts';
import { addWebSocketRoute } from './websocket.ts';

export type RpcServerOptions = {
  readonly api: NodeApi;
  /** Address to bind; anything but loopback also needs `allowedHosts`. */
  readonly host?: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: RpcLog;
  /** Further names that may stand in a Host header. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly limits?: Partial<RpcLimits> | undefined;
  /** Folder with the build of the web page, served at /ui; null or absent: no page is served. */
  readonly uiDirectory?: string | null | undefined;
};

export type RpcServer = {
  /** Starts listening and returns the URL. Throws `PORT_IN_USE` or `LISTEN_FAILED`. */
  listen(): Promise<string>;
  /** Ends all connections and followers. */
  close(): Promise<void>;
};

/** Creates the server of one node; nothing listens before `listen()`. */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const { api, log, port, host = '127.0.0.1' } = options;
  const limits: RpcLimits = { ...defaultLimits, ...options.limits };
  const metrics = createMetrics(api);
  const observer = createQueryObserver({ api, metrics, log, observedMax: limits.observedQueriesMax });
  const queries = createQueryOpener(api, observer.observe);
  let document: OpenRpcDocument | null = null;
  const names = allMethods.map((method) => method.name);
  const context: RpcContext = {
    api,
    limits,
    queries,
    openRpc() {
      // Made when first asked for: most nodes never are.
      document ??= openRpcDocument({ version: api.status().version });
      return document;
    },
    methodNames: () => names,
    connection: null,
  };
  const rates = createRateLimiter(limits);
  const hub = createEventHub(api);
  const app = createApp(limits, log);

  // The websocket plugin comes first: it closes the socket of an upgrade that a later hook refuses.
  app.register(websocket, { options: { maxPayload: limits.bodyBytesMax } });
  app.register(async (scope) => {
    guardHosts(scope, [host, ...(options.allowedHosts ?? [])]);
    guardRates(scope, rates);
    const dispatcher = createDispatcher<RpcContext>({ methods: allMethods, limits, log });
    addHttpRoutes(scope, { context, dispatcher, metrics, rates });
    addOpenAiRoutes(scope, { api, limits, queries, log });
    const contextFor = (connection: SubscriptionHost): RpcContext => ({ ...context, connection });
    addWebSocketRoute(scope, { hub, limits, rates, dispatcher, contextFor });
    if (options.uiDirectory != null) addUiRoutes(scope, options.uiDirectory);
    scope.addHook('onResponse', async (request, reply) => {
      metrics.onRequest(request.url.startsWith('/v1/') ? 'openai' : 'jsonrpc', reply.statusCode);
    });
    answerUnknownPaths(scope);
  });

  return {
    async listen() {
      try {
        return await app.listen({ host, port });
      } catch (cause) {
        throw listenError(cause, host, port);
      }
    },
    async close() {
      observer.close();
      metrics.close();
      hub.close();
      await app.close();
    },
  };
}

/** A Fastify that reads JSON as bytes only: strict UTF-8 and error bodies are ours. */
function createApp(limits: RpcLimits, log: RpcLog): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestReceiveMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
  });
  app.server.maxConnections = limits.connectionsMax;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError | SynodError, request, reply) => {
    const named = namedError(error, limits);
    if (isBug(named)) log.error({ error, url: request.url }, 'request failed by a bug');
    if (named instanceof SynodError && named.code === 'RATE_LIMITED') {
      reply.header('retry-after', retryAfter(Number(named.facts['retryAfterMs'])));
    }
    if (request.url.startsWith('/v1/')) return sendOpenAiError(reply, named);
    return sendRpcError(reply, transportStatus(named), named);
  });
  return app;
}

function answerUnknownPaths(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const error = new SynodError(
      'NOT_FOUND',
      `Nothing is served at ${request.method} ${request.url.slice(0, 128)}. JSON-RPC is POST /, methods are also GET /rpc/<method>.`,
    );
    if (request.url.startsWith('/v1/')) return sendOpenAiError(reply, error);
    return sendRpcError(reply, 404, error);
  });
}

/** Gives the framework's own refusals our names; anything else stays what it is. */
function namedError(error: FastifyError | SynodError, limits: RpcLimits): unknown {
  if (error instanceof SynodError) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const message = `A request body has at most ${limits.bodyBytesMax} bytes. Send less at a time.`;
    return new SynodError('BODY_TOO_LARGE', message, { facts: { bytesMax: limits.bodyBytesMax } });
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new SynodError('CONTENT_TYPE', 'Send JSON with the header content-type: application/json.');
  }
  return (error.statusCode ?? 500) < 500
    ? new SynodError('INVALID_REQUEST', 'The HTTP request is malformed. Check its headers and path.')
    : error;
}

function sendRpcError(reply: FastifyReply, status: number, error: unknown): FastifyReply {
  const body = JSON.stringify(errorResponse(null, error));
  return reply.code(status).type('application/json; charset=utf-8').send(body);
}

/** HTTP statuses of refusals before any JSON-RPC is read. */
const transportStatuses: Readonly<Record<string, number>> = {
  BODY_TOO_LARGE: 413,
  CONTENT_TYPE: 415,
  HOST_NOT_ALLOWED: 403,
  ORIGIN_NOT_ALLOWED: 403,
  INVALID_REQUEST: 400,
  RATE_LIMITED: 429,
};

function transportStatus(error: unknown): number {
  return error instanceof SynodError ? (transportStatuses[error.code] ?? 503) : 500;
}

function listenError(cause: unknown, host: string, port: number): SynodError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return new SynodError(
      'PORT_IN_USE',
      `Port ${port} on ${host} is already in use. Stop the program that has it, or choose another with --port-base.`,
      { facts: { host, port }, cause },
    );
  }
  return new SynodError(
    'LISTEN_FAILED',
    `Cannot listen on ${host}:${port} (${code ?? 'unknown reason'}). Check the address and the rights.`,
    {
      facts: { host, port },
      cause,
    },
  );
}
