/** Log files of bounded size: what is kept, what is dropped, and that a full disk loses lines and says so. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { RotatingFile } from '../../src/operating/rotating-file.ts';
import { temporaryFolder } from './home.ts';

test('no line is lost or cut, no file passes its size, and no more files are kept than asked for', (t) => {
  const parent = temporaryFolder(t);
  let run = 0;
  const cases = fc.record({
    bytesMax: fc.integer({ min: 20, max: 200 }),
    keep: fc.integer({ min: 0, max: 3 }),
    lengths: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }),
    reopenAt: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(cases, ({ bytesMax, keep, lengths, reopenAt }) => {
      const file = join(parent, String(run++), 'node.log');
      let log = new RotatingFile({ file, bytesMax, keep });
      const lines = lengths.map((length, index) => `${index}:${'x'.repeat(length)}\n`);
      lines.forEach((line, index) => {
        // As a new start of the node does.
        if (index === reopenAt) {
          log.close();
          log = new RotatingFile({ file, bytesMax, keep });
        }
        log.write(line);
      });
      log.close();
      const names = readdirSync(join(file, '..'));
      assert.ok(names.length <= keep + 1);
      const longest = Math.max(0, ...lines.map(({ length }) => length));
      for (const name of names) assert.ok(statSync(join(file, '..', name)).size <= Math.max(bytesMax, longest));
      const numbers = names.map((name) => Number(name.replace(/^node\.log\.?/, '') || '0')).sort((a, b) => b - a);
      const kept = numbers.map((number) => readFileSync(number === 0 ? file : `${file}.${number}`, 'utf8')).join('');
      assert.ok(lines.join('').endsWith(kept), 'what is kept are the last lines, whole and in order');
      if (names.length < keep + 1) assert.equal(kept, lines.join(''));
    }),
    { numRuns: 150 },
  );
});

test('its owner alone reads it; what was moved away is left alone after a reopening', (t) => {
  const file = join(temporaryFolder(t), 'node.log');
  const log = new RotatingFile({ file, bytesMax: 1_000, keep: 1 });
  assert.equal(statSync(file).mode & 0o077, 0);
  log.write('one\n');
  renameSync(file, `${file}.mine`);
  log.write('two\n');
  log.reopen();
  log.write('three\n');
  log.close();
  assert.deepEqual([readFileSync(`${file}.mine`, 'utf8'), readFileSync(file, 'utf8')], ['one\ntwo\n', 'three\n']);
});

test('lines that cannot be written are lost, counted and told of, and nothing is thrown', (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'node.log');
  const log = new RotatingFile({ file, bytesMax: 10, keep: 1 });
  log.write('123456789\n');
  // The older file's place is taken by a folder with something in it: it cannot be set aside.
  mkdirSync(`${file}.1`);
  writeFileSync(join(`${file}.1`, 'x'), '');
  log.write('lost one\n');
  log.write('lost two\n');
  renameSync(join(`${file}.1`, 'x'), join(folder, 'x'));
  rmdirSync(`${file}.1`);
  log.write('written\n');
  log.close();
  const [told, line] = readFileSync(file, 'utf8').trim().split('\n');
  assert.deepEqual([JSON.parse(told!).lines, line], [2, 'written']);
});
