/** How much of the disk a home takes: every part by itself, nested folders included, what is not there as 0, and not looked at at every asking. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HomeStorage } from '../../src/adapters/home-storage.ts';
import { temporaryDirectory } from './temporary.ts';

test('bytes by part, and a second look only after a while', async (context) => {
  const home = temporaryDirectory(context);
  let nowMs = 0;
  const storage = new HomeStorage(home, () => nowMs);
  mkdirSync(join(home, 'chain'));
  mkdirSync(join(home, 'snapshots', '100'), { recursive: true });
  writeFileSync(join(home, 'chain', '000001.ldb'), Buffer.alloc(300));
  writeFileSync(join(home, 'snapshots', '100', 'chunk'), Buffer.alloc(50));
  writeFileSync(join(home, 'keys.json'), Buffer.alloc(999));
  const { bytes, freeBytes } = await storage.report();
  assert.deepEqual(bytes, { chain: 300, wal: 0, snapshots: 50, blobs: 0, versions: 0, library: 0 });
  assert.ok(freeBytes > 0);

  writeFileSync(join(home, 'chain', '000002.ldb'), Buffer.alloc(11));
  assert.equal((await storage.report()).bytes.chain, 300);
  nowMs += 30_000;
  assert.equal((await storage.report()).bytes.chain, 311);
});
