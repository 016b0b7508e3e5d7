/**
 * Looking into, compacting and thinning out a store's database. Owns what needs LevelDB itself; what the records must say
 * about each other is database-check.ts, one level up.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBlock, decodeBlockResults, type Height, SynodError, type TimestampMs } from '@synod/chain';
import type { Level } from 'level';
import {
  BUCKETS,
  type Bucket,
  bucketRange,
  decodeHashedBlock,
  hashKey,
  heightKey,
  keyHeight,
  unframeValue,
} from './store-format.ts';

export type BucketStats = {
  readonly bucket: Bucket;
  readonly records: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
};

export type DatabaseStats = { readonly fileBytes: number; readonly buckets: readonly BucketStats[] };

/** What LevelDB itself offers beyond the common interface. */
type Database = Level<Uint8Array, Uint8Array> & { compactRange(start: Uint8Array, end: Uint8Array): Promise<void> };

/** The part of a database that pruning needs. */
export type PrunableDatabase = Pick<Level<Uint8Array, Uint8Array>, 'getSync' | 'batch' | 'keys'>;

const PRUNE_LIMITS = {
  /** Heights removed in one batch. */
  heightsPerBatch: 64,
} as const;

/** Sizes of what a stopped node's store holds. Throws `DATA_DIR_IN_USE` or `DATABASE_DAMAGED`. */
export function databaseStats(directory: string): Promise<DatabaseStats> {
  return withDatabase(directory, async (database) => {
    const buckets: BucketStats[] = [];
    for (const bucket of Object.keys(BUCKETS) as Bucket[]) buckets.push(await bucketStats(database, bucket));
    return { fileBytes: fileBytes(directory), buckets };
  });
}

/**
 * Opens the database of a stopped node and reads its newest block; null where there is none yet. Throws `DATA_DIR_IN_USE` or
 * `DATABASE_DAMAGED`.
 */
export function newestStoredBlock(
  directory: string,
): Promise<{ readonly height: Height; readonly timeMs: TimestampMs } | null> {
  return withDatabase(directory, async (database) => {
    for await (const [key, value] of database.iterator({ ...bucketRange('block'), reverse: true, limit: 1 })) {
      const content = unframeValue(key, value);
      const block = content === null ? null : decodeBlock(decodeHashedBlock(content).block);
      if (!block?.ok) throw openFailed(directory, new Error(`block ${keyHeight(key)} does not decode`));
      return { height: keyHeight(key), timeMs: block.value.header.time };
    }
    return null;
  });
}

/** Rewrites the files without what was deleted or replaced. Gives the sizes before and after. */
export async function compactDatabase(directory: string): Promise<{ beforeBytes: number; afterBytes: number }> {
  const beforeBytes = await withDatabase(directory, async (database) => {
    const before = fileBytes(directory);
    await database.compactRange(Uint8Array.of(0), Uint8Array.of(255));
    return before;
  });
  return { beforeBytes, afterBytes: fileBytes(directory) };
}

/**
 * Deletes blocks, certificates, results, events and their indices below `below`, lowest first, in batches; state is never touched.
 * Settled queries, their receipts and the indices of both go with the results that hold them. Gives the number of heights removed.
 */
export async function pruneDatabase(database: PrunableDatabase, below: Height): Promise<number> {
  let removed = 0;
  for (;;) {
    const heights = await database
      .keys({ ...bucketRange('block'), lt: heightKey('block', below), limit: PRUNE_LIMITS.heightsPerBatch })
      .all();
    if (heights.length === 0) return removed;
    const keys = heights.flatMap((key) => keysOfHeight(database, keyHeight(key)));
    await database.batch(
      keys.map((key) => ({ type: 'del' as const, key })),
      { sync: true },
    );
    removed += heights.length;
  }
}

function keysOfHeight(database: PrunableDatabase, height: Height): Uint8Array[] {
  const key = heightKey('block', height);
  const value = database.getSync(key);
  const content = value === undefined ? null : unframeValue(key, value);
  const keys = [key, heightKey('commit', height), heightKey('results', height), heightKey('events', height)];
  if (content !== null) keys.push(hashKey('heightOfHash', decodeHashedBlock(content).hash));
  return [...keys, ...indexKeys(database, height)];
}

/** What the results of a height are found by: its transactions and the queries that it settled. */
function indexKeys(database: PrunableDatabase, height: Height): Uint8Array[] {
  const key = heightKey('results', height);
  const value = database.getSync(key);
  const content = value === undefined ? null : unframeValue(key, value);
  const results = content === null ? null : decodeBlockResults(content);
  if (!results?.ok) return [];
  return [
    ...results.value.transactions.map(({ id }) => hashKey('transaction', id)),
    ...results.value.receipts.map(({ queryId }) => hashKey('querySettled', queryId)),
  ];
}

async function bucketStats(database: Database, bucket: Bucket): Promise<BucketStats> {
  let records = 0;
  let keyBytes = 0;
  let valueBytes = 0;
  for await (const [key, value] of database.iterator({ ...bucketRange(bucket), fillCache: false })) {
    records += 1;
    keyBytes += key.length;
    valueBytes += value.length;
  }
  return { bucket, records, keyBytes, valueBytes };
}

async function withDatabase<T>(directory: string, act: (database: Database) => Promise<T>): Promise<T> {
  if (!existsSync(join(directory, 'CURRENT'))) {
    throw new SynodError(
      'HOME_INCOMPLETE',
      `${directory} holds no database. Name the home of a node that has run, as --home or --data-dir.`,
      { facts: { directory } },
    );
  }
  const { Level: Opened } = await import('level');
  const database = new Opened<Uint8Array, Uint8Array>(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: false,
  }) as Database;
  try {
    await database.open();
  } catch (error) {
    throw openFailed(directory, error);
  }
  try {
    return await act(database);
  } finally {
    await database.close();
  }
}

function openFailed(directory: string, error: unknown): SynodError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const isInUse = cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
  const facts = { directory };
  return isInUse
    ? new SynodError('DATA_DIR_IN_USE', `A running node has the database in ${directory} open. Stop it first.`, {
        facts,
        cause,
      })
    : new SynodError('DATABASE_DAMAGED', `The database in ${directory} cannot be opened. Restore a backup.`, {
        facts,
        cause,
      });
}

function fileBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
