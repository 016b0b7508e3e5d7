/**
 * The fault port: how a test on the same machine tells a devnet's node which faults to suffer. Owns the loopback listener, its
 * file fault-port.json (address and token, readable by the owner alone) and the client; the node's adapters do the harm.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { FAULT_LIMITS, type FaultInjector, type FaultSettings } from '@synod/node';
import { HOST } from '../devnet/layout.ts';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';

type PortFile = { readonly url: string; readonly token: string };

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

/** Serves until the returned function is called, which also removes fault-port.json. */
export async function serveFaultPort(home: string, faults: FaultInjector): Promise<() => void> {
  const token = randomBytes(32).toString('hex');
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request, { token, faults });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(0, HOST, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  writeJsonAtomic(portFile(home), { url: `http://${HOST}:${port}`, token } satisfies PortFile, 'secret');
  return () => {
    rmSync(portFile(home), { force: true });
    server.close();
    server.closeAllConnections();
  };
}

/** Puts the settings into force at the node of that home. Throws what the node answers, or that it does not. */
export async function setFaults(home: string, settings: FaultSettings): Promise<void> {
  const file = readJson(portFile(home), 'Start the node again.') as PortFile | null;
  if (file === null) {
    throw new SynodError('NODE_UNREACHABLE', `${portFile(home)} does not exist. Start the node with --fault-port.`);
  }
  const response = await fetch(`${file.url}/faults`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${file.token}` },
    body: JSON.stringify(settings),
    signal: AbortSignal.timeout(limits.requestTimeoutMs),
  });
  const body = (await response.json()) as { readonly code?: string; readonly message?: string };
  if (response.status !== 200) throw new SynodError(body.code ?? 'INTERNAL', body.message ?? 'The fault port failed.');
}

async function answer(
  request: IncomingMessage,
  { token, faults }: { readonly token: string; readonly faults: FaultInjector },
): Promise<{ readonly status: number; readonly body: object }> {
  if (!isAuthorised(request, token))
    return { status: 401, body: { code: 'UNAUTHORISED', message: 'The token is wrong.' } };
  if (request.url !== '/faults' || request.method !== 'PUT')
    return { status: 404, body: { code: 'NOT_FOUND', message: 'There is only PUT /faults.' } };
  const settings = parseFaultSettings(await readBody(request));
  if (typeof settings === 'string') {
    const message = `${settings}. Send {"blockedPeers": [], "latencyMs": 0, "clockOffsetMs": 0}.`;
    return { status: 400, body: { code: 'INVALID_PARAMS', message } };
  }
  faults.set(settings);
  return { status: 200, body: faults.settings };
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

/** The settings, or what is wrong with them. */
export function parseFaultSettings(value: unknown): FaultSettings | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'The body is no JSON object';
  const { blockedPeers, latencyMs, clockOffsetMs, ...unknown } = value as Record<string, unknown>;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) return `"${stranger}" is not known`;
  if (!Array.isArray(blockedPeers) || blockedPeers.length > FAULT_LIMITS.blockedPeersMax)
    return `blockedPeers must be a list of at most ${FAULT_LIMITS.blockedPeersMax} peer ids`;
  if (!blockedPeers.every((peer): peer is string => typeof peer === 'string')) return 'blockedPeers must hold peer ids';
  if (!isWithin(latencyMs, 0, FAULT_LIMITS.latencyMsMax))
    return `latencyMs must lie between 0 and ${FAULT_LIMITS.latencyMsMax}`;
  if (!isWithin(clockOffsetMs, -FAULT_LIMITS.clockOffsetMsMax, FAULT_LIMITS.clockOffsetMsMax))
    return `clockOffsetMs must lie within ±${FAULT_LIMITS.clockOffsetMsMax}`;
  return { blockedPeers, latencyMs, clockOffsetMs };
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
