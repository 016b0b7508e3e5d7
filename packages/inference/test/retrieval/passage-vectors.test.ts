import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openVectorStore, type StoredVector, storedCosine } from '../../src/knowledge/vector-store.ts';
import { createPassageVectors } from '../../src/retrieval/passage-vectors.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { wordEmbedder } from '../knowledge/fixture.ts';

const { embed } = wordEmbedder();
const PLACES = ['harbour', 'market', 'bridge', 'castle', 'river', 'forest', 'island', 'tower', 'mill', 'square'];
const texts = PLACES.flatMap((one) => PLACES.map((other) => `The ${one} lies beside the ${other}.`));

test('the nearest are those of all that have a vector, greatest cosine first, of equals the earlier', async () => {
  const store = await openVectorStore({ file: null, embed }, undisturbed);
  const vectors = createPassageVectors(texts, store);
  const [question] = await embed(['Which tower lies beside a river?']);
  assert.deepEqual(vectors.nearest(question!, 8), []);
  await store.fill(
    texts.filter((_, i) => i % 3 !== 0),
    undisturbed,
  );
  const expected = (max: number) =>
    texts
      .map((text, index) => ({ index, stored: store.get(text) }))
      .filter((one): one is { index: number; stored: StoredVector } => one.stored !== undefined)
      .map(({ index, stored }) => ({ index, cosine: storedCosine(question!, stored) }))
      .toSorted((a, b) => b.cosine - a.cosine || a.index - b.index)
      .slice(0, max)
      .map(({ index }) => index);
  assert.equal(vectors.get(0), undefined);
  assert.deepEqual(vectors.nearest(question!, 8), expected(8));
  await store.fill(texts, undisturbed);
  assert.deepEqual(vectors.nearest(question!, 8), expected(8));
  assert.deepEqual(vectors.nearest(question!, 500), expected(500));
  assert.equal(vectors.nearest(question!, 500).length, texts.length);
  assert.equal(vectors.get(7), store.get(texts[7]!));
});

test('a cosine counts every dimension, also where their number does not divide by four', () => {
  const vector = Float32Array.of(0.5, -0.25, 0.125, 1, 2, -1, 0.75);
  const stored = { scale: 0.01, bytes: Int8Array.of(100, -100, 50, 1, 7, -127, 8) };
  const product = 50 + 25 + 6.25 + 1 + 14 + 127 + 6;
  assert.ok(Math.abs(storedCosine(vector, stored) - product * 0.01) < 1e-12);
});
