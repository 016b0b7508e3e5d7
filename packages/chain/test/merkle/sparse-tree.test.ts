/** The state tree: a map, one root per content, and proofs that hold for that content only (codec §13, §14). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hash, type StateProof, StateTree, sha256, toHex, verifyStateProof, ZERO_HASH } from '../../src/index.ts';

const key = fc.nat({ max: 60 }).map((n) => `k/${n}`);
const value = fc.uint8Array({ maxLength: 3 });
const batch = fc.array(fc.tuple(key, fc.option(value, { nil: null })), { maxLength: 25 });

/** What the tree must equal: a plain map with the same writes. */
function apply(model: Map<string, Uint8Array>, writes: ReadonlyMap<string, Uint8Array | null>): void {
  for (const [name, bytes] of writes) {
    if (bytes === null) model.delete(name);
    else model.set(name, bytes);
  }
}

const entriesOf = (model: ReadonlyMap<string, Uint8Array>) =>
  [...model].map(([name, bytes]) => ({ key: name, value: bytes }));

test('trees of none, one, two and three entries hash as specified', () => {
  assert.equal(StateTree.empty().root, ZERO_HASH);
  const leaf = (name: string, bytes: Uint8Array) =>
    sha256(Buffer.concat([Uint8Array.of(0), sha256(Buffer.from(name)), sha256(bytes)]));
  const one = StateTree.fromEntries([{ key: 'a', value: Uint8Array.of(1) }]);
  assert.equal(one.root, toHex(leaf('a', Uint8Array.of(1))));
  // SHA-256('a') starts with bits 1100, SHA-256('e') with 0011: they part at the root.
  const two = one.update(new Map([['e', Uint8Array.of(2)]]));
  const [left, right] = [leaf('e', Uint8Array.of(2)), leaf('a', Uint8Array.of(1))];
  assert.equal(two.root, toHex(sha256(Buffer.concat([Uint8Array.of(1), left, right]))));
  // 'a' (ca…) and 'c' (2e…), 'e' (3f…): c and e share the bits 001 and part at the fourth.
  const three = two.update(new Map([['c', Uint8Array.of(3)]]));
  const node = (a: Uint8Array, b: Uint8Array) => sha256(Buffer.concat([Uint8Array.of(1), a, b]));
  const empty = new Uint8Array(32);
  const parted = node(leaf('c', Uint8Array.of(3)), leaf('e', Uint8Array.of(2)));
  assert.equal(three.root, toHex(node(node(node(empty, parted), empty), right)));
});

test('after any batches it is the map with the same writes, and its root that of a rebuild in another order', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 5 }), (batches) => {
      const model = new Map<string, Uint8Array>();
      let tree = StateTree.empty();
      for (const pairs of batches) {
        const before = { tree, root: tree.root, size: tree.size };
        const writes = new Map(pairs);
        tree = tree.update(writes);
        apply(model, writes);
        assert.deepEqual([before.tree.root, before.tree.size], [before.root, before.size]);
        assert.equal(tree.update(new Map([...writes].reverse())).root, tree.root);
        assert.equal(StateTree.fromEntries(entriesOf(model).reverse()).root, tree.root);
      }
      assert.equal(tree.size, model.size);
      for (let n = 0; n <= 60; n++) assert.deepEqual(tree.get(`k/${n}`), model.get(`k/${n}`));
      const listed = [...tree.entries()];
      assert.deepEqual(new Map(listed.map((entry) => [entry.key, entry.value])), model);
      const hashes = listed.map((entry) => toHex(sha256(Buffer.from(entry.key))));
      assert.deepEqual(hashes, hashes.toSorted());
      assert.equal(tree.update(new Map(listed.map((entry) => [entry.key, null]))).root, ZERO_HASH);
    }),
    { numRuns: 60 },
  );
});

test('writing what is there and deleting what is not gives the same tree object', () => {
  const tree = StateTree.fromEntries(
    Array.from({ length: 30 }, (_, n) => ({ key: `k/${n}`, value: Uint8Array.of(n) })),
  );
  const same = tree.update(
    new Map<string, Uint8Array | null>([
      ['k/3', Uint8Array.of(3)],
      ['absent', null],
    ]),
  );
  assert.equal(same, tree);
});

test('every key, present or absent, has a proof of exactly that', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 40 }), (pairs) => {
      const model = new Map(pairs);
      const tree = StateTree.fromEntries(entriesOf(model));
      for (let n = 0; n <= 60; n++) {
        const proof = JSON.parse(JSON.stringify(tree.prove(`k/${n}`))) as StateProof;
        const proved = verifyStateProof({ root: tree.root, key: `k/${n}`, proof });
        assert.deepEqual(proved, { ok: true, value: model.get(`k/${n}`) ?? null });
      }
    }),
    { numRuns: 20 },
  );
});

test('both kinds of absence occur: an empty place and another leaf', () => {
  const tree = StateTree.fromEntries(
    Array.from({ length: 20 }, (_, n) => ({ key: `k/${n}`, value: Uint8Array.of(n) })),
  );
  const absent = Array.from({ length: 60 }, (_, n) => tree.prove(`absent/${n}`).leaf === null);
  assert.ok(absent.includes(true) && absent.includes(false));
});

const tree = StateTree.fromEntries(Array.from({ length: 40 }, (_, n) => ({ key: `k/${n}`, value: Uint8Array.of(n) })));
const refuses = (name: string, proof: unknown, root: Hash = tree.root) =>
  assert.equal(verifyStateProof({ root, key: name, proof: proof as StateProof }).ok, false, JSON.stringify(proof));

test('a tampered proof is refused: every sibling, the leaf, the value, the length, the root', () => {
  for (let n = 0; n < 80; n++) {
    const name = `k/${n}`;
    const proof = tree.prove(name);
    const flip = (hash: string) => ((hash[0] === '0' ? '1' : '0') + hash.slice(1)) as Hash;
    proof.siblings.forEach((sibling, at) => {
      refuses(name, { ...proof, siblings: proof.siblings.with(at, flip(sibling)) });
    });
    refuses(name, { ...proof, siblings: proof.siblings.slice(1) });
    refuses(name, { ...proof, siblings: proof.siblings.slice(0, -1) });
    refuses(name, { ...proof, siblings: [...proof.siblings, ZERO_HASH] });
    refuses(name, proof, ZERO_HASH);
    if (proof.leaf === null) continue;
    refuses(name, { ...proof, leaf: null });
    refuses(name, { ...proof, leaf: { ...proof.leaf, keyHash: flip(proof.leaf.keyHash) } });
    refuses(name, { ...proof, leaf: { ...proof.leaf, valueHash: flip(proof.leaf.valueHash) } });
    refuses(name, { ...proof, value: proof.value === null ? '00' : null });
    refuses(name, { ...proof, value: 'fefe' });
  }
});

test('the path of one key does not prove the absence of another', () => {
  let refused = 0;
  for (let n = 0; n < 40; n++) {
    for (let other = 40; other < 60; other++) {
      const proof = tree.prove(`k/${n}`);
      const verdict = verifyStateProof({ root: tree.root, key: `k/${other}`, proof: { ...proof, value: null } });
      const honest = tree.prove(`k/${other}`);
      // It may only pass where that leaf does stand on the other key's path.
      if (verdict.ok) assert.deepEqual(honest, { ...proof, value: null });
      else refused++;
    }
  }
  assert.ok(refused > 600);
});

test('an inner node cannot pass as a leaf nor a present key as absent by a shortened path', () => {
  for (let n = 0; n < 40; n++) {
    const proof = tree.prove(`k/${n}`);
    for (let cut = 0; cut < proof.siblings.length; cut++) {
      refuses(`k/${n}`, { siblings: proof.siblings.slice(0, cut), leaf: null, value: null });
      refuses(`k/${n}`, { ...proof, siblings: proof.siblings.slice(0, cut), value: null });
    }
  }
});

test('under a root that no tree has: a misplaced leaf and a path of 257 steps are refused', () => {
  const node = (...parts: Uint8Array[]) => sha256(Buffer.concat(parts));
  // 'a' (1100…) belongs right of the root; this root has it on the left, where the path of 'e' (0011…) ends.
  const [keyHash, valueHash] = [sha256(Buffer.from('a')), sha256(new Uint8Array(0))];
  const misplaced = node(Uint8Array.of(1), node(Uint8Array.of(0), keyHash, valueHash), new Uint8Array(32));
  const leaf = { keyHash: toHex(keyHash), valueHash: toHex(valueHash) };
  refuses('e', { siblings: [ZERO_HASH], leaf, value: null }, toHex(misplaced) as Hash);
  let deep: Uint8Array = new Uint8Array(32);
  const path = [...sha256(Buffer.from('e'))].flatMap((byte) => [...byte.toString(2).padStart(8, '0')]);
  for (const bit of [...path, '0'].reverse()) {
    deep =
      bit === '1' ? node(Uint8Array.of(1), new Uint8Array(32), deep) : node(Uint8Array.of(1), deep, new Uint8Array(32));
  }
  const siblings = Array.from({ length: 257 }, () => ZERO_HASH);
  refuses('e', { siblings, leaf: null, value: null }, toHex(deep) as Hash);
});

test('proofs of any shape are a verdict, never a throw', () => {
  const good = tree.prove('k/1');
  const shapes: unknown[] = [null, undefined, 1, 'x', [], {}, { ...good, siblings: 'x' }, { ...good, siblings: [1] }];
  shapes.push({ ...good, siblings: [''] }, { ...good, leaf: 1 }, { ...good, leaf: undefined }, { ...good, leaf: {} });
  shapes.push({ ...good, value: 1 }, { ...good, value: 'a' }, { ...good, value: 'zz' }, { ...good, value: undefined });
  shapes.push({ ...good, siblings: Array.from({ length: 257 }, () => ZERO_HASH) });
  for (const shape of shapes) refuses('k/1', shape);
});
