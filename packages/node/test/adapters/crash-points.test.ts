/**
 * A crash before every operation of every durable writer, and everything a power loss may leave then: opening again passes and
 * loses nothing that was promised (consensus §1.7–§1.9, snapshot §5, §7).
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, type Hash, publicKeyOf, StateTree } from '@synod/chain';
import type { FileOperations } from '../../src/adapters/durable-files.ts';
import {
  listSnapshots,
  openRestoreFiles,
  openWal,
  readSnapshotState,
  removeRestoreFiles,
  removeSnapshot,
  removeUnfinished,
  SnapshotFolder,
  writeSnapshot,
} from '../../src/adapters/index.ts';
import { openConsensusSigner } from '../../src/adapters/signer-file.ts';
import { atEveryCrash, CrashDisk } from './crash-disk.ts';
import { temporaryDirectory } from './temporary.ts';

/** A folder that is empty at each call; all of them are removed with the test's. */
function folders(context: TestContext): () => string {
  const parent = temporaryDirectory(context);
  let count = 0;
  return () => {
    const folder = join(parent, String(count++));
    mkdirSync(folder);
    return folder;
  };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('the log: what was synced is there, and what is there was appended, in order', async (context) => {
  const heights = [['one', 'two', 'three'], ['four'], ['five', 'six']];
  type Synced = { readonly height: number; readonly records: number };
  const done = await atEveryCrash<Synced>({
    prepare: folders(context),
    act: (directory, files, promise) => {
      const { wal, close } = openWal({ directory, files });
      for (const [height, records] of heights.entries()) {
        for (const [index, record] of records.entries()) {
          wal.append(Buffer.from(record));
          if (index === 1) continue;
          wal.sync();
          promise({ height, records: index + 1 });
        }
        if (height === heights.length - 1) break;
        wal.truncate();
        promise({ height: height + 1, records: 0 });
      }
      close();
    },
    check: (directory, promised, files) => {
      const { height, records: synced } = promised.at(-1) ?? { height: 0, records: 0 };
      const opened = openWal({ directory, files });
      assert.notEqual(opened.damage?.kind, 'damagedMiddle');
      const found = opened.records.map(text);
      const isThis = found.length >= synced && isPrefix(found, heights[height]!);
      // A truncation that was begun may have passed; nothing was appended behind it.
      assert.ok(isThis || (found.length === 0 && height + 1 < heights.length), `${found} at height ${height}`);
      if (synced > 0 && synced < heights[height]!.length) assert.ok(isThis);
      opened.wal.append(Buffer.from('after'));
      opened.close();
      const again = openWal({ directory, files });
      assert.deepEqual([again.records.map(text), again.damage], [[...found, 'after'], null]);
      again.close();
    },
  });
  assert.ok(done.points >= 20 && done.outcomes >= 100, JSON.stringify(done));
});

test('the log: a torn end is cut at any crash in between without touching what lies before', async (context) => {
  const next = folders(context);
  const done = await atEveryCrash<never>({
    prepare: () => {
      const directory = next();
      const { wal, close } = openWal({ directory });
      for (const record of ['one', 'two']) wal.append(Buffer.from(record));
      close();
      const [segment] = readdirSync(directory);
      writeFileSync(join(directory, '000000000000.wal'), 'a segment that was to be deleted');
      truncateSync(join(directory, segment!), 8 + 'one'.length + 5);
      return directory;
    },
    act: (directory, files) => openWal({ directory, files }).close(),
    check: (directory, _, files) => {
      const { records, close } = openWal({ directory, files });
      assert.deepEqual(records.map(text), ['one']);
      close();
    },
  });
  assert.ok(done.points >= 4, JSON.stringify(done));
});

function isPrefix(found: readonly string[], all: readonly string[]): boolean {
  return found.every((record, index) => record === all[index]);
}

const consensusSeed = new Uint8Array(32).fill(1);
const vrfSeed = new Uint8Array(32).fill(2);
const operator = addressOf(publicKeyOf(consensusSeed));
const [blockA, blockB, blockC] = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(32) as Hash);
const other = 'ee'.repeat(32) as Hash;
const extension = Uint8Array.of(1, 2, 3);
type Vote = { readonly type: 'prevote' | 'precommit'; readonly height: number; readonly round: number; blockId: Hash };

const votes: readonly Vote[] = [
  { type: 'prevote', height: 1, round: 0, blockId: blockA! },
  { type: 'precommit', height: 1, round: 0, blockId: blockA! },
  { type: 'prevote', height: 1, round: 1, blockId: blockB! },
  { type: 'precommit', height: 1, round: 1, blockId: blockB! },
  { type: 'precommit', height: 1, round: 2, blockId: blockB! },
  { type: 'precommit', height: 2, round: 0, blockId: blockC! },
];

/** What the host keeps with a precommit: here, whose it is. */
const lockOf = ({ height, round, blockId }: Vote): string => `${height}/${round} ${blockId}`;

function openSigner(folder: string, isNew: boolean, files?: FileOperations) {
  const stateFile = join(folder, 'sign-state');
  const options = { chainId: 'test', operator, consensusSeed, vrfSeed, stateFile, isNew };
  return openConsensusSigner({ ...options, ...(files === undefined ? {} : { files }) });
}

function signAll(folder: string, files: FileOperations, promise: (vote: Vote) => void): void {
  const signer = openSigner(folder, true, files);
  for (const vote of votes) {
    const isLock = vote.type === 'precommit';
    const lockedProposal = isLock ? Buffer.from(lockOf(vote)) : null;
    const signed = signer.signVote({ ...vote, extension: isLock ? extension : null, lockedProposal });
    if (!signed.ok) throw new Error(signed.reason);
    promise(vote);
  }
}

/** Every signature that left is remembered, and a lock is never without its own proposal. */
function checkSigner(folder: string, promised: readonly Vote[], disk: FileOperations): void {
  const last = promised.at(-1);
  const signer = openSigner(folder, last === undefined, disk);
  for (const vote of promised) {
    const again = signer.signVote({ ...vote, blockId: other, extension: vote.type === 'precommit' ? extension : null });
    assert.ok(!again.ok && (again.code === 'SIGN_SLOT_OLD' || again.code === 'SIGN_CONFLICT'));
  }
  const signed = signer.signed();
  const kept = signed.votes.map(({ type, round, blockId }) => `${type} ${round} ${blockId}`);
  for (const { type, height, round, blockId } of promised) {
    if (height === signed.height) assert.ok(kept.includes(`${type} ${round} ${blockId}`));
  }
  const lock = signed.votes.findLast(({ type, blockId }) => type === 'precommit' && blockId !== null);
  if (lock !== undefined) {
    assert.equal(signed.lockedProposal && text(signed.lockedProposal), lockOf({ ...lock, blockId: lock.blockId! }));
  }
  const strays = readdirSync(folder).filter((name) => name.includes('.locked'));
  assert.ok(strays.length <= 1, strays.join(', '));
  assert.ok(signer.signVote({ type: 'prevote', height: 9, round: 0, blockId: other, extension: null }).ok);
}

test('the sign state: no signature is forgotten, and every lock has its own proposal', async (context) => {
  const done = await atEveryCrash<Vote>({ prepare: folders(context), act: signAll, check: checkSigner });
  assert.ok(done.points >= 40 && done.outcomes >= 200, JSON.stringify(done));
});

test('the sign state: what the format before wrote loses nothing on its way into this one', async (context) => {
  const next = folders(context);
  const done = await atEveryCrash<Vote>({
    prepare: () => {
      const folder = next();
      signAll(folder, new CrashDisk(folder, Number.POSITIVE_INFINITY).files, () => undefined);
      const path = join(folder, 'sign-state');
      const { locked, ...content } = JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!);
      const body = JSON.stringify({ ...content, formatVersion: 2 });
      writeFileSync(path, `${body}\n${createHash('sha256').update(body).digest('hex')}\n`);
      renameSync(`${path}.locked${locked}`, `${path}.locked`);
      return folder;
    },
    act: (folder, files, promise) => {
      const vote: Vote = { type: 'precommit', height: 2, round: 1, blockId: blockA! };
      const lockedProposal = Buffer.from(lockOf(vote));
      const signed = openSigner(folder, false, files).signVote({ ...vote, extension, lockedProposal });
      if (!signed.ok) throw new Error(signed.reason);
      promise(vote);
    },
    check: (folder, promised, files) => checkSigner(folder, [votes.at(-1)!, ...promised], files),
  });
  assert.ok(done.points >= 8, JSON.stringify(done));
});

const value = new Uint8Array(50_000).fill(7);
const state = StateTree.fromEntries(Array.from({ length: 24 }, (_, i) => ({ key: `large/${i}`, value })));
const anchor = {
  proof: Uint8Array.of(1),
  lightBlock: Uint8Array.of(2),
  block: Uint8Array.of(3),
  results: Uint8Array.of(4),
};

test('snapshots: each that is listed is whole, and one that was made is there until it is removed', async (context) => {
  const next = folders(context);
  const done = await atEveryCrash<'made 40' | 'removing 20'>({
    prepare: async () => {
      const folder = next();
      await writeSnapshot(folder, { chainId: 'test', height: 20, state: StateTree.empty(), anchor });
      return folder;
    },
    act: async (folder, files, promise) => {
      await writeSnapshot(folder, { chainId: 'test', height: 40, state, anchor }, { files });
      promise('made 40');
      promise('removing 20');
      removeSnapshot(folder, 20, files);
    },
    check: async (folder, promised, files) => {
      removeUnfinished(folder, files);
      const heights = listSnapshots(folder);
      assert.ok(readdirSync(folder).length === heights.length);
      assert.ok(heights.includes(20) || promised.includes('removing 20'));
      assert.ok(heights.includes(40) || !promised.includes('made 40'));
      for (const height of heights) {
        const snapshot = new SnapshotFolder(join(folder, String(height)));
        assert.deepEqual({ ...snapshot.anchor() }, anchor);
        if (height === 40) assert.equal((await readSnapshotState(snapshot)).root, state.root);
      }
    },
  });
  assert.ok(done.points >= 25, JSON.stringify(done));
});

test('a restoration: what is left of it is whole or as if it were not there', async (context) => {
  const chunks = [Uint8Array.of(1, 2, 3), new Uint8Array(2_000).fill(9)];
  const begun = { manifest: Uint8Array.of(9), ...anchor };
  const next = folders(context);
  const done = await atEveryCrash<never>({
    prepare: next,
    act: async (home, disk) => {
      const failures: unknown[] = [];
      const files = openRestoreFiles(join(home, 'restore'), (input) => failures.push(input), disk);
      files.begin(begun);
      for (const [index, chunk] of chunks.entries()) files.save(index, chunk);
      await files.settled();
      if (failures.length > 0) throw new Error('not written');
      removeRestoreFiles(join(home, 'restore'), disk);
    },
    check: async (home, _, disk) => {
      const files = openRestoreFiles(join(home, 'restore'), () => assert.fail('nothing fails'), disk);
      const found = files.begun();
      if (found !== null) assert.deepEqual({ ...found }, begun);
      for (const [index, chunk] of chunks.entries()) {
        const kept = files.chunk(index);
        if (kept !== null) assert.deepEqual([...kept], [...chunk]);
      }
      files.begin(begun);
      files.save(0, chunks[0]!);
      await files.settled();
      assert.deepEqual({ ...files.begun() }, begun);
      assert.deepEqual([...files.chunk(0)!], [...chunks[0]!]);
    },
  });
  assert.ok(done.points >= 25, JSON.stringify(done));
});
