/**
 * Requests that are one question asked again join its query instead of opening a second (spec: openai §6): the same `Idempotency-Key`, or
 * a stock client's own retry. Owns a bounded table with who follows what; it is on disk before a query is out, where a store is given.
 */
import { createHash } from 'node:crypto';
import { type Hash, type Height, SynodError } from '@synod/chain';
import type { OpenedQuery } from '../node-api.ts';

/** An entry as it outlives the process. */
export type StoredJoin = {
  readonly key: string;
  readonly fingerprint: string;
  readonly queryId: Hash;
  readonly validUntil: Height;
  readonly readKey: Hash | null;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
};

/** Where joins are kept over a restart; `save` returns when they are on disk. */
export type JoinStore = { load(): readonly StoredJoin[]; save(joins: readonly StoredJoin[]): void };

export type Asked = {
  /** Tells payers apart: nobody joins another's query. */
  readonly payer: string;
  readonly idempotencyKey: string | undefined;
  /** How often the client has repeated this request by itself: 0 for the first time. */
  readonly retries: number;
  readonly request: object;
};

export type Joined = {
  readonly opened: OpenedQuery;
  /** The query was there already. */
  readonly isJoined: boolean;
  /** To be called once, when the answer is sent or its reader gone. True: nobody reads it any more, and nobody said that they would come back. */
  leave(): boolean;
  /** True while nobody reads it. */
  isAlone(): boolean;
};

export type Joins = {
  /** The query of a request that was asked before, else what `open` opens. `open` calls its argument before the query is out. */
  enter(asked: Asked, open: (onSigned: (opened: OpenedQuery) => void) => Promise<OpenedQuery>): Promise<Joined>;
};

type Entry = {
  readonly key: string;
  readonly fingerprint: string;
  readonly isExplicit: boolean;
  /** A retry opened it, and the try before has not come (yet). */
  isFirstTryMissing: boolean;
  opened: Promise<OpenedQuery>;
  signed: OpenedQuery | null;
  readers: number;
  expiresAtMs: number;
};

export type JoinOptions = {
  readonly keysMax: number;
  /** How long an `Idempotency-Key` is remembered. */
  readonly keyMs: number;
  /** How long after its last reader left a query may be joined by a client's own retry. */
  readonly retryMs: number;
  /** Wall clock: what is on disk is read by another process. */
  readonly nowMs: () => number;
  /** Whether it is certain that a query never was opened, so that its request may be asked again. */
  readonly neverWas: (query: OpenedQuery) => boolean;
  readonly store: JoinStore | null;
};

/** Creates a table, with what the store has. */
export function createJoins(options: JoinOptions): Joins {
  const { keysMax, keyMs, retryMs, nowMs, neverWas, store } = options;
  const entries = new Set<Entry>((store?.load() ?? []).map(restored));

  /** Forgets what is over, then the oldest that nobody reads. */
  function tidy(): void {
    for (const entry of entries) {
      if (entry.readers > 0) continue;
      if (entry.expiresAtMs <= nowMs() || (entry.signed !== null && neverWas(entry.signed))) entries.delete(entry);
    }
    for (const entry of entries) {
      if (entries.size <= keysMax) return;
      if (entry.readers === 0) entries.delete(entry);
    }
  }

  function found(asked: Asked, key: string, fingerprint: string): Entry | undefined {
    tidy();
    const known = [...entries].filter((entry) => entry.key === key);
    if (asked.idempotencyKey === undefined) {
      // Networks reorder: a first try may come after the retry that opened its query.
      if (asked.retries === 0) return known.find(({ isFirstTryMissing }) => isFirstTryMissing);
      // The one whose reader was lost is likelier to be this client's.
      return known.findLast(({ readers }) => readers === 0) ?? known.at(-1);
    }
    const [entry] = known;
    if (entry === undefined || entry.fingerprint === fingerprint) return entry;
    throw new SynodError(
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key belongs to another request. Use a new key for a new question.',
      { facts: { param: 'Idempotency-Key' } },
    );
  }

  function save(): void {
    store?.save([...entries].flatMap(stored));
  }

  function joinedTo(entry: Entry, opened: OpenedQuery, isJoined: boolean): Joined {
    return {
      opened,
      isJoined,
      isAlone: () => entry.readers === 0,
      leave() {
        entry.readers--;
        if (!entry.isExplicit) entry.expiresAtMs = nowMs() + retryMs;
        return entry.readers === 0 && !entry.isExplicit;
      },
    };
  }

  return {
    async enter(asked, open) {
      const fingerprint = fingerprintOf(asked.request);
      const isExplicit = asked.idempotencyKey !== undefined;
      const key = isExplicit
        ? `key ${asked.payer} ${sha256(asked.idempotencyKey)}`
        : `retry ${asked.payer} ${fingerprint}`;
      const known = found(asked, key, fingerprint);
      if (known !== undefined) {
        known.readers++;
        if (asked.retries === 0) known.isFirstTryMissing = false;
        try {
          return joinedTo(known, await known.opened, true);
        } catch (error) {
          known.readers--;
          throw error;
        }
      }
      const lifeMs = isExplicit ? keyMs : retryMs;
      const entry: Entry = {
        key,
        fingerprint,
        isExplicit,
        isFirstTryMissing: !isExplicit && asked.retries > 0,
        opened: Promise.reject(new Error('not opened yet')),
        signed: null,
        readers: 1,
        expiresAtMs: nowMs() + lifeMs,
      };
      entry.opened.catch(() => undefined);
      entries.add(entry);
      entry.opened = open((signed) => {
        entry.signed = signed;
        save();
      });
      tidy();
      try {
        return joinedTo(entry, await entry.opened, false);
      } catch (error) {
        entries.delete(entry);
        if (entry.signed !== null) save();
        throw error;
      }
    },
  };
}

function restored({ queryId, validUntil, readKey, ...entry }: StoredJoin): Entry {
  const signed = { queryId, validUntil, readKey };
  return {
    ...entry,
    isExplicit: entry.key.startsWith('key '),
    isFirstTryMissing: false,
    opened: Promise.resolve(signed),
    signed,
    readers: 0,
  };
}

function stored({ key, fingerprint, signed, expiresAtMs }: Entry): StoredJoin[] {
  if (signed === null) return [];
  const { queryId, validUntil, readKey } = signed;
  return [{ key, fingerprint, queryId, validUntil, readKey, expiresAtMs }];
}

function fingerprintOf(request: object): string {
  return sha256(JSON.stringify(request, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
