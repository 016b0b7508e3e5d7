/** Network namespaces of a chaos run: what a cut loses, what it leaves, and peers that find one another without addresses. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { namespacesRefusal, UNSHARE } from '../../src/chaos/entering.ts';

const run = promisify(execFile);
const INSIDE = fileURLToPath(new URL('./in-namespaces.ts', import.meta.url));

async function inside(mode: string): Promise<Record<string, unknown>> {
  const { stdout } = await run('unshare', [...UNSHARE, '--', process.execPath, INSIDE, mode]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const refusal = namespacesRefusal();
if (refusal !== null) console.log(`namespaces are not tested: this system refuses them (${refusal})`);
else {
  test('a cut is silence in both directions, to the others alone, until it is healed', {
    timeout: 60_000,
  }, async () => {
    const { before, during, outside, after } = await inside('cut');
    assert.deepEqual(before, Array(5).fill('here'));
    assert.deepEqual(during, ['silence', 'silence', 'silence', 'silence', 'here']);
    assert.equal(outside, 'here');
    assert.deepEqual(after, before);
  });

  test('validators on one LAN that know no address find one another and decide', { timeout: 180_000 }, async () => {
    assert.deepEqual(await inside('multicast'), { isReached: true });
  });
}
