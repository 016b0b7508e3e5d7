/** Files of keys and books on disks that are full or write in parts, and as editors of other systems leave them. */
import assert from 'node:assert/strict';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSecretJson, createWhole, readJson, writeJsonAtomic } from '../../src/files/write-file.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-write-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A disk that takes so many bytes at a call, and so many in all. */
function disk(t: TestContext, { perCall, left }: { perCall: number; left: number }): void {
  const { writeSync } = fs;
  let free = left;
  const partly = (descriptor: number, bytes: Uint8Array, at: number) => {
    if (free <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const written = writeSync(descriptor, bytes, at, Math.min(perCall, free, bytes.length - at));
    free -= written;
    return written;
  };
  t.mock.method(fs, 'writeSync', partly as typeof fs.writeSync);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

const value = { words: 'x'.repeat(100) };

test('a disk that writes in parts gets the whole file', (t) => {
  const folder = folderOf(t);
  disk(t, { perCall: 7, left: 10_000 });
  writeJsonAtomic(join(folder, 'books.json'), value, 'secret');
  createSecretJson(join(folder, 'key.json'), value);
  for (const name of ['books.json', 'key.json']) {
    assert.deepEqual(JSON.parse(readFileSync(join(folder, name), 'utf8')), value);
    assert.equal(statSync(join(folder, name)).mode & 0o077, 0);
  }
  assert.deepEqual(readdirSync(folder).sort(), ['books.json', 'key.json']);
});

test('a full disk leaves the old file and no part of a new one, and is named with the file', (t) => {
  const folder = folderOf(t);
  const books = join(folder, 'books.json');
  writeJsonAtomic(books, { old: true });
  disk(t, { perCall: 7, left: 20 });
  assert.throws(() => writeJsonAtomic(books, value), { code: 'ENOSPC' });
  for (const write of [createSecretJson, (file: string) => createWhole(file, Buffer.alloc(90))]) {
    const file = join(folder, 'new');
    assert.throws(() => write(file, value), { code: 'ENOSPC', path: file });
  }
  assert.deepEqual(readdirSync(folder), ['books.json']);
  assert.deepEqual(readJson(books, ''), { old: true });
});

test('a byte order mark and CRLF in a JSON file are passed over; what is no JSON is refused with what to do', (t) => {
  const file = join(folderOf(t), 'node.json');
  writeFileSync(file, '\uFEFF{\r\n  "name": "one"\r\n}\r\n');
  assert.deepEqual(readJson(file, ''), { name: 'one' });
  writeFileSync(file, '\uFEFF\uFEFF{}');
  assert.throws(() => readJson(file, 'Do this.'), {
    code: 'FILE_DAMAGED',
    message: /cannot be read as JSON\. Do this\./,
  });
});
