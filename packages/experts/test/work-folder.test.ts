/** What killed builds leave behind, and what a full disk does to one. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildKnowledge, readFolder } from '@synod/experts';
import { FACTS, filesOf, inFolder, pinOf, recipeOf, serving, zipOf } from './fixture.ts';

const wheel = zipOf({ 'facts.csv': FACTS });
const FIXTURE = JSON.stringify(new URL('./fixture.ts', import.meta.url).href);
const EXPERTS = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);

/** A process that builds into `folder` and hangs while it fetches. */
async function hangingBuild(t: TestContext, folder: string): Promise<ChildProcess> {
  const program = `
    import { buildKnowledge } from ${EXPERTS};
    import { FACTS, pinOf, recipeOf, zipOf } from ${FIXTURE};
    const recipe = recipeOf(pinOf(zipOf({ 'facts.csv': FACTS })));
    const fetch = () => { console.log('fetching'); return new Promise(() => setInterval(() => {}, 1000)); };
    await buildKnowledge({ recipe, cacheDir: ${JSON.stringify(folder)}, out: ${JSON.stringify(join(folder, 'out'))}, fetch });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

const workIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('.work-'));

test('the next build removes what a killed one left, and spares that of one that runs', (t) =>
  inFolder(async (folder) => {
    const downloads = join(folder, 'downloads');
    const killed = await hangingBuild(t, folder);
    const living = await hangingBuild(t, folder);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    assert.equal((await workIn(downloads)).length, 2);
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: folder, out: join(folder, 'out') };
    await buildKnowledge({ ...options, fetch: serving(wheel) });
    const left = await workIn(downloads);
    assert.equal(left.length, 1);
    assert.match(left[0]!, new RegExp(`^\\.work-${living.pid}-`));
    living.kill('SIGKILL');
    await once(living, 'exit');
    // Nothing is fetched any more.
    await buildKnowledge({ ...options, fetch: serving(wheel) });
    assert.deepEqual(await workIn(downloads), []);
  }));

test('a folder that a killed build had moved away comes back, unless it has a successor', () =>
  inFolder(async (folder) => {
    const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: join(folder, 'cache'), fetch: serving(wheel) };
    await buildKnowledge({ ...options, out: join(folder, 'one') });
    const files = await filesOf(join(folder, 'one'));
    // Between the two renames: a process id that no system hands out.
    const work = join(folder, `.work-${2 ** 31 - 1}-0123456789ab`);
    await mkdir(join(work, 'before'), { recursive: true });
    await rename(join(folder, 'one'), join(work, 'before', 'one'));
    await mkdir(join(work, 'before', 'two'));
    await writeFile(join(work, 'before', 'two', 'card.json'), 'old');
    await buildKnowledge({ ...options, out: join(folder, 'two') });
    await mkdir(join(work, 'before', 'two'), { recursive: true });
    await buildKnowledge({ ...options, out: join(folder, 'two') });
    assert.deepEqual(await filesOf(join(folder, 'one')), files);
    assert.equal((await readFolder(join(folder, 'two'))).card.size, 3);
    assert.deepEqual((await readdir(folder)).sort(), ['cache', 'one', 'two']);
  }));

test(
  'a disk that takes no more is one error with file and size, and the old folder stays',
  { skip: process.platform === 'win32' },
  () =>
    inFolder(async (folder) => {
      const out = join(folder, 'out');
      const options = { recipe: recipeOf(pinOf(wheel)), cacheDir: join(folder, 'cache'), out };
      await buildKnowledge({ ...options, fetch: serving(wheel) });
      const before = await filesOf(out);
      const documents = join(folder, 'documents');
      await mkdir(documents);
      const facts = Array.from({ length: 400 }, (_, n) => `Berth ${n} of the harbour has ${n + 7} bollards of iron.`);
      await writeFile(join(documents, 'long.txt'), facts.join('\n\n'));
      const program = `
      import { buildKnowledge } from ${EXPERTS};
      import { FACTS, pinOf, recipeOf, serving, zipOf } from ${FIXTURE};
      const wheel = zipOf({ 'facts.csv': FACTS });
      const [cacheDir, out, documents] = process.argv.slice(-3);
      const options = { recipe: recipeOf(pinOf(wheel)), fetch: serving(wheel) };
        await buildKnowledge({ ...options, cacheDir, out, documents }).catch((e) => console.log(JSON.stringify({ ...e, message: e.message })));`;
      const arguments_ = [
        process.execPath,
        '--input-type=module',
        '-e',
        program,
        '--',
        options.cacheDir,
        out,
        documents,
      ];
      const { stdout, stderr } = spawnSync('bash', ['-c', 'ulimit -f 16 && exec "$@"', 'bash', ...arguments_], {
        encoding: 'utf8',
      });
      assert.notEqual(stdout, '', stderr);
      const {
        code,
        message,
        facts: about,
      } = JSON.parse(stdout) as { code: string; message: string; facts: { path: string; bytes: number } };
      assert.equal(code, 'DISK_FULL');
      assert.equal(about.path, join(out, 'passages.jsonl'));
      assert.ok(about.bytes > 16 * 1024, `${about.bytes}`);
      assert.match(
        message,
        /no room for .*passages\.jsonl \(it needs \d+\.\d kB\): a file may not become so large.*Make room/,
      );
      assert.deepEqual(await filesOf(out), before);
      assert.deepEqual(await workIn(folder), []);
    }),
);
