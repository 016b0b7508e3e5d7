/**
 * How commands and nodes talk to a running supervisor: a loopback HTTP listener with a token that only the owner's files give.
 * Owns supervisor.json and the way of a request; what can be asked is control-requests.ts's. Stopping is a signal, so it works even
 * when this does not.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SynodError } from '@synod/chain';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { describeFailure } from '../terminal/failure.ts';
import type { ControlRequests } from './control-requests.ts';
import { HOST } from './layout.ts';

type ControlFile = { readonly url: string; readonly token: string };

/** What is done for each request; parameters come as they were sent. */
export type ControlHandlers = { readonly [Name in keyof ControlRequests]: (params: unknown) => Promise<object> };

const limits = {
  /** A thousand blocks may take minutes. */
  requestTimeoutMs: 3_600_000,
  bodyBytesMax: 64 * 1024,
} as const;

/** Serves until the returned function is called, which also removes supervisor.json. */
export async function serveControl(file: string, handlers: ControlHandlers): Promise<() => void> {
  const token = randomBytes(32).toString('hex');
  const server = createServer((request, response) => void answer(request, response, { token, handlers }));
  server.requestTimeout = limits.requestTimeoutMs;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, HOST, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  writeJsonAtomic(file, { url: `http://${HOST}:${port}`, token } satisfies ControlFile, 'secret');
  return () => {
    rmSync(file, { force: true });
    server.close();
    server.closeAllConnections();
  };
}

/** Asks the running supervisor. Throws what it answers, or `DEVNET_NOT_READY` while there is none to ask. */
export async function requestControl<Name extends keyof ControlRequests>(
  file: string,
  name: Name,
  params: ControlRequests[Name]['params'],
): Promise<ControlRequests[Name]['result']> {
  const control = readJson(file, 'Stop the devnet and start it again.') as ControlFile | null;
  if (control === null)
    throw new SynodError('DEVNET_NOT_READY', 'The devnet is still starting, or runs no more. Try again in a moment.');
  const response = await ask(control, name, params);
  const body = (await response.json()) as
    | ControlRequests[Name]['result']
    | { readonly code: string; readonly message: string; readonly facts?: Record<string, string> };
  if ('code' in body) throw new SynodError(body.code, body.message, { facts: body.facts ?? {} });
  return body;
}

async function ask({ url, token }: ControlFile, name: string, params: object): Promise<Response> {
  try {
    return await fetch(`${url}/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(params),
      signal: AbortSignal.timeout(limits.requestTimeoutMs),
    });
  } catch (cause) {
    throw new SynodError('NODE_UNREACHABLE', 'The supervisor of the devnet does not answer. Start it:  synod devnet', {
      cause,
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { token, handlers }: { readonly token: string; readonly handlers: ControlHandlers },
): Promise<void> {
  const reply = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (!isAuthorised(request, token)) return reply(401, { code: 'UNAUTHORISED', message: 'The token is wrong.' });
  const handler = handlerOf(handlers, request.url ?? '');
  if (request.method !== 'POST' || handler === null)
    return reply(404, { code: 'NOT_FOUND', message: 'There is no such request.' });
  try {
    reply(200, await handler(await readBody(request)));
  } catch (error) {
    const { code, message, facts } = describeFailure(error);
    reply(409, { code, message, facts });
  }
}

function handlerOf(handlers: ControlHandlers, url: string): ((params: unknown) => Promise<object>) | null {
  const name = url.slice(1);
  return Object.hasOwn(handlers, name) ? handlers[name as keyof ControlHandlers] : null;
}

/** Throws `INVALID_PARAMS` for what is no JSON or too long. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.bodyBytesMax) throw new SynodError('INVALID_PARAMS', 'The request is too long.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch (cause) {
    throw new SynodError('INVALID_PARAMS', 'The request is no JSON.', { cause });
  }
}

function isAuthorised(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
