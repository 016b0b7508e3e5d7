import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runMutants } from '../src/index.ts';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));
const mutants = join(root, 'packages', 'simulator', 'mutants');

const patch = `Subject: the prevote goes to invalid blocks
--- a/packages/consensus/src/vote-keeper.ts
+++ b/packages/consensus/src/vote-keeper.ts
@@ -1,1 +1,2 @@
+throw new Error('this mutant does not even start');
 /**
`;

test('a mutant is killed with its seed; patches of another folder are taken; what does not apply is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'synod-patches-'));
  try {
    writeFileSync(join(folder, 'from-outside.patch'), patch);
    writeFileSync(
      join(folder, 'stale.mutant'),
      'title: x\nfile: packages/chain/src/index.ts\n<<<<\nnot there\n====\n\n>>>>\n',
    );
    const options = { root, seeds: { first: 1, last: 3 } };
    const [outside, stale] = runMutants({ ...options, folders: [folder] }, () => undefined);
    assert.equal(outside?.outcome, 'broken');
    assert.match(outside?.how ?? '', /does not even start/);
    assert.equal(stale?.outcome, 'broken');
    const [killed] = runMutants({ ...options, folders: [mutants], only: 'vote-not-synced' }, () => undefined);
    assert.equal(killed?.outcome, 'killed');
    assert.equal(killed?.seed, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('there are thirty mutants and more', () => {
  assert.ok(readdirSync(mutants).length >= 30);
});
