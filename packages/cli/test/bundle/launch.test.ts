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

test('what starts nodes makes the bundle, and every command runs from it', (context) => {
  const cache = mkdtempSync(join(tmpdir(), 'synod-launch-'));
  context.after(() => rmSync(cache, { recursive: true, force: true }));

  const before = launch(cache, 'expert', '--help');
  assert.deepEqual([before.hasSources, before.hasBundle], [true, false], 'help does not wait for a bundle');

  const node = launch(cache, 'start', '--supervised', '--home', join(cache, 'none'));
  assert.deepEqual([node.hasSources, node.hasBundle], [true, false], 'nodes that start side by side make none');

  const first = launch(cache, 'start', '--home', join(cache, 'none'));
  assert.match(first.told, /the program is bundled/);
  assert.deepEqual([first.hasSources, first.hasBundle], [false, true]);
  assert.equal(first.code, node.code);

  const after = launch(cache, 'expert', '--help');
  assert.deepEqual([after.hasSources, after.hasBundle], [false, true]);
  assert.equal(after.stdout, before.stdout);

  const debugged = launch(cache, 'start', '--home', join(cache, 'none'), '--debug');
  assert.deepEqual([debugged.hasSources, debugged.hasBundle], [true, false], 'a stack names lines of the sources');
  assert.match(debugged.told, /packages\/cli\/src\/.*\.ts:\d+/);
});

test('without a place for a bundle the sources run, and it is said why', () => {
  const { code, told, hasSources, hasBundle } = launch('/dev/null', 'start', '--home', '/dev/null/none');
  assert.match(told, /could not be bundled \(.*\/dev\/null.*\); it runs from its sources/);
  assert.deepEqual([hasSources, hasBundle], [true, false]);
  assert.notEqual(code, 0);
});
