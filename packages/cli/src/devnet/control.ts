/**
 * How other commands talk to a running supervisor: a loopback HTTP listener with a token that only the owner's files give.
 * Owns supervisor.json and the one request "start node". Stopping is a signal, so it works even when this does not.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SynodError } from '@synod/chain';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { describeFailure } from '../terminal/failure.ts';
import { HOST, type Layout } from './layout.ts';

type ControlFile = { readonly url: string; readonly token: string };

export type StartedNode = { readonly node: string; readonly pid: number };

/** Readiness of a restarted node may take a catch-up. */
const REQUEST_TIMEOUT_MS = 120_000;

/** Serves until the returned function is called, which also removes supervisor.json. */
export async function serveControl(
  layout: Layout,
  startNode: (name: string) => Promise<StartedNode>,
): Promise<() => void> {
  const token = randomBytes(32).toString('hex');
  const server = createServer((request, response) => void answer(request, response, { token, startNode }));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, HOST, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  writeJsonAtomic(layout.control, { url: `http://${HOST}:${port}`, token } satisfies ControlFile, 'secret');
  return () => {
    rmSync(layout.control, { force: true });
    server.close();
    server.closeAllConnections();
  };
}

/** Asks the running supervisor to start a node that is down. Throws what it answers. */
export async function requestStart(layout: Layout, node: string): Promise<StartedNode> {
  const control = readJson(layout.control, 'Stop the devnet and start it again.') as ControlFile | null;
  if (control === null)
    throw new SynodError('DEVNET_NOT_READY', 'The devnet is still starting. Try again in a moment.');
  const response = await fetch(`${control.url}/start/${encodeURIComponent(node)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${control.token}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const body = (await response.json()) as StartedNode | { readonly code: string; readonly message: string };
  if ('code' in body) throw new SynodError(body.code, body.message, { facts: { node } });
  return body;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: { readonly token: string; readonly startNode: (name: string) => Promise<StartedNode> },
): Promise<void> {
  const reply = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (!isAuthorised(request, context.token))
    return reply(401, { code: 'UNAUTHORISED', message: 'The token is wrong.' });
  const match = /^\/start\/([^/]+)$/.exec(request.url ?? '');
  if (request.method !== 'POST' || match === null)
    return reply(404, { code: 'NOT_FOUND', message: 'There is no such request.' });
  try {
    reply(200, await context.startNode(decodeURIComponent(match[1]!)));
  } catch (error) {
    const { code, message } = describeFailure(error);
    reply(409, { code, message });
  }
}

function isAuthorised(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
