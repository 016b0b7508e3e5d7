/**
 * `Idempotency-Key`: the same key and request within ten minutes join one query instead of opening a second (spec: rpc §6.3).
 * Owns a bounded, least-recently-used table in memory; it does not outlive the server.
 */
import { createHash } from 'node:crypto';
import { SynodError } from '@synod/chain';
import type { OpenedQuery } from '../node-api.ts';

type Entry = { readonly fingerprint: string; readonly opened: Promise<OpenedQuery>; readonly expiresAtMs: number };

export type IdempotencyTable = {
  /** Returns the query of the key, opening it with `open` when the key is new. A failed opening frees the key. */
  joinOrOpen(key: string | undefined, request: object, open: () => Promise<OpenedQuery>): Promise<OpenedQuery>;
};

/** Creates a table. `nowMs` is a monotonic clock. */
export function createIdempotencyTable(options: {
  readonly keysMax: number;
  readonly keyMs: number;
  readonly nowMs: () => number;
}): IdempotencyTable {
  const entries = new Map<string, Entry>();

  function live(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    entries.delete(key);
    if (entry.expiresAtMs <= options.nowMs()) return undefined;
    entries.set(key, entry);
    return entry;
  }

  return {
    joinOrOpen(key, request, open) {
      if (key === undefined) return open();
      const fingerprint = fingerprintOf(request);
      const known = live(key);
      if (known !== undefined) {
        if (known.fingerprint === fingerprint) return known.opened;
        throw new SynodError(
          'IDEMPOTENCY_KEY_REUSED',
          'This Idempotency-Key belongs to another request. Use a new key for a new question.',
        );
      }
      const opened = open();
      const entry: Entry = { fingerprint, opened, expiresAtMs: options.nowMs() + options.keyMs };
      entries.set(key, entry);
      const oldest = entries.keys().next().value;
      if (entries.size > options.keysMax && oldest !== undefined) entries.delete(oldest);
      // Whoever awaits it reports the failure; here it only frees the key.
      opened.catch(() => entries.get(key) === entry && entries.delete(key));
      return opened;
    },
  };
}

function fingerprintOf(request: object): string {
  const text = JSON.stringify(request, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return createHash('sha256').update(text).digest('hex');
}
