/** A block that was stored and not applied before a crash (consensus §1.9): its height is over, whatever peers still say about it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lab } from './lab.ts';

test('while a stored block is applied again nothing more is decided or signed at its height', () => {
  const lab = new Lab();
  const node = lab.nodes[0]!;
  const isStoredOnly = () => (node.store.latestHeight() ?? 0) === node.head.height + 1;
  lab.runUntil(() => lab.heightEverywhere() >= 3 && isStoredOnly(), 30_000);
  const { height } = node.head;
  node.crash();
  node.restart();
  assert.equal(node.head.height, height);
  assert.equal(node.host!.runner.height, height + 1);
  assert.equal(node.host!.runner.isDecided, true);
  lab.runUntil(() => lab.heightEverywhere() >= height + 3, 30_000);
});
