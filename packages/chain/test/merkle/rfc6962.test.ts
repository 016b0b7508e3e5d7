/** List trees against outside vectors, RFC 6962's definition and every small size (codec §11). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hash } from '../../src/index.ts';
import * as chain from '../../src/index.ts';
import { readVectors } from '../crypto/read-vectors.ts';

const hexOf = (base64: string): Hash => Buffer.from(base64, 'base64').toString('hex') as Hash;

test('transparency-dev inclusion vectors: 98 verdicts', () => {
  type Row = {
    leafHash: string;
    leafIdx: number;
    treeSize: number;
    proof: string[] | null;
    root: string;
    wantErr: boolean;
  };
  const vectors = readVectors<Record<string, Row>>('merkle/inclusion.json');
  if (vectors === null) return;
  const names = Object.keys(vectors);
  for (const name of names) {
    const { leafHash, leafIdx, treeSize, proof, root, wantErr } = vectors[name] as Row;
    const claim = { index: leafIdx, size: treeSize, proof: (proof ?? []).map(hexOf), root: hexOf(root) };
    assert.equal(chain.verifyInclusion({ ...claim, leafHash: hexOf(leafHash) }), !wantErr, name);
  }
  assert.equal(names.length, 98);
});

const leavesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Uint8Array.of(i, 0xaa));

/** RFC 6962 §2.1, word for word: split at the largest power of two below n. */
function definition(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return chain.sha256(new Uint8Array(0));
  if (leaves.length === 1) return chain.sha256(Buffer.concat([Uint8Array.of(0), leaves[0] as Uint8Array]));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const halves = [definition(leaves.slice(0, split)), definition(leaves.slice(split))];
  return chain.sha256(Buffer.concat([Uint8Array.of(1), ...halves]));
}

test('roots are those of the definition, for 0 to 40 leaves', () => {
  for (let count = 0; count <= 40; count++) {
    assert.equal(chain.merkleRoot(leavesOf(count)), chain.toHex(definition(leavesOf(count))), `${count} leaves`);
  }
  assert.equal(chain.merkleRoot([]), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('every leaf of every size up to 20 has a proof, and it proves nothing else', () => {
  for (let size = 1; size <= 20; size++) {
    const leaves = leavesOf(size);
    const root = chain.merkleRoot(leaves);
    for (let index = 0; index < size; index++) {
      const leaf = leaves[index] as Uint8Array;
      const claim = { leaf, index, size, proof: chain.merkleProof(leaves, index), root };
      assert.ok(chain.verifyInclusion(claim), `${index} of ${size}`);
      assert.ok(chain.verifyInclusion({ ...claim, leafHash: chain.merkleLeafHash(leaf) }));
      for (let other = 0; other < size; other++) {
        if (other !== index) assert.ok(!chain.verifyInclusion({ ...claim, index: other }), `${index} as ${other}`);
      }
      assert.ok(!chain.verifyInclusion({ ...claim, leaf: Uint8Array.of(99) }));
      assert.ok(!chain.verifyInclusion({ ...claim, proof: [...claim.proof, chain.ZERO_HASH] }));
      if (claim.proof.length > 0) assert.ok(!chain.verifyInclusion({ ...claim, proof: claim.proof.slice(1) }));
    }
  }
});

test('malformed claims are a false, a leaf that is not there an error', () => {
  const leaf = Uint8Array.of(1);
  const claim = { leaf, index: 0, size: 1, proof: [], root: chain.merkleRoot([leaf]) };
  assert.ok(chain.verifyInclusion(claim));
  for (const index of [-1, 1, 0.5, Number.NaN, 2 ** 64]) assert.ok(!chain.verifyInclusion({ ...claim, index }));
  for (const size of [0, -1, 2, 2 ** 64, Number.NaN]) assert.ok(!chain.verifyInclusion({ ...claim, size }));
  assert.ok(!chain.verifyInclusion({ ...claim, root: 'xy' as Hash }));
  assert.throws(() => chain.merkleProof([leaf], 1), RangeError);
});

test('a proof longer than the tree is high is refused even where its hashes lead to the root', () => {
  const leaf = Uint8Array.of(1);
  const node = chain.fromHex(chain.merkleLeafHash(leaf));
  const root = chain.toHex(chain.sha256(Buffer.concat([Uint8Array.of(1), new Uint8Array(32), node]))) as Hash;
  assert.ok(!chain.verifyInclusion({ leaf, index: 0, size: 1, proof: [chain.ZERO_HASH], root }));
});

test('a proof in a tree of 2⁴⁰ leaves: positions above 32 bits are halved, not cut', () => {
  const levels = 40;
  const index = 2 ** 40 - 2 ** 35 - 3;
  const leaf = Uint8Array.of(5);
  const proof = Array.from({ length: levels }, (_, level) => chain.taggedHash('level', Uint8Array.of(level)));
  let node = chain.fromHex(chain.merkleLeafHash(leaf));
  for (const [level, sibling] of proof.entries()) {
    const pair = [node, chain.fromHex(sibling)];
    if (Math.floor(index / 2 ** level) % 2 === 1) pair.reverse();
    node = chain.sha256(Buffer.concat([Uint8Array.of(1), ...pair]));
  }
  assert.ok(chain.verifyInclusion({ leaf, index, size: 2 ** 40, proof, root: chain.toHex(node) as Hash }));
});
