/**
 * `chat-joins.json` in a node's home: which repeated chat requests join which query, over a restart. Owns the file's form; it holds read
 * keys of private queries, and is readable by its owner alone. A damaged one is begun anew: it is worth ten minutes.
 */
import { join } from 'node:path';
import type { JoinStore, RpcLog, StoredJoin } from '@synod/rpc';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

const Joins = z.array(
  z.strictObject({
    key: z.string().max(1_024),
    fingerprint: Hash,
    queryId: Hash,
    validUntil: z.int().min(0),
    readKey: Hash.nullable(),
    expiresAtMs: z.number(),
  }),
);

/** The store of a home. */
export function joinFileOf(home: string, log: RpcLog): JoinStore {
  const file = join(home, 'chat-joins.json');
  return {
    load() {
      try {
        return Joins.parse(readJson(file, 'It is begun anew.') ?? []) as unknown as readonly StoredJoin[];
      } catch (error) {
        log.warn({ file, error }, 'requests that can be joined cannot be read, and are begun anew');
        return [];
      }
    },
    save: (joins) => writeJsonAtomic(file, joins, 'secret'),
  };
}
