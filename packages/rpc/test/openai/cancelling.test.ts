/** How many queries wait for their client to come back: what is beyond the bound runs to its end, and room that is left is used again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash } from '@synod/chain';
import { createCancelDesk } from '../../src/openai/cancelling.ts';
import { createMemoryNode } from '../fixture/memory-node.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

test('no more queries wait to be ended than the bound says', async (t) => {
  const node = createMemoryNode();
  node.script = 'manual';
  const desk = createCancelDesk({ api: node.api, log, pendingMax: 1 });
  t.after(() => desk.close());
  const leave = (queryId: Hash) => desk.cancel(queryId, { delayMs: 0, isWanted: () => true, terms: {} });
  const ids: Hash[] = [];
  for (const prompt of ['first', 'second', 'third']) {
    const { queryId } = await node.api.openQuery({ prompt });
    node.push(queryId, { kind: 'opened', queryId, height: 1 });
    ids.push(queryId);
  }
  const [first, second, third] = ids as [Hash, Hash, Hash];
  const until = async (count: number) => {
    while (node.cancelled.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  leave(first);
  leave(second);
  await until(1);
  // The first one's place is free again a moment after it was ended.
  await new Promise((resolve) => setImmediate(resolve));
  leave(third);
  await until(2);
  assert.deepEqual(node.cancelled, [first, third]);
});
