/** Damage to a log is the kind of damage that opening it finds. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWal } from '@synod/node/adapters';
import { removeLog, tearLog } from '../../src/chaos/damage-log.ts';

test('a torn log opens without its last record, a removed one empty', (context) => {
  const home = mkdtempSync(join(tmpdir(), 'synod-damage-'));
  context.after(() => rmSync(home, { recursive: true }));
  const directory = join(home, 'wal');
  const first = openWal({ directory });
  for (const text of ['one', 'two', 'three']) first.wal.append(Buffer.from(text));
  first.close();

  assert.equal(tearLog(home, 2), 2);
  const torn = openWal({ directory });
  assert.deepEqual(
    torn.records.map((record) => Buffer.from(record).toString()),
    ['one', 'two'],
  );
  assert.equal(torn.damage?.kind, 'tornTail');
  torn.close();

  assert.ok(tearLog(home, 1_000_000) > 0);
  assert.equal(tearLog(home, 10), 0);
  removeLog(home);
  assert.equal(existsSync(directory), false);
  const removed = openWal({ directory });
  assert.deepEqual(removed.records, []);
  removed.close();
});
