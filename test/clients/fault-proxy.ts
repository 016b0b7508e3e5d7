/**
 * A proxy between a client and a node that breaks connections and answers as a bad network does: before or after the node has heard, before
 * or after headers, in mid-stream, late, or with a status that stock clients repeat. Owns the faults; whose turn it is decides its user.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const STATUSES = [408, 409, 429, 500, 503] as const;

export type Fault =
  | { readonly kind: 'none' }
  /** Answered without the node having heard. */
  | { readonly kind: 'refused'; readonly status: (typeof STATUSES)[number] }
  /** The connection is cut without the node having heard. */
  | { readonly kind: 'cutBefore' }
  /** The node has the request; the client's connection is cut so much later, whatever has come. */
  | { readonly kind: 'cutAfterMs'; readonly delayMs: number }
  /** Cut when the node's headers are there, before or after they were passed on. */
  | { readonly kind: 'cutAtHeaders'; readonly arePassed: boolean }
  /** Cut after so many bytes of the body. */
  | { readonly kind: 'cutInBody'; readonly bytes: number }
  /** The node answers; the client gets this status in place of it. */
  | { readonly kind: 'replaced'; readonly status: (typeof STATUSES)[number] }
  /** Everything comes so much later, so that an impatient client has gone. */
  | { readonly kind: 'late'; readonly delayMs: number };

export type FaultProxy = {
  readonly url: string;
  readonly counts: ReadonlyMap<Fault['kind'], number>;
  close(): Promise<void>;
};

/** Listens on a loopback port of the system's choice. `next` names the fault of each request. */
export async function startFaultProxy(target: string, next: (request: IncomingMessage) => Fault): Promise<FaultProxy> {
  const counts = new Map<Fault['kind'], number>();
  const server = createServer((incoming, outgoing) => {
    const fault = next(incoming);
    counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
    outgoing.on('error', () => undefined);
    if (fault.kind === 'refused') {
      incoming.resume();
      return answer(outgoing, fault.status);
    }
    if (fault.kind === 'cutBefore') return void outgoing.destroy();
    forward(incoming, outgoing, { target, fault });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function answer(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ error: { message: 'induced', type: 'induced', code: 'induced', param: null } }));
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, fault }: { readonly target: string; readonly fault: Fault },
): void {
  const { method = 'GET', url, headers } = incoming;
  const { host } = new URL(target);
  const onward = request(new URL(url ?? '/', target), { method, headers: { ...headers, host } });
  // A proxy that loses its client lets the node know, as real ones do.
  outgoing.once('close', () => onward.destroy());
  onward.on('error', () => outgoing.destroy());
  onward.once('response', (response) => passOn(response, outgoing, fault));
  incoming.pipe(onward);
  if (fault.kind === 'cutAfterMs') setTimeout(() => outgoing.destroy(), fault.delayMs);
}

function passOn(response: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  response.on('error', () => outgoing.destroy());
  if (fault.kind === 'replaced') return answer(outgoing, fault.status);
  if (fault.kind === 'cutAtHeaders' && !fault.arePassed) return void outgoing.destroy();
  const pass = () => {
    if (outgoing.destroyed) return;
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    outgoing.flushHeaders();
    if (fault.kind === 'cutAtHeaders') return void setImmediate(() => outgoing.destroy());
    let left = fault.kind === 'cutInBody' ? fault.bytes : Number.POSITIVE_INFINITY;
    response.on('data', (bytes: Buffer) => {
      if (outgoing.destroyed) return;
      outgoing.write(bytes.subarray(0, Math.min(bytes.length, left)));
      left -= bytes.length;
      if (left <= 0) setImmediate(() => outgoing.destroy());
    });
    response.on('end', () => outgoing.end());
  };
  if (fault.kind === 'late') setTimeout(pass, fault.delayMs);
  else pass();
}
