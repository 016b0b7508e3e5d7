/** The write-ahead log on a real disk: what survives tearing, flipping and crashing at every operation. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWal, WAL_LIMITS } from '../../src/adapters/wal-file.ts';
import { filesFailingAt, temporaryDirectory } from './temporary.ts';

const record = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const texts = (records: readonly Uint8Array[]): string[] => records.map((bytes) => Buffer.from(bytes).toString());

/** A log with these records, synced and closed; gives the path of its only segment. */
function written(directory: string, records: readonly string[]): string {
  const { wal, close } = openWal({ directory });
  for (const text of records) wal.append(record(text));
  wal.sync();
  close();
  const [name, ...others] = readdirSync(directory);
  assert.deepEqual(others, []);
  return join(directory, name!);
}

function flipBit(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset]! ^= 0x10;
  writeFileSync(path, bytes);
}

test('records come back in order, and later ones are added behind them', (context) => {
  const directory = temporaryDirectory(context);
  written(directory, ['one', 'two']);
  const again = openWal({ directory });
  assert.deepEqual(texts(again.records), ['one', 'two']);
  assert.equal(again.damage, null);
  again.wal.append(record('three'));
  again.close();
  const last = openWal({ directory });
  assert.deepEqual(texts(last.records), ['one', 'two', 'three']);
  last.close();
});

test('a sync makes what was appended visible to another reader, an append alone does not', (context) => {
  const directory = temporaryDirectory(context);
  const { wal, close } = openWal({ directory });
  const path = join(directory, readdirSync(directory)[0]!);
  wal.append(record('buffered'));
  assert.equal(readFileSync(path).length, 0);
  wal.sync();
  assert.ok(readFileSync(path).includes('buffered'));
  close();
});

test('a large record goes through the buffer unharmed', (context) => {
  const directory = temporaryDirectory(context);
  const { wal, close } = openWal({ directory });
  const large = new Uint8Array(WAL_LIMITS.bufferBytesMax + 17).fill(7);
  wal.append(record('small'));
  wal.append(large);
  wal.append(record('after'));
  close();
  const again = openWal({ directory });
  assert.deepEqual(
    again.records.map((bytes) => bytes.length),
    [5, large.length, 5],
  );
  assert.deepEqual(Buffer.from(again.records[1]!), Buffer.from(large));
  again.close();
});

test('consensus §1.8: a torn last record is cut at every possible place, and the log goes on', (context) => {
  const full = written(temporaryDirectory(context), ['first', 'second', 'the torn one']);
  const bytes = readFileSync(full);
  const kept = bytes.length - (8 + 'the torn one'.length);
  for (let length = kept + 1; length < bytes.length; length++) {
    const directory = temporaryDirectory(context);
    const path = written(directory, ['first', 'second', 'the torn one']);
    truncateSync(path, length);
    const opened = openWal({ directory });
    assert.deepEqual(texts(opened.records), ['first', 'second']);
    assert.deepEqual(opened.damage, { kind: 'tornTail', cutBytes: length - kept });
    opened.wal.append(record('next'));
    opened.close();
    const again = openWal({ directory });
    assert.deepEqual(texts(again.records), ['first', 'second', 'next']);
    assert.equal(again.damage, null);
    again.close();
  }
});

test('a bit flipped in the last record cuts it', (context) => {
  const directory = temporaryDirectory(context);
  const path = written(directory, ['first', 'second']);
  flipBit(path, readFileSync(path).length - 1);
  const opened = openWal({ directory });
  assert.deepEqual(texts(opened.records), ['first']);
  assert.equal(opened.damage?.kind, 'tornTail');
  opened.close();
});

test('consensus §1.8: a bit flipped anywhere in an earlier record is damage in the middle, never a cut', (context) => {
  const size = 8 + 'second'.length;
  for (let at = 0; at < size; at++) {
    const directory = temporaryDirectory(context);
    const path = written(directory, ['first', 'second', 'third']);
    const offset = 8 + 'first'.length;
    flipBit(path, offset + at);
    const opened = openWal({ directory });
    assert.deepEqual(texts(opened.records), ['first']);
    assert.equal(opened.damage?.kind, 'damagedMiddle');
    assert.equal(opened.damage?.kind === 'damagedMiddle' && opened.damage.offset, offset);
    opened.close();
  }
});

test('damage in the middle is reported again until the log is truncated', (context) => {
  const directory = temporaryDirectory(context);
  flipBit(written(directory, ['first', 'second', 'third']), 8);
  const observing = openWal({ directory });
  assert.equal(observing.damage?.kind, 'damagedMiddle');
  observing.wal.append(record('while observing'));
  observing.close();
  const again = openWal({ directory });
  assert.equal(again.damage?.kind, 'damagedMiddle');
  again.wal.truncate();
  again.wal.append(record('new height'));
  again.close();
  const clean = openWal({ directory });
  assert.equal(clean.damage, null);
  assert.deepEqual(texts(clean.records), ['new height']);
  clean.close();
});

test('bytes inside a record that look like a record are not taken for one', (context) => {
  const inner = readFileSync(written(temporaryDirectory(context), ['forged']));
  const directory = temporaryDirectory(context);
  const { wal, close } = openWal({ directory });
  wal.append(record('first'));
  wal.append(new Uint8Array(inner));
  close();
  const path = join(directory, readdirSync(directory)[0]!);
  // The outer record tears in its header; the whole record of another place inside it must not count.
  flipBit(path, 8 + 'first'.length + 4);
  const opened = openWal({ directory });
  assert.equal(opened.damage?.kind, 'tornTail');
  assert.deepEqual(texts(opened.records), ['first']);
  opened.close();
});

test('truncate forgets what came before, on disk too', (context) => {
  const directory = temporaryDirectory(context);
  const { wal, close } = openWal({ directory });
  wal.append(record('old height'));
  wal.sync();
  wal.append(record('never synced'));
  wal.truncate();
  assert.equal(readdirSync(directory).length, 1);
  wal.append(record('new height'));
  close();
  const again = openWal({ directory });
  assert.deepEqual(texts(again.records), ['new height']);
  again.close();
});

test('a crash at every operation of truncate leaves the old records or none, never a part', (context) => {
  const outcomes = new Set<string>();
  for (let failAt = 0; ; failAt++) {
    const directory = temporaryDirectory(context);
    written(directory, ['a', 'b', 'c']);
    // Opening itself uses one counted operation: the descriptor for appending.
    const files = filesFailingAt(failAt + 1);
    const { wal } = openWal({ directory, files });
    let crashed = false;
    try {
      wal.truncate();
    } catch {
      crashed = true;
    }
    const after = openWal({ directory });
    outcomes.add(texts(after.records).join(','));
    assert.equal(after.damage, null);
    after.close();
    if (!crashed) {
      assert.deepEqual(texts(after.records), []);
      break;
    }
  }
  assert.deepEqual([...outcomes].sort(), ['', 'a,b,c']);
});

test('a failed write throws WAL_WRITE_FAILED, and so does every later call', (context) => {
  const directory = temporaryDirectory(context);
  for (const call of ['writeSync', 'fdatasyncSync'] as const) {
    const probe = filesFailingAt(Number.POSITIVE_INFINITY);
    const first = openWal({ directory: join(directory, `probe-${call}`), files: probe });
    first.wal.append(record('x'));
    first.wal.sync();
    first.close();
    const failAt = probe.calls.indexOf(call);
    const opened = openWal({ directory: join(directory, call), files: filesFailingAt(failAt) });
    opened.wal.append(record('x'));
    assert.throws(() => opened.wal.sync(), { name: 'SynodError', code: 'WAL_WRITE_FAILED' });
    assert.throws(() => opened.wal.append(record('y')), { code: 'WAL_WRITE_FAILED' });
    assert.throws(() => opened.wal.truncate(), { code: 'WAL_WRITE_FAILED' });
  }
});

test('a directory that cannot be used is an error with a next step', (context) => {
  const path = join(temporaryDirectory(context), 'file');
  writeFileSync(path, '');
  assert.throws(() => openWal({ directory: path }), { name: 'SynodError', code: 'WAL_READ_FAILED' });
});
