/** A bundle is its sources, or it is not found: on a small checkout made for the purpose, changed in every way that a checkout is. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bundlesOf, findBundle } from '../../src/bundle/find-bundle.ts';
import { makeBundle } from '../../src/bundle/make-bundle.ts';

const FILES: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'pnpm-lock.yaml': 'lockfileVersion: 9',
  'entry.ts': `import data from './data.json' with { type: 'json' };
import { createRequire } from 'node:module';
import dep from 'dep';
import { word } from './lib.ts';
import { order } from './order.ts';
const { later } = await import('./later.ts');
const told: Record<string, unknown> = { word, later, dep, data, order, main: import.meta.main };
told.place = [import.meta.url, import.meta.dirname, createRequire(import.meta.url).resolve('dep')];
export const text: string = JSON.stringify(told);
`,
  'lib.ts': "export const word: string = 'first';\n",
  'later.ts': "import { word } from './lib.ts';\nexport const later: string = word + import.meta.filename;\n",
  'order.ts': "import './one.ts';\nimport './two.ts';\nexport const order: string[] = (globalThis as any).told;\n",
  'one.ts': "(globalThis as any).told = ['one'];\nexport {};\n",
  'two.ts': "(globalThis as any).told.push('two');\nexport {};\n",
  'data.json': '{ "value": 7 }',
  'node_modules/dep/package.json': '{ "name": "dep", "main": "index.js" }',
  'node_modules/dep/index.js':
    "'use strict';\nmodule.exports = [__dirname, __filename, require('./part'), typeof this];\n",
  'node_modules/dep/part.js': 'module.exports = 42;\n',
};

/** In seconds. */
const LONG_AGO = 1_600_000_000;

type Checkout = { readonly root: string; readonly directory: string; readonly entry: string };

function checkoutOf(context: TestContext): Checkout {
  const folder = mkdtempSync(join(tmpdir(), 'synod-bundle-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'checkout');
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return { root, directory: join(folder, 'bundled'), entry: join(root, 'entry.ts') };
}

const found = ({ root, directory }: Checkout) => findBundle(root, directory);

function textOf(file: string): Record<string, unknown> {
  const program = `console.log((await import(${JSON.stringify(file)})).text)`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

test('a bundle does what its sources do: places, order, JSON, CommonJS, and what is loaded later', async (context) => {
  const checkout = checkoutOf(context);
  assert.equal(found(checkout), null);
  await makeBundle(checkout);
  const bundle = found(checkout);
  assert.ok(bundle !== null);
  const told = textOf(bundle);
  assert.deepEqual(told, textOf(checkout.entry));
  assert.deepEqual(told['order'], ['one', 'two']);
});

test('an edited source is what runs, however little the edit shows', async (context) => {
  const checkout = checkoutOf(context);
  const path = (name: string) => join(checkout.root, name);
  const rewrite = (name: string, text = readFileSync(path(name), 'utf8')) => writeFileSync(path(name), text);
  const changes: Readonly<Record<string, () => void>> = {
    'as long as before, with the time of before': () => {
      rewrite('lib.ts', FILES['lib.ts']!.replace('first', 'other'));
      utimesSync(path('lib.ts'), LONG_AGO, LONG_AGO);
    },
    'another file under its name': () => {
      copyFileSync(path('later.ts'), path('copy.ts'));
      renameSync(path('copy.ts'), path('later.ts'));
    },
    'a file that is loaded later': () => rewrite('later.ts'),
    'a module of a dependency': () => rewrite('node_modules/dep/part.js'),
    'where a dependency begins': () => rewrite('node_modules/dep/package.json'),
    'what kind the modules are of': () => rewrite('package.json'),
    'data that is imported': () => rewrite('data.json', '{ "value": 8 }'),
    'what is installed': () => rewrite('pnpm-lock.yaml', 'lockfileVersion: 10'),
    'a file that is gone': () => rmSync(path('two.ts')),
  };
  utimesSync(path('lib.ts'), LONG_AGO, LONG_AGO);
  for (const [name, change] of Object.entries(changes)) {
    await makeBundle(checkout);
    assert.ok(found(checkout) !== null, name);
    change();
    assert.equal(found(checkout), null, name);
  }
});

test('an edit at any moment of the making is never lost', async (context) => {
  const checkout = checkoutOf(context);
  let isFound = 0;
  for (let round = 0; round < 12; round++) {
    const making = makeBundle(checkout);
    await delay(round * 4);
    writeFileSync(join(checkout.root, 'lib.ts'), `export const word: string = 'at ${round + 10}';\n`);
    await making;
    const bundle = found(checkout);
    if (bundle === null) continue;
    isFound += 1;
    assert.equal(textOf(bundle)['word'], `at ${round + 10}`);
  }
  context.diagnostic(`${isFound} of 12 held the edit`);
});

test('a bundle that is not whole is not found', async (context) => {
  const checkout = checkoutOf(context);
  const bundles = bundlesOf(checkout.root, checkout.directory);
  const record = join(bundles, 'current.json');
  const damages: Readonly<Record<string, (bundle: string) => void>> = {
    'a file cut short': (bundle) => truncateSync(bundle, 10),
    'a folder that was removed': (bundle) => rmSync(dirname(bundle), { recursive: true }),
    'a record cut short': () => truncateSync(record, 30),
    'a record of another version': () =>
      writeFileSync(record, readFileSync(record, 'utf8').replace('"formatVersion":1', '"formatVersion":0')),
    'a record that is none': () => writeFileSync(record, 'null'),
    'a record without files': () => writeFileSync(record, '{"formatVersion":1,"folder":"there"}'),
    'a record without a folder': () => writeFileSync(record, '{"formatVersion":1,"files":[]}'),
    'a record of other things than files': () =>
      writeFileSync(record, '{"formatVersion":1,"folder":"there","files":[[1,2,3,4]]}'),
  };
  for (const [name, damage] of Object.entries(damages)) {
    await makeBundle(checkout);
    const bundle = found(checkout);
    assert.ok(bundle !== null, name);
    damage(bundle);
    assert.equal(found(checkout), null, name);
  }
});

test('a bundle that cannot be made leaves nothing, and the one before in its place', async (context) => {
  const checkout = checkoutOf(context);
  const bundles = bundlesOf(checkout.root, checkout.directory);
  await makeBundle(checkout);
  const before = readdirSync(bundles).sort();
  writeFileSync(join(checkout.root, 'lib.ts'), 'export const = ;\n');
  await assert.rejects(makeBundle(checkout));
  assert.deepEqual(readdirSync(bundles).sort(), before);
  assert.equal(found(checkout), null, 'the one before is of other sources');

  writeFileSync(join(checkout.root, 'lib.ts'), FILES['lib.ts']!);
  const record = join(bundles, 'current.json');
  rmSync(record);
  mkdirSync(join(record, 'in-its-place'), { recursive: true });
  await assert.rejects(makeBundle(checkout));
  assert.deepEqual(readdirSync(bundles).sort(), before);
});

test('bundles stay while they may run, and go when they were not started for a month', async (context) => {
  const checkout = checkoutOf(context);
  const folders: string[] = [];
  for (let index = 0; index < 3; index++) {
    await makeBundle(checkout);
    folders.push(dirname(found(checkout)!));
  }
  const [oldest, middle, newest] = folders as [string, string, string];
  const monthAgo = new Date(Date.now() - 31 * 86_400_000);
  for (const folder of [oldest, newest]) utimesSync(folder, monthAgo, monthAgo);
  assert.equal(dirname(found(checkout)!), newest);
  assert.ok(statSync(newest).mtime > monthAgo, 'a start counts as use');
  utimesSync(newest, monthAgo, monthAgo);
  found(checkout);
  await makeBundle(checkout);
  const left = readdirSync(bundlesOf(checkout.root, checkout.directory)).filter((name) => name !== 'current.json');
  const current = dirname(found(checkout)!);
  assert.deepEqual(left.map((name) => join(dirname(current), name)).sort(), [current, middle, newest].sort());
});
