/** The house rules that a machine can hold: file length, headers, purity, import direction, no dead files. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root }).sort();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Direction of imports: a package may import only these others. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  chain: [],
  consensus: ['chain'],
  experts: ['chain'],
  inference: [],
  node: ['chain', 'consensus', 'inference'],
  rpc: ['chain'],
  web: ['chain', 'rpc'],
  simulator: ['chain', 'consensus', 'inference', 'node'],
  cli: ['chain', 'consensus', 'experts', 'inference', 'node', 'rpc', 'simulator'],
};

const importsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');

test('there are sources to look at', () => {
  assert.ok(sources.length > 50, `found ${sources.length}`);
});

test('no source file is longer than 400 lines', () => {
  const long = sources.filter((path) => read(path).split('\n').length > 401);
  assert.deepEqual(long, []);
});

test('every source file opens with a comment that says what it owns', () => {
  const bare = sources.filter((path) => !path.endsWith('/index.ts') && !/^(#!.*\n)?\/\*\*/.test(read(path)));
  assert.deepEqual(bare, []);
});

test('packages import only in the agreed direction', () => {
  const wrong = sources.flatMap((path) => {
    const owner = path.split('/')[1] ?? '';
    return importsOf(path)
      .filter((name) => name.startsWith('@synod/'))
      .map((name) => name.split('/')[1] ?? '')
      .filter((name) => name !== owner && !allowed[owner]?.includes(name))
      .map((name) => `${path} imports ${name}`);
  });
  assert.deepEqual(wrong, []);
});

test('the pure code imports nothing that does I/O', () => {
  const pure = sources.filter((path) => /^packages\/(chain|consensus|node\/src\/host)\//.test(path));
  const banned = /^node:(fs|net|http|https|child_process|worker_threads|timers|os|dgram|tls)|^pino$|^level$|libp2p/;
  const wrong = pure.flatMap((path) =>
    importsOf(path)
      .filter((name) => banned.test(name))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(wrong, []);
});

test('every source file is reachable from an entry of its package', () => {
  const entries = globSync('packages/*/package.json', { cwd: root }).flatMap((path) => {
    const manifest = JSON.parse(read(path)) as { exports?: Record<string, string>; bin?: Record<string, string> };
    const files = [...Object.values(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})];
    return files.map((file) => join(dirname(path), file));
  });
  const forked = sources.filter(
    (path) =>
      /\/(worker|training|learning)\/main\.ts$|\/bundle\/make-main\.ts$|^packages\/web\/src\/main\.tsx$/.test(path) ||
      path.endsWith('.d.ts'),
  );
  const reached = new Set<string>();
  const queue = [...entries, ...forked];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const name of importsOf(path)) {
      if (name.startsWith('.')) queue.push(relative(root, resolve(root, dirname(path), name)));
    }
  }
  assert.deepEqual(
    sources.filter((path) => !reached.has(path)),
    [],
  );
});

test('no unfinished marks stand in the sources', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'not ' + 'implemented'].join('|')})\\b`);
  assert.deepEqual(
    sources.filter((path) => marks.test(read(path))),
    [],
  );
});

type Job = { readonly isolation?: string; readonly files: readonly string[] };

const jobs = (JSON.parse(read('test/stages.json')) as readonly (readonly (readonly Job[])[])[]).flat(2);
const filesOf = ({ files }: Job): readonly string[] => [...new Set(globSync([...files], { cwd: root }))];

test('every test file is in one job of test/stages.json, and in one alone', () => {
  const all = globSync(['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root }).sort();
  assert.ok(all.length > 300, `found ${all.length}`);
  assert.deepEqual(jobs.flatMap(filesOf).sort(), all);
  for (const { files } of jobs)
    for (const pattern of files) assert.ok(globSync(pattern, { cwd: root }).length > 0, `${pattern} is no file`);
});

test('files that share a process leave nothing in it and measure nothing of it', () => {
  const lasting =
    /^(?:before|after|beforeEach|afterEach)\(|\bprocess\.(?:on|once|exit|chdir|memoryUsage|cpuUsage)\b|process\.exitCode|process\.env\S* = |delete process\.env|\bmock\b\.|^import .*\bmock\b|\bperformance\.now|configureGlobal/m;
  const shared = jobs.filter(({ isolation }) => isolation === 'none').flatMap(filesOf);
  assert.ok(shared.length > 100);
  assert.deepEqual(
    shared.filter((path) => lasting.test(read(path))),
    [],
  );
});
