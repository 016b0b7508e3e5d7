/** Every error that the troubleshooting page names can be thrown by the code. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../e2e/devnet-process.ts';

test('every error on the page is one of the code', () => {
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const names = rows.flatMap((row) => row.split('|')[1]!.match(/[A-Z_]{4,}/g) ?? []);
  assert.ok(names.length > 25);
  const code = globSync('packages/*/src/**/*.ts', { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  assert.deepEqual(
    names.filter((name) => !code.includes(`'${name}'`)),
    [],
  );
});
