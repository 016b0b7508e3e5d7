/** What only the store on disk can meet: other chains, other versions, other processes, damage. */

import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Hash } from '@synod/chain';
import { Level } from 'level';
import { openStore } from '../../src/adapters/level-store.ts';
import { BUCKETS, frameValue, heightKey, textKey, unframeValue } from '../../src/adapters/store-format.ts';
import type { HostInput } from '../../src/host/ports.ts';
import { temporaryDirectory } from './temporary.ts';

const genesisHash = 'ab'.repeat(32) as Hash;
const otherHash = 'cd'.repeat(32) as Hash;
const stateRoot = '00'.repeat(32) as Hash;

function open(directory: string, more: { chainId?: string; genesisHash?: Hash; inputs?: HostInput[] } = {}) {
  const { chainId = 'test', inputs = [] } = more;
  return openStore({
    directory,
    chainId,
    genesisHash: more.genesisHash ?? genesisHash,
    deliver: (input) => inputs.push(input),
  });
}

async function withRaw(
  directory: string,
  change: (database: Level<Uint8Array, Uint8Array>) => Promise<void>,
): Promise<void> {
  const database = new Level<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' });
  await change(database);
  await database.close();
}

test('bucket numbers are distinct bytes', () => {
  const numbers = Object.values(BUCKETS);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.every((number) => number >= 0 && number < 255));
});

test('a directory of another chain or another genesis is refused, and both are named', async (context) => {
  const directory = temporaryDirectory(context);
  await (await open(directory)).close();
  await assert.rejects(open(directory, { chainId: 'other' }), {
    name: 'SynodError',
    code: 'DATA_OF_ANOTHER_CHAIN',
    message: /"test".*"other".*--data-dir.*--reset/s,
  });
  await assert.rejects(open(directory, { genesisHash: otherHash }), { code: 'DATA_OF_ANOTHER_CHAIN' });
  await (await open(directory)).close();
});

test('another format version is refused, and both are named', async (context) => {
  const directory = temporaryDirectory(context);
  await (await open(directory)).close();
  const key = textKey('meta', 'formatVersion');
  await withRaw(directory, (database) => database.put(key, frameValue(key, Buffer.from('99'))));
  await assert.rejects(open(directory), { code: 'DATA_VERSION', message: /format 99.*format 7\b/s });
});

test('a database that is open already is refused', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await open(directory);
  await assert.rejects(open(directory), { name: 'SynodError', code: 'DATA_DIR_IN_USE' });
  await first.close();
  await (await open(directory)).close();
});

test('a flipped bit in a value is found when it is read, and in the state when it is opened', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await open(directory);
  await first.initialise({ entries: [['account/a', Uint8Array.of(1, 2)]], stateRoot });
  first.store.saveState({
    height: 1,
    stateRoot,
    writes: new Map(),
    results: Uint8Array.of(5),
    events: Uint8Array.of(6),
    transactionIds: [],
    queryIds: [],
  });
  await first.close();
  const flip = async (key: Uint8Array): Promise<void> => {
    await withRaw(directory, async (database) => {
      const value = await database.get(key);
      value![value!.length - 1]! ^= 1;
      await database.put(key, value!);
    });
  };
  await flip(heightKey('results', 1));
  const second = await open(directory);
  assert.throws(() => second.store.results(1), { name: 'SynodError', code: 'DATABASE_DAMAGED' });
  await second.close();
  await flip(textKey('state', 'account/a'));
  await assert.rejects(open(directory), { code: 'DATABASE_DAMAGED' });
});

test('a value under another key is not taken for this one', () => {
  const key = heightKey('results', 1);
  const value = frameValue(key, Uint8Array.of(1, 2, 3));
  assert.deepEqual([...unframeValue(key, value)!], [1, 2, 3]);
  assert.equal(unframeValue(heightKey('results', 2), value), null);
  assert.equal(unframeValue(key, value.subarray(0, 3)), null);
});

for (const victim of [/^CURRENT$/, /^MANIFEST-/]) {
  test(`a database whose ${victim.source} is lost or destroyed is damaged, not new`, async (context) => {
    for (const destroy of [(path: string) => rmSync(path), (path: string) => writeFileSync(path, 'x'.repeat(100))]) {
      const directory = temporaryDirectory(context);
      await (await open(directory)).close();
      destroy(join(directory, readdirSync(directory).find((name) => victim.test(name))!));
      await assert.rejects(open(directory), { name: 'SynodError', code: 'DATABASE_DAMAGED', message: /Restore/ });
    }
  });
}

test('a write that fails is delivered as storageFailed, and so is every later one', async (context) => {
  const inputs: HostInput[] = [];
  const opened = await open(temporaryDirectory(context), { inputs });
  await opened.close();
  opened.store.putLocal('a', Uint8Array.of(1));
  opened.store.saveBlock({ height: 1, hash: otherHash, block: Uint8Array.of(1), commit: Uint8Array.of(1) });
  await opened.close();
  const codes = inputs.map((input) => (input.kind === 'storageFailed' ? input.error.code : input.kind));
  assert.deepEqual(codes, ['STORE_WRITE_FAILED', 'STORE_WRITE_FAILED']);
});

test('state, results, indices and applied height are one batch: cut anywhere, the log holds all of it or nothing', async (context) => {
  const source = temporaryDirectory(context);
  const first = await open(source);
  await first.initialise({ entries: [['k', Uint8Array.of(0)]], stateRoot });
  await first.close();
  const second = await open(source);
  const writes = new Map([['k', Uint8Array.of(1)]]);
  second.store.saveState({
    height: 1,
    stateRoot: otherHash,
    writes,
    results: Uint8Array.of(5),
    events: Uint8Array.of(6),
    transactionIds: [genesisHash],
    queryIds: [],
  });
  await second.close();
  const seen = new Set<number>();
  await atEveryCut(context, source, async (directory) => {
    const opened = await open(directory);
    const height = opened.boot!.stateHeight;
    seen.add(height);
    assert.equal(opened.boot!.stateRoot, height === 1 ? otherHash : stateRoot);
    assert.deepEqual([...opened.boot!.entries[0]![1]], [height]);
    assert.equal(opened.store.results(1) !== null, height === 1);
    assert.equal(opened.store.events(1) !== null, height === 1);
    assert.equal(opened.store.transactionHeight(genesisHash), height === 1 ? 1 : null);
    await opened.close();
  });
  assert.deepEqual([...seen].sort(), [0, 1]);
});

/** Copies of the database with its log cut short, from nothing cut to everything. */
async function atEveryCut(
  context: TestContext,
  source: string,
  check: (directory: string) => Promise<void>,
): Promise<void> {
  const files = readdirSync(source).filter((name) => name !== 'LOCK' && !name.startsWith('LOG'));
  const log = files.findLast((name) => name.endsWith('.log'))!;
  const size = statSync(join(source, log)).size;
  for (let cut = 0; cut <= size; cut += Math.max(1, Math.floor(size / 12))) {
    const directory = temporaryDirectory(context);
    for (const name of files) copyFileSync(join(source, name), join(directory, name));
    truncateSync(join(directory, log), size - cut);
    await check(directory);
  }
}

test('a state that is written for the first time is there whole or not at all, and then it can be written again', async (context) => {
  const value = new Uint8Array(300_000).fill(5);
  const entries = Array.from(
    { length: 20 },
    (_, index) => [`account/${String(index).padStart(2, '0')}`, value] as const,
  );
  for (const height of [0, 7]) {
    const source = temporaryDirectory(context);
    const first = await open(source);
    const install = (store: typeof first) =>
      height === 0 ? store.initialise({ entries, stateRoot }) : store.install({ height, entries, stateRoot });
    await install(first);
    await first.close();
    const seen = new Set<boolean>();
    await atEveryCut(context, source, async (directory) => {
      const opened = await open(directory);
      seen.add(opened.boot !== null);
      const { entries: found, stateHeight } = opened.boot ?? (await install(opened));
      assert.deepEqual([found.length, stateHeight], [entries.length, height]);
      await opened.close();
    });
    assert.deepEqual([...seen].sort(), [false, true]);
  }
});

test('what a crash leaves of a database that was being created is no damage', async (context) => {
  const directory = temporaryDirectory(context);
  await (await open(directory)).close();
  const manifest = readdirSync(directory).find((name) => name.startsWith('MANIFEST-'))!;
  for (const left of [[], [manifest], [manifest, '000001.dbtmp'], [manifest, '000003.log']]) {
    const half = temporaryDirectory(context);
    for (const name of ['LOG', 'LOCK', ...left]) writeFileSync(join(half, name), '');
    const opened = await open(half);
    assert.equal(opened.boot, null);
    await opened.close();
  }
});
