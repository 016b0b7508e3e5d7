/** How a node starts logging and how it ends: by signals, at its halt height, and what it says of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { synod } from '../command.ts';
import { startNode, temporaryFolder, validatorHome } from './home.ts';

test('SIGINT ends a node gracefully: it tells the last height that it signed, and exits with 0', {
  timeout: 120_000,
}, async (t) => {
  const { home } = validatorHome(t);
  const node = startNode(t, home);
  await node.saying(/"msg":"node serves requests"/);
  await node.saying(/"msg":"validator signs"/);
  node.process.kill('SIGINT');
  assert.deepEqual(await node.ended, { code: 0, signal: null }, node.said());
  const last = JSON.parse(node.said().trim().split('\n').at(-1)!);
  assert.equal(last.msg, 'node stopped');
  assert.ok(last.lastSignedHeight >= last.height && last.lastSignedHeight <= last.height + 1, node.said());
  assert.ok(!existsSync(join(home, 'admin.json')) && !existsSync(join(home, 'node.lock')));
});

test('a second Ctrl-C ends a process at once, one keypress that comes twice does not', {
  timeout: 30_000,
}, async () => {
  const module = join(import.meta.dirname, '../../src/processes/stop-signals.ts');
  const script = `import { stopSignal } from ${JSON.stringify(module)};
    setInterval(() => {}, 1000);
    stopSignal(() => console.log('at once')).addEventListener('abort', () => console.log('stopping'));
    console.log('up');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  let stoppedAt = 0;
  child.stdout.on('data', (chunk) => {
    for (const line of String(chunk).trim().split('\n')) {
      lines.push(line);
      if (line === 'up') child.kill('SIGINT');
      if (line !== 'stopping') continue;
      stoppedAt = performance.now();
      child.kill('SIGINT');
      const again = setInterval(() => child.kill('SIGINT'), 50);
      void ended.then(() => clearInterval(again));
    }
  });
  assert.deepEqual((await ended)[0], 130);
  assert.deepEqual(lines, ['up', 'stopping', 'at once']);
  assert.ok(performance.now() - stoppedAt >= 600, 'the same keypress ended it');
});

test('a node halts after the block it was told to, exits with 0, says what next, and goes on past it', {
  timeout: 180_000,
}, async (t) => {
  const { home } = validatorHome(t);
  const node = startNode(t, home, ['--halt-height', '5']);
  assert.deepEqual(await node.ended, { code: 0, signal: null }, node.said());
  assert.match(node.said(), /"height":5,.*"msg":"halt height reached: no further block is made"/);
  assert.match(node.said(), /"height":5,"next":"Install the new version .* without --halt-height\."/);
  assert.match(node.said(), /"height":5,"lastSignedHeight":5,"msg":"node stopped"/);

  // Whatever restarts it by itself finds nothing to do, and no failure.
  const again = startNode(t, home, ['--halt-height', '5']);
  assert.deepEqual(await again.ended, { code: 0, signal: null }, again.said());
  assert.match(again.said(), /"msg":"Block 5, at which this node was to halt, is its newest block/);
  const passed = await synod(['start', '--home', home, '--halt-height', '4', '--json']);
  assert.equal(passed.code, 2, passed.stderr);
  assert.match(passed.stderr, /HALT_HEIGHT_PASSED/);
  const wrong = await synod(['start', '--home', home, '--halt-height', 'soon']);
  assert.deepEqual([wrong.code, /--halt-height "soon" is wrong/.test(wrong.stderr)], [2, true]);

  const admin = async (height: string | null) => {
    const { adminClientOf } = await import('../../src/rpc/admin-file.ts');
    return adminClientOf(home).call('admin_setHaltHeight', { height });
  };
  const upgraded = startNode(t, home, [], { SYNOD_LOG: 'debug' });
  await upgraded.saying(/"msg":"node serves requests"/);
  await assert.rejects(admin('5'), { code: /^HALT_HEIGHT_/ });
  assert.deepEqual(await admin('1000000'), { height: '1000000' });
  assert.deepEqual(await admin(null), { height: null });
  await upgraded.saying(/"height":6,.*"msg":"block applied"/);
  upgraded.process.kill('SIGTERM');
  assert.equal((await upgraded.ended).code, 0);
  assert.match(upgraded.said(), /"height":([6-9]|\d\d),"lastSignedHeight"/);
});

test('with --log-file a node logs there, begins the file anew on SIGHUP, and is not ended by it', {
  timeout: 120_000,
}, async (t) => {
  const { home } = validatorHome(t);
  const file = join(temporaryFolder(t), 'logs', 'node.log');
  const node = startNode(t, home, ['--log-file', file]);
  await appears(t, file, /node serves requests/);
  renameSync(file, `${file}.old`);
  node.process.kill('SIGHUP');
  await appears(t, file, /./s, { mayBeEmpty: true });
  node.process.kill('SIGTERM');
  assert.equal((await node.ended).code, 0);
  assert.match(readFileSync(file, 'utf8'), /"msg":"node stopped"/);
  assert.doesNotMatch(readFileSync(`${file}.old`, 'utf8'), /"msg":"node stopped"/);
  assert.match(node.said(), /^✔ node serves requests at http:\S+, and logs to \S+node\.log\. Stop: Ctrl-C\n$/);

  for (const [args, message] of [
    [['--log-keep', '3'], /Name it with --log-file/],
    [['--log-file', file, '--log-max-mb', '0'], /--log-max-mb "0" must be a whole number/],
    [['--log-file', '/proc/nowhere/x.log'], /cannot be written.*Choose another with --log-file/s],
  ] as const) {
    const refused = await synod(['start', '--home', home, ...args]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, message);
  }
});

/** Resolves when the file is there and holds this. */
function appears(
  t: TestContext,
  file: string,
  pattern: RegExp,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    if (!existsSync(file)) return;
    const text = readFileSync(file, 'utf8');
    if (pattern.test(text) || (mayBeEmpty && text === '')) resolve();
  };
  const folder = existsSync(dirname(file)) ? dirname(file) : dirname(dirname(file));
  const watcher = watch(folder, { recursive: true }, look);
  t.after(() => watcher.close());
  look();
  return promise;
}
