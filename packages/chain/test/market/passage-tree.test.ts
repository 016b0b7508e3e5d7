/** The tree over an expert's passages: its root is the list tree's, its proofs are those the chain accepts (market §5.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merkleProof, merkleRoot, PassageTree, passageLeaf, verifyInclusion } from '../../src/index.ts';

const passagesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ text: `Fact ${i}.`, source: `Book ${i % 3} (public domain)` }));

test('root and every proof equal those of the list tree, for all small sizes', () => {
  for (let size = 0; size <= 17; size++) {
    const passages = passagesOf(size);
    const leaves = passages.map(passageLeaf);
    const tree = new PassageTree(passages);
    assert.equal(tree.root, merkleRoot(leaves));
    passages.forEach((passage, index) => {
      const proof = tree.proof(index, passage);
      assert.deepEqual(proof, merkleProof(leaves, index), `${index} of ${size}`);
      assert.ok(verifyInclusion({ leaf: passageLeaf(passage), index, size, proof: proof ?? [], root: tree.root }));
    });
  }
});

test('there is no proof of another text, another source or another place', () => {
  const passages = passagesOf(5);
  const tree = new PassageTree(passages);
  const [first] = passages as [{ text: string; source: string }];
  assert.equal(tree.proof(0, { ...first, text: 'Fact 0' }), null);
  assert.equal(tree.proof(0, { ...first, source: 'Book 1 (public domain)' }), null);
  for (const index of [1, 5, -1, 0.5, Number.NaN]) assert.equal(tree.proof(index, first), null);
});
