/** The file of questions that can be joined: it holds read keys, so its owner alone reads it; a spoilt one stops nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { StoredJoin } from '@synod/rpc';
import { joinFileOf } from '../../src/spending/join-file.ts';
import { id } from './chain-double.ts';

test('what is kept comes back, closed to others; what is spoilt is begun anew and said', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'synod-joins-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const warned: string[] = [];
  const log = {
    debug() {},
    info() {},
    warn: (_facts: object, message: string) => void warned.push(message),
    error() {},
  };
  const open = () => joinFileOf(home, log);
  assert.deepEqual(open().load(), []);
  const join1: StoredJoin = {
    key: 'key dev-1 abc',
    fingerprint: 'ab'.repeat(32),
    queryId: id(1),
    validUntil: 60,
    readKey: id('read key'),
    expiresAtMs: 1_000,
  };
  const kept = [join1, { ...join1, readKey: null }];
  open().save(kept);
  const file = join(home, 'chat-joins.json');
  assert.equal(statSync(file).mode & 0o077, 0);
  assert.deepEqual(open().load(), kept);
  for (const text of ['{', '{}', '[{"key":"x"}]', JSON.stringify([{ ...join1, queryId: '../x' }])]) {
    warned.length = 0;
    writeFileSync(file, text);
    assert.deepEqual(open().load(), [], text);
    assert.equal(warned.length, 1, text);
  }
});
