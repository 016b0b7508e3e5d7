/** Which code the command runs: the bundle of this checkout where there is one, its sources where there is none or they are asked for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../command.ts';

const MAIN = join(root, 'packages/cli/src/main.ts');
/** Tells of every module that is loaded, on stderr. */
const SPY = `data:text/javascript,${encodeURIComponent(
  "import { registerHooks } from 'node:module'; import { writeSync } from 'node:fs';" +
    "registerHooks({ load(url, context, next) { writeSync(2, 'loads ' + url + '\\n'); return next(url, context); } });",
)}`;

function launch(cache: string, ...args: string[]) {
  const env = { ...process.env, XDG_CACHE_HOME: cache, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', SPY, MAIN, ...args], {
    env,
    encoding: 'utf8',
  });
  const loads = stderr.split('\n').filter((line) => line.startsWith('loads '));
  const told = stderr.split('\n').filter((line) => !line.startsWith('loads '));
  return {
    code: status,
    stdout,
    told: told.join('\n'),
    hasSources: loads.some((line) => line.endsWith('/cli/src/command-line.ts')),
    hasBundle: loads.some((line) => line.includes('/synod/bundled/')),
  };
}

/** Runs a program inside the package, and gives what it printed. */
function within(cache: string, program: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(root, 'packages/cli'),
    env: { ...process.env, XDG_CACHE_HOME: cache },
    encoding: 'utf8',
  });
  return stdout + stderr;
}

const ENSURE = `import { ensureBundle } from './src/bundle/ensure-bundle.ts';
await ensureBundle(new AbortController().signal);`;
const NEXT_START = `import { pino } from 'pino';
import { bundleForNextStart } from './src/bundle/ensure-bundle.ts';
bundleForNextStart(pino(), new AbortController().signal);`;

test('a bundle is made once, and every command runs from it', (context) => {
  const cache = mkdtempSync(join(tmpdir(), 'synod-launch-'));
  context.after(() => rmSync(cache, { recursive: true, force: true }));

  const before = launch(cache, 'expert', '--help');
  assert.deepEqual([before.hasSources, before.hasBundle], [true, false]);
  assert.match(within(cache, ENSURE), /the program is bundled/);
  assert.equal(within(cache, ENSURE), '');
  assert.equal(within(cache, NEXT_START), '');

  const after = launch(cache, 'expert', '--help');
  assert.deepEqual([after.hasSources, after.hasBundle], [false, true]);
  assert.equal(after.stdout, before.stdout);
  const failing = launch(cache, 'start', '--home', join(cache, 'none'));
  assert.deepEqual([failing.hasSources, failing.hasBundle], [false, true]);

  const debugged = launch(cache, 'start', '--home', join(cache, 'none'), '--debug');
  assert.deepEqual([debugged.hasSources, debugged.hasBundle], [true, false]);
  assert.match(debugged.told, /packages\/cli\/src\/.*\.ts:\d+/, 'the stack names lines of the sources');
  assert.equal(debugged.code, failing.code);
});

test('a node that serves bundles for its next start', (context) => {
  const cache = mkdtempSync(join(tmpdir(), 'synod-launch-'));
  context.after(() => rmSync(cache, { recursive: true, force: true }));
  assert.match(within(cache, NEXT_START), /the program is bundled: its next start is sooner/);
  assert.ok(launch(cache, 'expert', '--help').hasBundle);
});

test('without a place for a bundle the sources run, and it is said why', () => {
  const why = /could not be bundled \(.*\/dev\/null.*\); it runs from its sources/;
  assert.match(within('/dev/null', ENSURE), why);
  assert.match(within('/dev/null', NEXT_START), why);
  const { hasSources, hasBundle } = launch('/dev/null', 'expert', '--help');
  assert.deepEqual([hasSources, hasBundle], [true, false]);
});
