/**
 * The fault port: how whoever runs a devnet on the same machine tells one of its nodes which faults to suffer and how to pace its
 * blocks. Owns the listener, its file fault-port.json (address and token, readable by the owner alone) and the client; the
 * node's adapters do the harm. Never served outside devnets.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import type { Pace } from '@synod/node';
import type { FaultInjector, FaultSettings } from '@synod/node/faults';
import { HOST } from '../devnet/layout.ts';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { parseFaultSettings, parsePace } from './fault-settings.ts';

type PortFile = { readonly url: string; readonly token: string };

/** What the port works on. */
export type FaultTargets = {
  readonly faults: FaultInjector;
  readonly pace: { get(): Pace; set(pace: Pace): void };
};

const limits = { bodyBytesMax: 16 * 1024, requestTimeoutMs: 5_000 } as const;

function portFile(home: string): string {
  return join(home, 'fault-port.json');
}

/** Throws `FAULT_PORT_REFUSED` for any chain whose genesis is no devnet's. */
export function requireDevnet(genesis: { readonly devnet: boolean; readonly chainId: string }): void {
  if (genesis.devnet) return;
  throw new SynodError(
    'FAULT_PORT_REFUSED',
    `--fault-port lets a test cut this node off and turn its clock; chain ${genesis.chainId} is no devnet, so it is refused. Start the node without it.`,
    { facts: { chainId: genesis.chainId } },
  );
}

/** Serves on `host` until the returned function is called, which also removes fault-port.json. */
export async function serveFaultPort(home: string, targets: FaultTargets, host: string = HOST): Promise<() => void> {
  const token = randomBytes(32).toString('hex');
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request, { token, targets });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, host, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  writeJsonAtomic(portFile(home), { url: `http://${host}:${port}`, token } satisfies PortFile, 'secret');
  return () => {
    rmSync(portFile(home), { force: true });
    server.close();
    server.closeAllConnections();
  };
}

/** Puts the settings into force at the node of that home. Throws what the node answers, or that it does not. */
export async function setFaults(home: string, settings: FaultSettings): Promise<void> {
  await put(home, '/faults', settings);
}

/** The node of that home begins its blocks by this pace from now on. Throws as `setFaults`. */
export async function setPace(home: string, pace: Pace): Promise<void> {
  await put(home, '/pace', pace);
}

async function put(home: string, path: string, value: object): Promise<void> {
  const file = readJson(portFile(home), 'Start the node again.') as PortFile | null;
  if (file === null) {
    throw new SynodError('NODE_UNREACHABLE', `${portFile(home)} does not exist. Start the node with --fault-port.`);
  }
  const response = await fetch(`${file.url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${file.token}` },
    body: JSON.stringify(value),
    signal: AbortSignal.timeout(limits.requestTimeoutMs),
  });
  const body = (await response.json()) as { readonly code?: string; readonly message?: string };
  if (response.status !== 200) throw new SynodError(body.code ?? 'INTERNAL', body.message ?? 'The fault port failed.');
}

async function answer(
  request: IncomingMessage,
  { token, targets }: { readonly token: string; readonly targets: FaultTargets },
): Promise<{ readonly status: number; readonly body: object }> {
  if (!isAuthorised(request, token))
    return { status: 401, body: { code: 'UNAUTHORISED', message: 'The token is wrong.' } };
  const act = { '/faults': applyFaults, '/pace': applyPace }[request.url ?? ''];
  if (act === undefined || request.method !== 'PUT')
    return { status: 404, body: { code: 'NOT_FOUND', message: 'There are only PUT /faults and PUT /pace.' } };
  const applied = act(targets, await readBody(request));
  if (typeof applied === 'string') return { status: 400, body: { code: 'INVALID_PARAMS', message: applied } };
  return { status: 200, body: applied };
}

function applyFaults({ faults }: FaultTargets, body: unknown): object | string {
  const settings = parseFaultSettings(body);
  if (typeof settings === 'string')
    return `${settings}. Send {"blockedPeers": [], "latencyMs": 0, "clockOffsetMs": 0, "experts": {}}.`;
  faults.set(settings);
  return faults.settings;
}

function applyPace({ pace }: FaultTargets, body: unknown): object | string {
  const wanted = parsePace(body);
  if (typeof wanted === 'string') return `${wanted}. Send {"mode": "manual", "intervalMs": null, "mineUntil": 0}.`;
  pace.set(wanted);
  return pace.get();
}

function isAuthorised(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Null when it is too long or no JSON. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.bodyBytesMax) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    // The caller is told by what null parses to.
    return null;
  }
}
