/**
 * Looking into, compacting and thinning out a store's database. Owns what needs LevelDB itself; what the records must say
 * about each other is database-check.ts, one level up.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBlock, decodeBlockResults, type Height, SynodError, type TimestampMs } from '@synod/chain';
import type { Level } from 'level';
import { holdsData } from './level-database.ts';
import { damaged, databaseFailed } from './store-errors.ts';
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

/** Sizes of what a stopped node's store holds, every value read and checked. Throws `DATA_DIR_IN_USE`, `STORE_WRITE_FAILED` or `DATABASE_DAMAGED`. */
export function databaseStats(directory: string): Promise<DatabaseStats> {
  return withDatabase(directory, async (database) => {
    const buckets: BucketStats[] = [];
    for (const bucket of Object.keys(BUCKETS) as Bucket[]) buckets.push(await bucketStats(database, directory, bucket));
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
      if (!block?.ok) throw damaged(directory, `block ${keyHeight(key)} does not decode`);
      return { height: keyHeight(key), timeMs: block.value.header.time };
    }
    return null;
  });
}

/**
 * Rewrites the files without what was deleted or replaced. Gives the sizes before and after. Everything is read before, so that
 * damage is told and not copied; throws as {@link databaseStats}.
 */
export async function compactDatabase(directory: string): Promise<{ beforeBytes: number; afterBytes: number }> {
  await databaseStats(directory);
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

async function bucketStats(database: Database, directory: string, bucket: Bucket): Promise<BucketStats> {
  let records = 0;
  let keyBytes = 0;
  let valueBytes = 0;
  let before: Height | null = null;
  for await (const [key, value] of database.iterator({ ...bucketRange(bucket), fillCache: false })) {
    if (unframeValue(key, value) === null) throw damaged(directory, `a value in ${bucket} is not what was written`);
    if (bucket === 'block') before = nextHeight(directory, before, keyHeight(key));
    records += 1;
    keyBytes += key.length;
    valueBytes += value.length;
  }
  return { bucket, records, keyBytes, valueBytes };
}

/** LevelDB leaves out what it cannot read of its log, and says nothing: blocks have no gaps. */
function nextHeight(directory: string, before: Height | null, height: Height): Height {
  if (before !== null && height !== before + 1) throw damaged(directory, `block ${before + 1} is missing`);
  return height;
}

async function withDatabase<T>(directory: string, act: (database: Database) => Promise<T>): Promise<T> {
  if (!existsSync(join(directory, 'CURRENT'))) {
    if (holdsData(directory)) throw damaged(directory, 'its file CURRENT is missing');
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
    return await act(database);
  } catch (error) {
    throw error instanceof SynodError ? error : databaseFailed(directory, error);
  } finally {
    await database.close();
  }
}

function fileBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
