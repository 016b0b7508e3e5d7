/** Files are there whole or not at all, and a disk that takes no more is one error with the file and what it needs, whoever writes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskFullError } from '../../src/files/disk-full.ts';
import { writeWhole } from '../../src/files/whole-file.ts';
import { readManifest } from '../../src/models/store/manifest-file.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { temporaryFolder } from '../models/temporary-folder.ts';

const src = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
const helper = (path: string) => JSON.stringify(new URL(`../${path}`, import.meta.url).href);
const isWindows = process.platform === 'win32';

test('a draft of a killed process goes with the next write, that of a live one stays', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'state');
  const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  t.after(() => living.kill('SIGKILL'));
  const left = [`state.${2 ** 31 - 1}-0.partial`, `state.${living.pid}-3.partial`, `state2.${2 ** 31 - 1}-0.partial`];
  for (const name of left) await writeFile(join(folder, name), 'half');
  await Promise.all([writeWhole(path, 'one'), writeWhole(path, 'two')]);
  assert.match(await readFile(path, 'utf8'), /^(one|two)$/);
  assert.deepEqual((await readdir(folder)).sort(), ['state', left[1], left[2]].sort());
});

test('a file that finds no room names itself, its size and the way out, and leaves the old one', {
  skip: isWindows,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'state');
  await writeWhole(path, 'old');
  const [failure] = await limited(folder, `[() => writeWhole(join(folder, 'state'), new Uint8Array(50_000))]`);
  assert.equal(failure?.code, 'DISK_FULL');
  assert.deepEqual(failure?.facts, { path, bytes: 50_000 });
  assert.match(
    failure?.message ?? '',
    /^There is no room for .*state \(it needs 50\.0 kB\): a file may not become so large.*Make room/,
  );
  assert.equal(await readFile(path, 'utf8'), 'old');
  assert.deepEqual(await readdir(folder), ['state']);
  const full = new DiskFullError('/x', null, Object.assign(new Error('no'), { code: 'ENOSPC' }));
  assert.match(full.message, /^There is no room for \/x: its disk is full\. Nothing/);
});

test('adapters, checkpoints, learnt passages, weights and models all say so, and nothing half written stays', {
  skip: isWindows,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const model = await tinyModel();
  const failures = await limited(
    folder,
    `[
      async () => {
        const { architecture, ...rest } = await readManifest(${JSON.stringify(model)});
        const manifest = { ...rest, architecture: { ...architecture, layers: 40 } };
        await randomAdapter(join(folder, 'a.adapter'), { manifest, seed: 1 });
      },
      () => saveCheckpoint(join(folder, 'checkpoint'), '00'.repeat(32), {
        steps: 1, factors: { qB: new Float32Array(4096) },
        moments: { qB: { first: new Float32Array(4096), second: new Float32Array(4096) } },
      }),
      () => writeLearnt(join(folder, 'learnt'), [{ text: 'x'.repeat(50_000), source: 's', prompt: 'p', number: 1 }]),
      () => buildTinyModel(join(folder, 'model'), { seed: 1 }),
      () => resolveModel({ model: 'tiny', cacheDir: join(folder, 'cache') }),
    ]`,
  );
  assert.deepEqual(
    failures.map((failure) => failure?.code),
    ['DISK_FULL', 'DISK_FULL', 'DISK_FULL', 'DISK_FULL', 'MODEL_DISK_FULL'],
  );
  for (const [at, name] of ['a.adapter', 'checkpoint', 'learnt', join('model', 'weights.bin')].entries()) {
    assert.equal(failures[at]?.facts['path'], join(folder, name));
    assert.ok(Number(failures[at]?.facts['bytes']) > 2_048, `${failures[at]?.facts['bytes']}`);
  }
  assert.match(
    failures[4]?.message ?? '',
    /could not be made: there is no room for .*weights\.bin \(it needs .* Free about 500 MB/,
  );
  assert.deepEqual((await readdir(folder)).sort(), ['cache', 'model']);
  assert.deepEqual(await readdir(join(folder, 'cache')), []);
  await assert.rejects(readManifest(join(folder, 'model')), { code: 'MODEL_NOT_FOUND' });
});

test('a training whose checkpoint finds no room ends with that error', { skip: isWindows }, async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'out'));
  const model = await tinyModel();
  const [failure] = await limited(
    folder,
    `[() => trainAdapter({
      modelDirectory: ${JSON.stringify(model)},
      examples: [{ prompt: 'What is 1?', answer: 'It is 1.' }],
      settings: { domain: 'numbers', steps: 2, examplesPerStep: 1, warmupSteps: 1 },
      out: join(folder, 'out', 'a.adapter'), checkpoint: join(folder, 'out', 'checkpoint'), checkpointEverySteps: 1,
      lock: join(folder, 'lock'),
    })]`,
  );
  assert.equal(failure?.code, 'DISK_FULL', failure?.message);
  assert.equal(failure?.facts['path'], join(folder, 'out', 'checkpoint'));
  assert.deepEqual(await readdir(join(folder, 'out')), []);
});

type Failure = { readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> };

/** What each of the works fails with in a process whose files may not exceed 2 KiB; null where one succeeds. */
async function limited(folder: string, works: string): Promise<(Failure | null)[]> {
  const program = `
    import { join } from 'node:path';
    import { writeWhole } from ${src('files/whole-file.ts')};
    import { saveCheckpoint } from ${src('training/checkpoint.ts')};
    import { trainAdapter } from ${src('training/client.ts')};
    import { writeLearnt } from ${src('knowledge/learnt.ts')};
    import { resolveModel } from ${src('models/index.ts')};
    import { readManifest } from ${src('models/store/manifest-file.ts')};
    import { buildTinyModel } from ${src('models/tiny/build-tiny-model.ts')};
    import { randomAdapter } from ${helper('engine/random-adapter.ts')};
    const folder = process.argv.at(-1);
    const told = [];
    for (const work of ${works}) {
      told.push(await work().then(() => null, (e) => ({ code: e.code, message: e.message, facts: e.facts ?? {} })));
    }
    console.log(JSON.stringify(told));`;
  const node = [process.execPath, '--input-type=module', '-e', program, '--', folder];
  const shell = ['-c', 'ulimit -f 2 && exec "$@"', 'bash', ...node];
  const { stdout, stderr } = spawnSync('bash', shell, { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as (Failure | null)[];
}
