/** Snapshots on disk: whole or not there, damage is noticed, a cut-short installation leaves an empty store (spec: snapshot §5, §7). */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type LightBlock, StateTree, ZERO_HASH } from '@synod/chain';
import { systemFiles } from '../../src/adapters/durable-files.ts';
import {
  listSnapshots,
  openRestoreFiles,
  openStore,
  readSnapshotState,
  removeUnfinished,
  SnapshotFolder,
  SnapshotKeeper,
  writeSnapshot,
} from '../../src/adapters/index.ts';
import { lightBlockAt } from '../../src/host/index.ts';
import { Lab } from '../host/lab.ts';
import { temporaryDirectory } from './temporary.ts';

const value = new Uint8Array(50_000).fill(7);
const state = StateTree.fromEntries(Array.from({ length: 60 }, (_, i) => ({ key: `large/${i}`, value })));
const anchor = {
  proof: Uint8Array.of(1),
  lightBlock: Uint8Array.of(2),
  block: Uint8Array.of(3),
  results: Uint8Array.of(4),
};
const facts = { chainId: 'test', height: 40, state, anchor };

async function made(context: TestContext): Promise<string> {
  const folder = temporaryDirectory(context);
  await writeSnapshot(folder, facts);
  return folder;
}

test('what was written is read back, several chunks of at most a megabyte', async (context) => {
  const folder = await made(context);
  const snapshot = new SnapshotFolder(join(folder, '40'));
  assert.ok(snapshot.manifest.chunks.length >= 4);
  assert.equal((await readSnapshotState(snapshot)).root, state.root);
  assert.deepEqual({ ...snapshot.anchor() }, anchor);
  assert.deepEqual(listSnapshots(folder), [40]);
});

test('a making that is cut short leaves nothing that could be used, and the next opening removes it', async (context) => {
  const folder = temporaryDirectory(context);
  let chunks = 0;
  const making = writeSnapshot(folder, facts, { isWanted: () => chunks++ < 2 });
  await assert.rejects(making, { code: 'SNAPSHOT_STOPPED' });
  assert.deepEqual(listSnapshots(folder), []);
  assert.equal(readdirSync(folder).length, 1);
  removeUnfinished(folder);
  assert.deepEqual(readdirSync(folder), []);
});

test('a torn, a flipped and a missing file are each noticed', async (context) => {
  const folder = join(await made(context), '40');
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const good = readFileSync(path);
    const read = async () => {
      const snapshot = new SnapshotFolder(folder);
      snapshot.anchor();
      await readSnapshotState(snapshot);
    };
    truncateSync(path, good.length - 1);
    await assert.rejects(read, { code: 'SNAPSHOT_DAMAGED' }, `${name} torn`);
    truncateSync(path, 0);
    await assert.rejects(read, { code: 'SNAPSHOT_DAMAGED' }, `${name} empty`);
    const flipped = Buffer.from(good);
    flipped[good.length >> 1]! ^= 1;
    writeFileSync(path, flipped);
    await assert.rejects(read, { code: 'SNAPSHOT_DAMAGED' }, `${name} flipped`);
    writeFileSync(path, good);
    await read();
  }
});

test('an installation cut short leaves an empty store, and the next one is not mixed with it', async (context) => {
  const directory = join(temporaryDirectory(context), 'chain');
  const identity = { directory, chainId: 'test', genesisHash: ZERO_HASH, deliver: () => undefined };
  const entries = [...state.entries()].map(({ key, value: bytes }) => [key, bytes] as const);
  const store = await openStore(identity);
  const cut = function* () {
    yield* entries.slice(0, 55);
    throw new Error('power loss');
  };
  await assert.rejects(store.install({ height: 40, stateRoot: state.root, entries: cut() }), {
    code: 'STORE_WRITE_FAILED',
  });
  await store.close();
  const again = await openStore(identity);
  assert.equal(again.boot, null, 'no height, no state');
  const other = entries.slice(50);
  const root = StateTree.fromEntries(other.map(([key, bytes]) => ({ key, value: bytes }))).root;
  await again.install({ height: 41, stateRoot: root, entries: other });
  await again.close();
  const last = await openStore(identity);
  assert.equal(last.boot?.stateHeight, 41);
  assert.deepEqual(
    last.boot?.entries.map(([key]) => key),
    other.map(([key]) => key).toSorted(),
  );
  await last.close();
});

test('a restoration keeps what it has fetched, and a damaged chunk is as if it were not there', async (context) => {
  const folder = join(temporaryDirectory(context), 'restore');
  const files = openRestoreFiles(folder, () => assert.fail('nothing fails'));
  assert.deepEqual([files.begun(), files.chunks(), files.chunk(0)], [null, 0, null]);
  files.begin({ manifest: Uint8Array.of(9), ...anchor });
  files.save(0, Uint8Array.of(1, 2, 3));
  files.save(4, Uint8Array.of(5));
  await files.settled();
  const again = openRestoreFiles(folder, () => undefined);
  assert.deepEqual({ ...again.begun() }, { manifest: Uint8Array.of(9), ...anchor });
  assert.equal(again.chunks(), 2);
  assert.deepEqual([...again.chunk(0)!], [1, 2, 3]);
  truncateSync(join(folder, 'chunk-00004'), 20);
  assert.equal(again.chunk(4), null);
  writeFileSync(join(folder, 'block'), 'torn');
  assert.equal(again.begun(), null);
});

test('the keeper makes one at every interval, keeps two, drops a damaged one, and removes the unfinished', async (context) => {
  const folder = join(temporaryDirectory(context), 'snapshots');
  mkdirSync(join(folder, '.making-3'), { recursive: true });
  const lab = new Lab({ blockIntervalMs: 1_000 });
  const node = lab.nodes[0]!;
  const told: string[] = [];
  const log = {
    info: (_: object, message: string) => void told.push(message),
    warn: (_: object, message: string) => void told.push(message),
  };
  const light = (height: number): LightBlock | null =>
    lightBlockAt({ store: node.store, genesis: lab.genesis, state: node.head.state }, height);
  const keeper = new SnapshotKeeper({
    folder,
    chainId: 'lab',
    interval: 3,
    store: node.store,
    lightBlockAt: light,
    log,
  });
  assert.equal(existsSync(join(folder, '.making-3')), false);
  for (let height = 1; height <= 10; height++) {
    lab.runUntil(() => node.head.height >= height, 60_000);
    keeper.onHead(node.head, { isBehind: false });
    while (height % 3 === 1 && height > 3 && keeper.heights().at(-1) !== height - 1) await nextTurn();
  }
  assert.deepEqual(keeper.heights(), [6, 9]);
  assert.deepEqual(told, ['snapshot made', 'snapshot made', 'snapshot made']);
  assert.equal(keeper.snapshot(3), null);
  assert.ok(keeper.snapshot(9) !== null && keeper.chunk(9, 0) !== null);
  // Whoever asks for what a snapshot does not have must not have it taken for damaged.
  for (const index of [1, 99_999, 2 ** 40]) assert.equal(keeper.chunk(9, index), null);
  assert.deepEqual(keeper.heights(), [6, 9]);
  const chunk = join(folder, '6', 'chunk-00000');
  truncateSync(chunk, readFileSync(chunk).length - 1);
  assert.equal(keeper.chunk(6, 0), null);
  assert.deepEqual(keeper.heights(), [9]);
  assert.equal(told.at(-1), 'a damaged snapshot was dropped');
  // On a disk that takes nothing more it is not served either, and the node goes on.
  const renameSync = () => {
    throw new Error('EROFS');
  };
  const files = { ...systemFiles, renameSync };
  const stuck = new SnapshotKeeper({
    ...{ folder, chainId: 'lab', interval: null, store: node.store, lightBlockAt: light, log, files },
  });
  const last = join(folder, '9', 'chunk-00000');
  truncateSync(last, readFileSync(last).length - 1);
  assert.deepEqual([stuck.chunk(9, 0), stuck.heights()], [null, []]);
  assert.equal(told.at(-1), 'a snapshot could not be removed');
  await keeper.stop();
});
