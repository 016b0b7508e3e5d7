/**
 * The admin listener: JSON-RPC over POST on a loopback port of its own, for whoever can read the node's token (spec: rpc §8).
 * Owns the token check and listening. Nothing of it is served on the public listener.
 */
import { timingSafeEqual } from 'node:crypto';
import { SynodError } from '@synod/chain';
import { fastify } from 'fastify';
import { defaultLimits } from '../limits.ts';
import { createDispatcher, errorResponse } from '../server/dispatcher.ts';
import { guardHosts } from '../server/guards.ts';
import type { RpcLog } from '../server/log.ts';
import type { AdminApi } from './admin-api.ts';
import { adminMethods } from './admin-methods.ts';
import type { AdminContext } from './define-method.ts';

export type AdminServerOptions = {
  readonly admin: AdminApi;
  /** Whoever sends `Authorization: Bearer TOKEN` may do anything that an operator may. */
  readonly token: string;
  /** 0 lets the system choose. Always bound to 127.0.0.1. */
  readonly port: number;
  readonly log: RpcLog;
};

export type AdminServer = {
  /** Starts listening and returns the URL. */
  listen(): Promise<string>;
  close(): Promise<void>;
};

const HOST = '127.0.0.1';

/** Creates the listener; nothing listens before `listen()`. */
export function createAdminServer({ admin, token, port, log }: AdminServerOptions): AdminServer {
  const dispatcher = createDispatcher<AdminContext>({
    methods: adminMethods,
    limits: defaultLimits,
    log,
  });
  const app = fastify({ logger: false, bodyLimit: defaultLimits.bodyBytesMax, forceCloseConnections: true });
  app.server.maxConnections = defaultLimits.adminConnectionsMax;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof SynodError && error.code === 'UNAUTHORISED' ? 401 : 400;
    const named = error instanceof SynodError ? error : new SynodError('INVALID_REQUEST', 'POST JSON to /.');
    return reply
      .code(status)
      .type('application/json')
      .send(JSON.stringify(errorResponse(null, named)));
  });
  guardHosts(app, []);
  app.addHook('onRequest', async (request) => {
    if (isToken(request.headers.authorization, token)) return;
    throw new SynodError(
      'UNAUTHORISED',
      'The admin listener wants "Authorization: Bearer TOKEN". admin.json in the node\'s home holds the token.',
    );
  });
  app.post('/', async (request, reply) => {
    const answer = await dispatcher.answerBytes(request.body as Buffer, { admin });
    return answer === null ? reply.code(204).send() : reply.type('application/json').send(answer);
  });
  return { listen: () => app.listen({ host: HOST, port }), close: () => app.close() };
}

function isToken(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
