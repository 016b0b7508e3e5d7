/** The folder of blobs: whole or absent, durable before it is told, kept over a restart, patient with a full disk. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { blobId, type Hash } from '@synod/chain';
import { type FileOperations, systemFiles } from '../../src/adapters/durable-files.ts';
import { BLOB_PARTS_MAX, BlobFolder } from '../../src/adapters/index.ts';
import type { HostInput } from '../../src/host/index.ts';
import { atEveryCrash } from './crash-disk.ts';
import { temporaryDirectory } from './temporary.ts';

const blob = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
const content = blobId(blob);
const other = Uint8Array.of(1, 2, 3);

function opened(folder: string, files: FileOperations = systemFiles) {
  const inputs: HostInput[] = [];
  const warnings: string[] = [];
  const blobs = new BlobFolder({
    folder,
    files,
    deliver: (input) => void inputs.push(input),
    log: { warn: (_, message) => void warnings.push(message) },
  });
  return { blobs, inputs, warnings };
}

const folderOf = (context: TestContext): string => join(temporaryDirectory(context), 'blobs');

test('what is saved is told once it is durable, read back, and still there after a restart', async (context) => {
  const folder = folderOf(context);
  const first = opened(folder);
  assert.equal(first.blobs.has(content), false);
  first.blobs.save(content, blob);
  assert.deepEqual(first.inputs, [], 'nothing is told before it is on disk');
  assert.equal(first.blobs.has(content), false);
  await first.blobs.settled();
  assert.deepEqual(first.inputs, [{ kind: 'blobStored', content }]);
  const { blobs } = opened(folder);
  assert.ok(blobs.has(content));
  assert.equal(blobId(blobs.read(content)!), content);
  assert.equal(blobs.read(blobId(other)), null);
  if (process.platform !== 'win32') assert.equal(statSync(join(folder, content)).mode & 0o077, 0);
});

test('a damaged, a shortened and a vanished blob are as if they were not there, are told, and can be saved again', async (context) => {
  const folder = folderOf(context);
  const first = opened(folder);
  await first.blobs.keep(content, blob);
  const damages = [
    () =>
      writeFileSync(
        join(folder, content),
        blob.map((byte, index) => (index === 69_999 ? byte ^ 1 : byte)),
      ),
    () => truncateSync(join(folder, content), 65_536),
    () => truncateSync(join(folder, content), 0),
  ];
  for (const damage of damages) {
    damage();
    const { blobs, inputs, warnings } = opened(folder);
    assert.ok(blobs.read(content) === null);
    assert.equal(blobs.has(content), false);
    assert.deepEqual(inputs, [{ kind: 'blobDamaged', content }]);
    assert.equal(warnings.length, 1);
    assert.ok(blobs.read(content) === null);
    assert.equal(warnings.length, 1);
    assert.ok(await blobs.keep(content, blob));
    assert.equal(blobId(blobs.read(content)!), content);
  }
});

test('half-written files of a process that died are removed, what is not ours stays', async (context) => {
  const folder = folderOf(context);
  await opened(folder).blobs.keep(content, blob);
  writeFileSync(join(folder, `${blobId(other)}.new`), 'half');
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  const { blobs } = opened(folder);
  assert.deepEqual(readdirSync(folder).toSorted(), [content, 'notes.txt', 'parts'].toSorted());
  assert.equal(blobs.has(blobId(other)), false);
});

test('parts of a blob survive a restart, a damaged one is not there, and the whole blob ends them', async (context) => {
  const folder = folderOf(context);
  const chunks = [blob.subarray(0, 65_536), blob.subarray(65_536)] as const;
  const first = opened(folder);
  for (const [index, chunk] of chunks.entries()) first.blobs.savePart(content, index, chunk);
  await first.blobs.settled();
  const { blobs, inputs } = opened(folder);
  assert.equal(blobId(blobs.part(content, 0)!), blobId(chunks[0]));
  assert.equal(blobId(blobs.part(content, 1)!), blobId(chunks[1]));
  assert.equal(blobs.part(content, 2), null);
  truncateSync(join(folder, 'parts', `${content}-0`), 100);
  assert.ok(blobs.part(content, 0) === null);
  assert.ok(await blobs.keep(content, blob));
  assert.deepEqual(readdirSync(join(folder, 'parts')), []);
  assert.ok(blobs.part(content, 1) === null);
  assert.deepEqual(inputs, [{ kind: 'blobStored', content }]);
});

test('parts are bounded in number, and forgotten when asked', async (context) => {
  const folder = folderOf(context);
  mkdirSync(join(folder, 'parts'), { recursive: true });
  for (let index = 0; index < BLOB_PARTS_MAX; index++) writeFileSync(join(folder, 'parts', `${content}-${index}`), '');
  const { blobs } = opened(folder);
  blobs.savePart(blobId(other), 0, other);
  await blobs.settled();
  assert.equal(blobs.part(blobId(other), 0), null);
  blobs.forgetParts(content);
  blobs.savePart(blobId(other), 0, other);
  await blobs.settled();
  assert.deepEqual(readdirSync(join(folder, 'parts')), [`${blobId(other)}-0`]);
});

test('a full disk is one warning, however often it is tried, and costs nothing that is there; then it goes on', async (context) => {
  const folder = folderOf(context);
  const disk = { isFull: true };
  const files: FileOperations = {
    ...systemFiles,
    promises: {
      ...systemFiles.promises,
      open: (async (...args: Parameters<FileOperations['promises']['open']>) => {
        if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        return systemFiles.promises.open(...args);
      }) as FileOperations['promises']['open'],
    },
  };
  await opened(folder).blobs.keep(blobId(other), other);
  const { blobs, inputs, warnings } = opened(folder, files);
  for (let time = 0; time < 3; time++) assert.equal(await blobs.keep(content, blob), false);
  blobs.savePart(content, 0, other);
  await blobs.settled();
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /free disk space/);
  assert.deepEqual(inputs, []);
  assert.equal(blobs.has(content), false);
  assert.deepEqual(new Uint8Array(blobs.read(blobId(other))!), other);
  disk.isFull = false;
  assert.ok(await blobs.keep(content, blob));
  disk.isFull = true;
  assert.equal(await blobs.keep(blobId(Uint8Array.of(7)), Uint8Array.of(7)), false);
  assert.equal(warnings.length, 2, 'full again is told again');
});

test('a write that the disk takes in part only is none', async (context) => {
  const folder = folderOf(context);
  const files: FileOperations = {
    ...systemFiles,
    promises: {
      ...systemFiles.promises,
      open: (async (...args: Parameters<FileOperations['promises']['open']>) => {
        const file = await systemFiles.promises.open(...args);
        const { writev } = file;
        file.writev = ((parts: Uint8Array[]) => writev.call(file, [parts[0]!.subarray(0, 10)])) as typeof file.writev;
        return file;
      }) as FileOperations['promises']['open'],
    },
  };
  const { blobs } = opened(folder, files);
  assert.equal(await blobs.keep(content, blob), false);
  assert.deepEqual(readdirSync(folder), ['parts'], 'and nothing is left of it');
});

test('a crash before any operation, with all that a power loss may leave: what was told is there, and what is there is whole', async (context) => {
  const parent = temporaryDirectory(context);
  let count = 0;
  const blobs: ReadonlyMap<Hash, Uint8Array> = new Map([blob, other].map((bytes) => [blobId(bytes), bytes]));
  const done = await atEveryCrash<Hash>({
    prepare: () => {
      const folder = join(parent, String(count++));
      mkdirSync(join(folder, 'parts'), { recursive: true });
      return folder;
    },
    act: async (folder, files, promise) => {
      const kept = opened(folder, files).blobs;
      for (const [id, bytes] of blobs) {
        if (!(await kept.keep(id, bytes))) throw new Error('the process is gone');
        promise(id);
      }
    },
    check: (folder, promised) => {
      const { blobs: kept, warnings } = opened(folder);
      for (const id of promised) assert.ok(kept.has(id), 'what was told is there');
      for (const name of readdirSync(folder)) {
        if (name !== 'parts') assert.equal(blobId(readFileSync(join(folder, name))), name);
      }
      for (const id of blobs.keys()) if (kept.has(id)) assert.equal(blobId(kept.read(id)!), id);
      assert.deepEqual(warnings, []);
    },
  });
  assert.ok(done.points > 8 && done.outcomes > done.points, `${done.points} points, ${done.outcomes} outcomes`);
});
