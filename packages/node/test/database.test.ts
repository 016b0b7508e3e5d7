/** What `synod db` does to a stopped node's database: sizes, compaction, the full check, and thinning out. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  addressOf,
  DEFAULT_WINDOWS,
  encodeBlockResults,
  type Genesis,
  genesisHash,
  type Hash,
  PLAIN_TERMS,
  publicKeyOf,
  type Receipt,
  ZERO_HASH,
} from '@synod/chain';
import { Level } from 'level';
import { compactDatabase, databaseStats, openStore, pruneDatabase } from '../src/adapters/index.ts';
import { databaseFailed } from '../src/adapters/store-errors.ts';
import { frameValue, heightKey } from '../src/adapters/store-format.ts';
import { checkDatabase } from '../src/database-check.ts';
import { encodeEvents, type StateChange } from '../src/host/index.ts';
import { Lab } from './host/lab.ts';

const home = mkdtempSync(join(tmpdir(), 'synod-db-'));
const directory = join(home, 'chain');
const heights = 20;
let genesis: Genesis;
let marks = 0;

/** A chain that four hosts decided, written to disk as a node would have. */
before(async () => {
  const lab = new Lab();
  ({ genesis } = lab);
  const changes = new Map<number, StateChange>();
  const { store } = lab.nodes[0]!;
  const saveState = store.saveState;
  store.saveState = (change) => {
    changes.set(change.height, change);
    saveState(change);
  };
  const entries = [...lab.nodes[0]!.head.state.entries()].map(({ key, value }) => [key, value] as const);
  const stateRoot = lab.nodes[0]!.head.state.root;
  lab.runUntil(() => lab.nodes[0]!.head.height >= heights, 60_000);
  const opened = await openStore({
    directory,
    chainId: genesis.chainId,
    genesisHash: genesisHash(genesis),
    deliver: () => undefined,
  });
  await opened.initialise({ entries, stateRoot });
  for (let height = 1; height <= heights; height++) {
    opened.store.saveBlock(store.block(height)!);
    opened.store.saveState(changes.get(height)!);
  }
  await opened.close();
});

after(() => rmSync(home, { recursive: true, force: true }));

async function withDatabase<T>(act: (database: Level<Uint8Array, Uint8Array>) => Promise<T>): Promise<T> {
  const database = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' });
  await database.open();
  try {
    return await act(database);
  } finally {
    await database.close();
  }
}

test('stats count every bucket, and compaction loses nothing', async () => {
  const before = await databaseStats(directory);
  const records = (name: string) => before.buckets.find(({ bucket }) => bucket === name)?.records;
  assert.deepEqual([records('block'), records('commit'), records('results')], [heights, heights, heights]);
  assert.ok(before.fileBytes > 0);
  await compactDatabase(directory);
  assert.deepEqual((await databaseStats(directory)).buckets, before.buckets);
});

test('a good database passes: every block is executed again', async () => {
  const checked = await checkDatabase({ home, genesis });
  assert.deepEqual([checked.from, checked.to, checked.depth], [1, heights, 'replay']);
});

test('a record that was changed with its checksum is found, and named', async () => {
  for (const [bucket, expected] of [
    ['block', /Block 7 .*does not decode|Block 7 .*not the block|Block 7 .*certificate/],
    ['commit', /Block 7 .*does not decode|Block 7 .*certificate/],
    ['results', /Block 7 .*results are not/],
  ] as const) {
    const key = heightKey(bucket, 7);
    const kept = await withDatabase(async (database) => {
      const value = Uint8Array.from(database.getSync(key)!);
      const content = value.slice(4);
      content[content.length - 1]! ^= 1;
      await database.put(key, frameValue(key, content));
      return value;
    });
    await assert.rejects(checkDatabase({ home, genesis }), expected);
    await withDatabase((database) => database.put(key, kept));
  }
  await checkDatabase({ home, genesis });
});

test('stats and compaction read everything: a changed value and a missing block are told, not counted and not copied', async () => {
  for (const [damage, expected] of [
    [frameValue(Uint8Array.of(1), Uint8Array.of(2)), /a value in block is not what was written/],
    [null, /block 7 is missing/],
  ] as const) {
    const key = heightKey('block', 7);
    const kept = await withDatabase(async (database) => {
      const value = Uint8Array.from(database.getSync(key)!);
      await (damage === null ? database.del(key) : database.put(key, damage));
      return value;
    });
    for (const act of [databaseStats, compactDatabase])
      await assert.rejects(act(directory), { code: 'DATABASE_DAMAGED', message: expected });
    await withDatabase((database) => database.put(key, kept));
  }
  await compactDatabase(directory);
});

test('a database that lacks a file is damaged, and none at all is none', async () => {
  for (const lost of [/^CURRENT$/, /^MANIFEST/]) {
    const [name] = readdirSync(directory).filter((each) => lost.test(each)) as [string];
    const kept = readFileSync(join(directory, name));
    rmSync(join(directory, name));
    for (const act of [databaseStats, compactDatabase]) {
      const message = new RegExp(`is damaged: .*${name}[\\s\\S]*sync again`);
      await assert.rejects(act(directory), { code: 'DATABASE_DAMAGED', message });
    }
    writeFileSync(join(directory, name), kept);
  }
  await databaseStats(directory);
  const nowhere = join(home, 'nowhere');
  await assert.rejects(databaseStats(nowhere), { code: 'HOME_INCOMPLETE', message: /holds no database/ });
});

test('a full disk is no damage: nobody is told to delete a database for it', () => {
  const failed = (why: string) => databaseFailed(directory, new Error('open failed', { cause: new Error(why) }));
  const full = failed('IO error: /data/chain/MANIFEST-000007: No space left on device');
  assert.deepEqual([full.code, /delete/.test(full.message)], ['STORE_WRITE_FAILED', false]);
  assert.match(full.message, /No space left on device.*Free disk space/s);
  for (const why of ['IO error: /data/LOCK: Permission denied', 'IO error: x: Read-only file system'])
    assert.equal(failed(why).code, 'STORE_WRITE_FAILED');
  assert.equal(failed('Corruption: bad entry in block').code, 'DATABASE_DAMAGED');
});

test('a running store forgets old blocks in the order of its writes, and says which is the oldest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-prune-'));
  const options = { directory: join(folder, 'chain'), chainId: 'c', genesisHash: genesisHash(genesis) };
  const opened = await openStore({ ...options, deliver: () => undefined });
  for (let height = 1; height <= 9; height++) {
    const hash = height.toString(16).padStart(64, '0') as Hash;
    opened.store.saveBlock({ height, hash, block: Uint8Array.of(height), commit: Uint8Array.of(height) });
  }
  await settle(opened.store);
  opened.prune?.(6);
  await settle(opened.store);
  assert.deepEqual([opened.store.oldestHeight(), opened.store.latestHeight()], [6, 9]);
  assert.equal(opened.store.block(5), null);
  assert.equal(opened.store.heightOfHash('5'.padStart(64, '0') as Hash), null);
  assert.equal(opened.store.block(6)?.height, 6);
  await opened.close();
  rmSync(folder, { recursive: true, force: true });

  /** A note asked for now is written after everything before it. */
  async function settle(store: typeof opened.store): Promise<void> {
    store.putLocal('mark', Uint8Array.of(++marks));
    while (store.getLocal('mark')?.[0] !== marks) await new Promise((resume) => setImmediate(resume));
  }
});

function receiptOf(queryId: Hash, settledAt: number): Receipt {
  const nothing = {
    groups: [],
    respondents: [],
    scores: [],
    scorers: [],
    misrevealed: [],
    checks: [],
    scorersPaid: [],
    earlier: [],
  };
  const terms = { ...PLAIN_TERMS, ...DEFAULT_WINDOWS, prompt: 'p', domain: 'general', respondents: 1, maxFee: 1n };
  const requester = addressOf(publicKeyOf(new Uint8Array(32).fill(1)));
  return {
    queryId,
    settledAt,
    outcome: 'noAnswer',
    requester,
    domain: 'general',
    contract: { ...terms, coordinator: requester, threshold: 0, basePart: 0 },
    openedAt: 1,
    selection: { seed: ZERO_HASH, candidates: [] },
    loadFactor: 1_000_000,
    cancelledAt: null,
    best: null,
    ...nothing,
    coordinatorPaid: 0n,
    cost: 0n,
    refund: 1n,
  };
}

test('a pruned block takes its transactions and settled queries out of the indices', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-prune-'));
  const options = { directory: join(folder, 'chain'), chainId: 'c', genesisHash: genesisHash(genesis) };
  const opened = await openStore({ ...options, deliver: () => undefined });
  const idOf = (kind: string, height: number) => `${kind}${height}`.padStart(64, '0') as Hash;
  for (let height = 1; height <= 4; height++) {
    const [transaction, query] = [idOf('a', height), idOf('b', height)];
    const block = { height, hash: idOf('c', height), block: Uint8Array.of(1), commit: Uint8Array.of(1) };
    opened.store.saveBlock(block);
    const results = encodeBlockResults({
      height,
      transactions: [{ id: transaction, code: 'OK', fee: 1n }],
      receipts: [receiptOf(query, height)],
    });
    const events = encodeEvents([]);
    const change = { height, stateRoot: idOf('d', height), writes: new Map(), results, events };
    opened.store.saveState({ ...change, transactionIds: [transaction], queryIds: [query] });
  }
  await opened.close();
  const again = await openStore({ ...options, deliver: () => undefined });
  assert.equal(again.store.transactionHeight(idOf('a', 2)), 2);
  again.prune?.(3);
  await again.close();
  const last = await openStore({ ...options, deliver: () => undefined });
  const found = [1, 2, 3, 4].map((height) => last.store.transactionHeight(idOf('a', height)));
  assert.deepEqual(found, [null, null, 3, 4]);
  const settled = [1, 2, 3, 4].map((height) => last.store.querySettledHeight(idOf('b', height)));
  assert.deepEqual(settled, [null, null, 3, 4]);
  assert.deepEqual([last.store.results(2), last.store.heightOfHash(idOf('c', 2))], [null, null]);
  assert.deepEqual([last.store.events(2), last.store.events(3)?.length], [null, '[]'.length]);
  assert.equal(last.store.heightOfHash(idOf('c', 3)), 3);
  await last.close();
  rmSync(folder, { recursive: true, force: true });
});

test('pruning removes what is below a height and its index, and the rest still checks', async () => {
  const removed = await withDatabase((database) => pruneDatabase(database, 12));
  assert.equal(removed, 11);
  const { buckets } = await databaseStats(directory);
  const records = (name: string) => buckets.find(({ bucket }) => bucket === name)?.records;
  const left = heights - 11;
  assert.deepEqual(
    [records('block'), records('commit'), records('results'), records('heightOfHash')],
    [left, left, left, left],
  );
  const checked = await checkDatabase({ home, genesis });
  assert.deepEqual([checked.from, checked.to, checked.depth], [12, heights, 'links']);
});
