/** docs/reference/rpc.md is what the schemas say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { referencePage } from '../scripts/write-reference.ts';
import { everyMethod } from './fixture/golden.ts';

test('the reference is in step with the schemas and names every method', () => {
  const page = readFileSync(new URL('../../../docs/reference/rpc.md', import.meta.url), 'utf8');
  assert.ok(page === referencePage(), 'write it anew: node packages/rpc/scripts/write-reference.ts');
  for (const { name } of everyMethod) assert.ok(page.includes(`\n#### ${name}\n`), name);
});
