/** `synod simulate` as tools and people read it: the report as JSON, where to go on, the line that says how far it is. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSeeds, progressLine } from '../src/commands/simulate.ts';
import { synod } from './command.ts';

test('the report as JSON names the first seed that was not run', async () => {
  const { code, stdout } = await synod(['simulate', '--seeds', '3..4', '--nodes', '4', '--threads', '1', '--json']);
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([report['schedules'], report['failures'], report['nextSeed']], [2, [], 5]);
});

test('a failing run ends with the code of failure, the report before it, and how to see it again', async () => {
  const args = ['simulate', '--seeds', '1..1', '--nodes', '4', '--control', 'deaf', '--threads', '1'];
  const { code, stdout, stderr } = await synod(args);
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /\.\/synod simulate --seeds 1\.\.1 --nodes 4\.\.4 --control deaf --trace/);
});

test('a mutant that does not apply is a failure: nothing is known of it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-mutants-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'stale.mutant'),
    'title: t\nfile: packages/chain/src/fees.ts\n<<<<\nnot there\n====\n\n>>>>\n',
  );
  const args = ['simulate', 'mutants', '--folder', folder, '--only', 'stale', '--seeds', '1..1'];
  const { code, stdout, stderr } = await synod(args);
  assert.equal(code, 1);
  assert.match(stdout, /0 killed, 0 survived, 1 invalid/);
  assert.match(stderr, /stale/);
});

test('progress is counted, timed and without promises beyond the pace so far', () => {
  const progress = { done: 50, total: 200, failed: 1 };
  assert.equal(
    progressLine(progress, { ranMs: 5_000, kinds: 31 }),
    '  … 50 of 200 schedules, 10.0/s, 15 s left, 31 kinds of fault, 1 failed',
  );
  assert.match(progressLine({ ...progress, total: 5_000 }, { ranMs: 5_000, kinds: 31 }), /, 9 min left, /);
});

test('seeds are a range or one', () => {
  assert.deepEqual(parseSeeds('7'), [7, 7]);
  assert.deepEqual(parseSeeds('7..9'), [7, 9]);
  assert.throws(() => parseSeeds('9..7'));
});
