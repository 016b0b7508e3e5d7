/**
 * Keeps web pages and stray programs out of a loopback server (spec: rpc §1.2): Host and Origin checks, and the rate of requests. CORS
 * stays off, so a browser never shows an answer to a page of another origin; these checks stop requests that would act before that.
 */
import { SynodError } from '@synod/chain';
import type { FastifyInstance } from 'fastify';
import { type RateLimiter, rateLimited } from './rate-limiter.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '::1'];

/** Refuses every request whose Host is not one of ours, or whose Origin is a page of somewhere else. */
export function guardHosts(app: FastifyInstance, hosts: readonly string[]): void {
  const allowed = new Set([...LOOPBACK_NAMES, ...hosts].map((host) => host.toLowerCase()));
  app.addHook('onRequest', async (request) => {
    const host = hostName(request.headers.host ?? '');
    if (host === null || !allowed.has(host)) {
      throw new SynodError(
        'HOST_NOT_ALLOWED',
        'This Host header is not served here. Use 127.0.0.1 or localhost, or allow the name in the configuration.',
      );
    }
    const { origin } = request.headers;
    if (origin !== undefined && !isOwnOrigin(origin, request.headers.host ?? '')) {
      throw new SynodError(
        'ORIGIN_NOT_ALLOWED',
        'Web pages of other origins may not use this server. Serve the page from here.',
      );
    }
  });
}

/** Asked by whoever watches the process, who is never refused. */
const UNCOUNTED: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

/** Refuses an address that asks too often. The requests in the body of a POST to / are counted by its route. */
export function guardRates(app: FastifyInstance, rates: RateLimiter): void {
  app.addHook('onRequest', async (request) => {
    if (UNCOUNTED.has(request.url) || (request.method === 'POST' && request.url === '/')) return;
    const waitMs = rates.take(request.ip, 1);
    if (waitMs > 0) throw rateLimited(waitMs);
  });
}

/** The name in a Host header, without port and brackets; null when it is none. */
function hostName(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

/** Pages served by this very server have an Origin equal to their Host. */
function isOwnOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}
