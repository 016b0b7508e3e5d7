/** Folders are made with what is above them, or refused at once. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectory } from '../../src/adapters/make-directory.ts';
import { temporaryDirectory } from './temporary.ts';

test('a folder is made with all above it, and once made is left as it is', (context) => {
  const path = join(temporaryDirectory(context), 'a', 'b', 'c');
  makeDirectory(path, 0o700);
  makeDirectory(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test("a file in the way is the system's error", (context) => {
  const file = join(temporaryDirectory(context), 'file');
  writeFileSync(file, '');
  assert.throws(() => makeDirectory(file), { code: 'EEXIST' });
  assert.throws(() => makeDirectory(join(file, 'below')), { code: 'ENOTDIR' });
});

test('below /proc, where nothing can be made, it ends with an error', { timeout: 20_000 }, async () => {
  if (!existsSync('/proc/self')) return;
  // In a process of its own: what is tested against is a loop that no timer interrupts.
  const code = `import(${JSON.stringify(import.meta.resolve('../../src/adapters/make-directory.ts'))})
    .then(({ makeDirectory }) => makeDirectory('/proc/synod/data')).catch(({ code }) => console.log(code))`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 15_000 });
  const [said] = await once(child.stdout, 'data');
  assert.equal(String(said).trim(), 'ENOENT');
  await once(child, 'exit');
});
