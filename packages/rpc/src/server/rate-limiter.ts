/**
 * A token bucket for each address that asks (spec: rpc §1.7). Owns the buckets and their number; what counts as how many requests,
 * and how a refusal looks, is the routes'.
 */
import { SynodError } from '@synod/chain';
import type { RpcLimits } from '../limits.ts';

export type RateLimiter = {
  /** Takes this many requests of the address; 0, or milliseconds after which they would be taken. */
  take(address: string | undefined, items: number): number;
};

type Bucket = { tokens: number; atMs: number };

export type Rates = Pick<
  RpcLimits,
  'requestsPerSecond' | 'requestBurst' | 'loopbackRequestsPerSecond' | 'loopbackRequestBurst' | 'rateAddressesMax'
>;

/** Creates the buckets of one server, all full; `nowMs` is monotonic. */
export function createRateLimiter(rates: Rates, nowMs: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function bucketOf(key: string, burst: number): Bucket {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    const oldest = buckets.keys().next().value;
    if (buckets.size >= rates.rateAddressesMax && oldest !== undefined) buckets.delete(oldest);
    const bucket = { tokens: burst, atMs: nowMs() };
    buckets.set(key, bucket);
    return bucket;
  }

  return {
    // A connection that has gone has no address any more, whatever the framework's type says.
    take(address = '', items) {
      const isLocal = isLoopback(address);
      const perSecond = isLocal ? rates.loopbackRequestsPerSecond : rates.requestsPerSecond;
      const burst = isLocal ? rates.loopbackRequestBurst : rates.requestBurst;
      const bucket = bucketOf(isLocal ? 'loopback' : networkOf(address), burst);
      const now = nowMs();
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) * perSecond) / 1_000);
      bucket.atMs = now;
      const missing = items - bucket.tokens;
      if (missing > 0) return Math.ceil((missing * 1_000) / perSecond);
      bucket.tokens -= items;
      return 0;
    },
  };
}

/** What a caller is told who asks too often; `retryAfterMs` says when to ask again. */
export function rateLimited(retryAfterMs: number): SynodError {
  const seconds = Math.ceil(retryAfterMs / 1_000);
  return new SynodError(
    'RATE_LIMITED',
    `Too many requests from this address; each item of a batch counts. Ask again in ${seconds} s, and less often.`,
    { facts: { retryAfterMs, hint: 'Wait as long as Retry-After says; subscribe on /ws instead of polling.' } },
  );
}

/** Value of the header Retry-After: whole seconds. */
export function retryAfter(waitMs: number): string {
  return String(Math.ceil(waitMs / 1_000));
}

function isLoopback(address: string): boolean {
  return (
    address === '127.0.0.1' || address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
  );
}

/** One customer of a provider has a /64 of IPv6 addresses. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  return [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0')].slice(0, 4).join(':');
}
