/** What `synod snapshot` does with a stopped node's home: make, check, and fill an empty one on somebody's word. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { encodeLightBlock, type Genesis, genesisHash, type Hash, sha256 } from '@synod/chain';
import { openStore, writeSnapshot } from '../src/adapters/index.ts';
import { lightBlockAt } from '../src/host/index.ts';
import {
  checkSnapshotFolder,
  createSnapshot,
  describeSnapshots,
  restoreSnapshotFolder,
  snapshotsOf,
} from '../src/snapshot-tools.ts';
import { Lab } from './host/lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-tools-'));
const proven = join(folder, 'proven', '5');
let genesis: Genesis;
let hashes: { readonly own: Hash; readonly above: Hash; readonly root: Hash };

/** A snapshot of height 5 with the block above, as a running node makes it. */
before(async () => {
  const lab = new Lab({ blockIntervalMs: 1_000 });
  const node = lab.nodes[0]!;
  ({ genesis } = lab);
  lab.runUntil(() => node.head.height === 5, 60_000);
  const { state } = node.head;
  lab.runUntil(() => node.head.height === 6, 60_000);
  const light = (height: number) =>
    encodeLightBlock(lightBlockAt({ store: node.store, genesis, state: node.head.state }, height)!);
  const [own, above] = [node.store.block(5)!, node.store.block(6)!];
  const anchor = { proof: light(6), lightBlock: light(5), block: own.block, results: node.store.results(5)! };
  await writeSnapshot(join(folder, 'proven'), { chainId: genesis.chainId, height: 5, state, anchor });
  hashes = { own: own.hash, above: above.hash, root: state.root };
});

after(() => rmSync(folder, { recursive: true, force: true }));

const nobody = { checkpoint: null, stateRoot: null };

test('a snapshot with the block above is proven, and only a word from elsewhere makes it restorable', async () => {
  const checked = await checkSnapshotFolder({ folder: proven, genesis });
  assert.deepEqual([checked.height, checked.isProven, checked.blockHash], [5, true, hashes.own]);
  const restore = (home: string, trust: Parameters<typeof restoreSnapshotFolder>[0]['trust']) =>
    restoreSnapshotFolder({ folder: proven, home: join(folder, home), genesis, trust });
  await assert.rejects(restore('a', nobody), { code: 'SNAPSHOT_UNTRUSTED' });
  await assert.rejects(restore('a', { ...nobody, checkpoint: { height: 5, hash: hashes.above } }), {
    code: 'SNAPSHOT_UNTRUSTED',
  });
  await assert.rejects(restore('a', { ...nobody, stateRoot: hashes.own }), { code: 'SNAPSHOT_UNTRUSTED' });
  await restore('a', { ...nobody, checkpoint: { height: 5, hash: hashes.own } });
  await restore('b', { ...nobody, checkpoint: { height: 6, hash: hashes.above } });
  await restore('c', { ...nobody, stateRoot: hashes.root });
  await assert.rejects(restore('a', { ...nobody, stateRoot: hashes.root }), { code: 'STORE_NOT_EMPTY' });
  const opened = await openStore({
    directory: join(folder, 'a', 'chain'),
    chainId: genesis.chainId,
    genesisHash: genesisHash(genesis),
    deliver: () => undefined,
  });
  assert.deepEqual([opened.boot?.stateHeight, opened.boot?.stateRoot], [5, hashes.root]);
  assert.equal(opened.store.block(5)?.hash, hashes.own);
  assert.ok(opened.store.results(5) !== null);
  await opened.close();
});

test('one made of a stopped node has no block above: the state root alone vouches for it', async () => {
  const home = join(folder, 'c');
  const made = await createSnapshot({ home, genesis, folder: snapshotsOf(home) });
  assert.deepEqual([made.height, made.stateRoot], [5, hashes.root]);
  const [listed] = describeSnapshots(snapshotsOf(home));
  assert.deepEqual([listed?.height, listed?.records], [5, made.leaves]);
  const source = { folder: made.folder, genesis };
  assert.equal((await checkSnapshotFolder(source)).isProven, false);
  const byBlock = { ...nobody, checkpoint: { height: 5, hash: hashes.own } };
  await assert.rejects(restoreSnapshotFolder({ ...source, home: join(folder, 'd'), trust: byBlock }), {
    code: 'SNAPSHOT_UNTRUSTED',
  });
  await restoreSnapshotFolder({ ...source, home: join(folder, 'd'), trust: { ...nobody, stateRoot: hashes.root } });
});

test('a forger who also fixes the checksum of a file is found out by the roots and certificates', async () => {
  for (const name of readdirSync(proven)) {
    const path = join(proven, name);
    const good = readFileSync(path);
    const content = Uint8Array.from(good.subarray(32));
    content[content.length - 1]! ^= 1;
    writeFileSync(path, Buffer.concat([sha256(content), content]));
    await assert.rejects(checkSnapshotFolder({ folder: proven, genesis }), { code: 'SNAPSHOT_DAMAGED' }, name);
    writeFileSync(path, good);
  }
  await checkSnapshotFolder({ folder: proven, genesis });
});

test('a snapshot of another chain is refused', async () => {
  const other = { ...genesis, chainId: 'other' };
  await assert.rejects(checkSnapshotFolder({ folder: proven, genesis: other }), { code: 'DATA_OF_ANOTHER_CHAIN' });
});
