/** One process per directory: taking, refusing, releasing and taking over the lock. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { acquireLock } from '../../src/adapters/lock-file.ts';
import { temporaryDirectory } from './temporary.ts';

test('a second taker is refused with the holder named, until it is released', (context) => {
  const directory = temporaryDirectory(context);
  const release = acquireLock(directory);
  assert.throws(() => acquireLock(directory), {
    name: 'SynodError',
    code: 'DATA_DIR_IN_USE',
    message: new RegExp(`Process ${process.pid} .*--data-dir`, 's'),
  });
  release();
  release();
  assert.deepEqual(readdirSync(directory), []);
  acquireLock(directory)();
});

test('the lock of a live process holds, and falls when the process is gone', async (context) => {
  const directory = temporaryDirectory(context);
  const code = `import(${JSON.stringify(import.meta.resolve('../../src/adapters/lock-file.ts'))}).then(({ acquireLock }) => {
    acquireLock(${JSON.stringify(directory)}); console.log('held'); setInterval(() => {}, 1000); })`;
  const holder = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  assert.throws(() => acquireLock(directory), {
    code: 'DATA_DIR_IN_USE',
    message: new RegExp(`Process ${holder.pid} `),
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.ok(existsSync(join(directory, 'node.lock')));
  acquireLock(directory)();
});

test('a lock is stale when its number belongs to a process of another start, or to this one that never took it', (context) => {
  const directory = temporaryDirectory(context);
  const path = join(directory, 'node.lock');
  const stale = ['{"pid":1,"startedAt":"another boot/1"}', `{"pid":${process.pid},"startedAt":null}`, 'garbage', ''];
  for (const text of stale) {
    // Start times are known only where /proc is.
    if (text.includes('"pid":1,') && !existsSync('/proc/1/stat')) continue;
    writeFileSync(path, text);
    const release = acquireLock(directory);
    assert.match(readFileSync(path, 'utf8'), new RegExp(`"pid":${process.pid}`));
    release();
  }
});

test('a live process without a known start time holds its lock', (context) => {
  const directory = temporaryDirectory(context);
  writeFileSync(join(directory, 'node.lock'), `{"pid":${process.ppid},"startedAt":null}`);
  assert.throws(() => acquireLock(directory), { code: 'DATA_DIR_IN_USE' });
});

test('of several processes that start at once on a stale lock one gets it, and the others name it', async (context) => {
  const directory = temporaryDirectory(context);
  writeFileSync(join(directory, 'node.lock'), '{"pid":1,"startedAt":"another boot/1"}');
  const code = `process.stdin.once('data', () => import(${JSON.stringify(import.meta.resolve('../../src/adapters/lock-file.ts'))})
    .then(({ acquireLock }) => {
      try { acquireLock(${JSON.stringify(directory)}); console.log('won'); }
      catch ({ code, facts }) { console.log(code + ' ' + facts.pid); }
    }))`;
  const starters = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  context.after(() => starters.forEach((starter) => void starter.kill('SIGKILL')));
  const said = starters.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim());
  for (const { stdin } of starters) stdin.write('go');
  const texts = await Promise.all(said);
  const winner = starters[texts.indexOf('won')];
  assert.deepEqual(texts.toSorted(), [...Array(3).fill(`DATA_DIR_IN_USE ${winner?.pid}`), 'won']);
});
