/** Snapshots: parts of a state add up to its root, each chunk is checked alone, and no byte can be changed (spec: snapshot). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createManifest,
  decodeChunk,
  decodeManifest,
  encodeChunk,
  encodeManifest,
  isManifestOf,
  measureChunks,
  openChunk,
  rootOfParts,
  type SnapshotManifest,
  StateTree,
  snapshotDepth,
  snapshotLimits,
} from '../../src/index.ts';

const entries = fc.uniqueArray(
  fc.record({ key: fc.string({ unit: 'grapheme', maxLength: 12 }), value: fc.uint8Array({ maxLength: 40 }) }),
  {
    maxLength: 60,
    selector: ({ key }) => key,
  },
);

function snapshotOf(state: StateTree, depth: number): { manifest: SnapshotManifest; chunks: readonly Uint8Array[] } {
  const chunks = Array.from({ length: 2 ** depth }, (_, index) => encodeChunk(state.part(depth, index)));
  const bytes = chunks.map(({ length }) => length);
  return { manifest: createManifest(state, { chainId: 'test', height: 9, depth, bytes }), chunks };
}

function measured(state: StateTree): readonly number[] {
  const measuring = measureChunks(state);
  for (;;) {
    const step = measuring.next();
    if (step.done === true) return step.value;
  }
}

test('at any depth the parts of any state add up to its root, and their chunks give the state back', () => {
  fc.assert(
    fc.property(entries, fc.integer({ min: 0, max: 8 }), (all, depth) => {
      const state = StateTree.fromEntries(all);
      const { manifest, chunks } = snapshotOf(state, depth);
      assert.equal(rootOfParts(manifest.chunks), state.root);
      const read = decodeManifest(encodeManifest(manifest));
      assert.deepEqual(read, { ok: true, value: manifest });
      const parts = chunks.map((bytes, index) => {
        const part = openChunk(bytes, { depth, index, root: manifest.chunks[index]! });
        assert.ok(part.ok);
        return part.value;
      });
      const again = StateTree.fromParts(parts);
      assert.equal(again.root, state.root);
      assert.deepEqual([...again.entries()], [...state.entries()]);
      assert.equal(
        again.update(new Map([['more', Uint8Array.of(1)]])).root,
        state.update(new Map([['more', Uint8Array.of(1)]])).root,
      );
    }),
    { numRuns: 150 },
  );
});

test('a chunk with any byte changed, cut or added is refused, and so is one in another place', () => {
  const state = StateTree.fromEntries(
    Array.from({ length: 40 }, (_, i) => ({ key: `key/${i}`, value: Uint8Array.of(i, 1, 2) })),
  );
  const { manifest, chunks } = snapshotOf(state, 2);
  const root = manifest.chunks[1]!;
  const bytes = chunks[1]!;
  const place = { depth: 2, index: 1, root };
  assert.ok(openChunk(bytes, place).ok);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const forged = bytes.slice();
      forged[at]! ^= change;
      assert.equal(openChunk(forged, place).ok, false);
      assert.equal(openChunk(bytes.slice(0, at), place).ok, false);
    }),
  );
  assert.equal(openChunk(new Uint8Array([...bytes, 0]), place).ok, false);
  assert.equal(openChunk(chunks[2]!, place).ok, false);
  assert.equal(openChunk(bytes, { ...place, index: 2 }).ok, false);
});

test('leaves in another order are refused', () => {
  const state = StateTree.fromEntries([
    { key: 'a', value: Uint8Array.of(1) },
    { key: 'b', value: Uint8Array.of(2) },
  ]);
  const bytes = encodeChunk(state.part(0, 0));
  const half = bytes.length / 2;
  const turned = new Uint8Array([...bytes.subarray(half), ...bytes.subarray(0, half)]);
  const { manifest } = snapshotOf(state, 0);
  assert.deepEqual(openChunk(turned, { depth: 0, index: 0, root: manifest.chunks[0]! }), {
    ok: false,
    reason: 'the leaves are not in order',
  });
});

test('a manifest that does not add up is refused before anything is fetched', () => {
  const state = StateTree.fromEntries(
    Array.from({ length: 30 }, (_, i) => ({ key: `key/${i}`, value: Uint8Array.of(i) })),
  );
  const { manifest } = snapshotOf(state, 3);
  const other = state.update(new Map([['key/0', Uint8Array.of(9)]]));
  const forgeries: Partial<SnapshotManifest>[] = [
    { stateRoot: other.root },
    { chunks: snapshotOf(other, 3).manifest.chunks },
    { chunks: manifest.chunks.slice(0, 7) },
    { chunks: manifest.chunks.toReversed() },
    { chunks: [{ ...manifest.chunks[0]!, leaves: 0 }, ...manifest.chunks.slice(1)] },
    { version: 2 },
    { depth: 2 },
  ];
  for (const change of forgeries) assert.equal(decodeManifest(encodeManifest({ ...manifest, ...change })).ok, false);
  const trusted = { chainId: 'test', height: 9, stateRoot: state.root };
  assert.ok(isManifestOf(manifest, trusted));
  assert.ok(!isManifestOf(manifest, { ...trusted, height: 10 }));
  assert.ok(!isManifestOf(manifest, { ...trusted, chainId: 'other' }));
  assert.ok(!isManifestOf(manifest, { ...trusted, stateRoot: other.root }));
});

test('arbitrary bytes are a verdict, never a throw', () => {
  const root = { hash: StateTree.empty().root, leaves: 0 };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeChunk(bytes);
      decodeManifest(bytes);
      openChunk(bytes, { depth: 3, index: 2, root });
    }),
    { numRuns: 5_000 },
  );
});

test('the depth is the smallest at which every chunk keeps the target, and lengths are measured right', () => {
  const value = new Uint8Array(60_000);
  const state = StateTree.fromEntries(Array.from({ length: 60 }, (_, i) => ({ key: `large/${i}`, value })));
  const { depth, bytes } = snapshotDepth(measured(state));
  assert.ok(depth > 0);
  const { chunks } = snapshotOf(state, depth);
  assert.deepEqual(
    bytes,
    chunks.map(({ length }) => length),
  );
  assert.ok(Math.max(...bytes) <= snapshotLimits.chunkBytesTarget);
  assert.ok(
    Math.max(...snapshotOf(state, depth - 1).manifest.chunks.map((chunk) => chunk.bytes)) >
      snapshotLimits.chunkBytesTarget,
  );
  assert.deepEqual(snapshotDepth(measured(StateTree.empty())), { depth: 0, bytes: [0] });
});
