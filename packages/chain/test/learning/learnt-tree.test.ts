/** A tree that grows leaf by leaf is the plain RFC 6962 tree over all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendLeaf, EMPTY_LEARNT, learntRoot, merkleRoot } from '../../src/index.ts';
import { leafOf, passageBytes } from './play-round.ts';

test('after every leaf the root is that of the whole list, and the peaks are as many as bits of the size', () => {
  let tree = EMPTY_LEARNT;
  const leaves: Uint8Array[] = [];
  assert.equal(learntRoot(tree), merkleRoot([]));
  for (let number = 0; number < 130; number++) {
    tree = appendLeaf(tree, leafOf(number));
    leaves.push(passageBytes(number));
    assert.equal(learntRoot(tree), merkleRoot(leaves), `${number + 1} leaves`);
    assert.equal(tree.size, number + 1);
    assert.equal(tree.peaks.length, [...(number + 1).toString(2)].filter((bit) => bit === '1').length);
  }
});
