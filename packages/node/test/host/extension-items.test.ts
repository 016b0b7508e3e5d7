/** What of a validator's items goes into an extension that is bounded: scores first, then as many attestations as fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blobId, type ExtensionItem, encodeVoteExtension, ZERO_HASH } from '@synod/chain';
import { fittingItems } from '../../src/host/extension-items.ts';

const scores: readonly ExtensionItem[] = Array.from({ length: 10 }, (_, index) => ({
  kind: 'score.commit',
  queryId: blobId(Uint8Array.of(index)),
  commitment: ZERO_HASH,
}));
const attest: ExtensionItem = {
  kind: 'blob.attest',
  contents: Array.from({ length: 64 }, (_, index) => blobId(Uint8Array.of(index))),
};
const items = [...scores, attest];
const sizeOf = (some: readonly ExtensionItem[]): number => encodeVoteExtension({ items: some }).length;

test('everything goes in where there is room', () => {
  assert.deepEqual(fittingItems(items, sizeOf(items)), items);
});

test('attestations are shortened before any score is left out, and the bound holds at every length', () => {
  const one = { ...attest, contents: attest.contents.slice(0, 1) };
  for (let bytesMax = 4; bytesMax <= sizeOf(items); bytesMax += 97) {
    const fitting = fittingItems(items, bytesMax);
    assert.ok(sizeOf(fitting) <= Math.max(bytesMax, sizeOf([])), `${bytesMax}`);
    const attested = fitting.find(({ kind }) => kind === 'blob.attest');
    if (bytesMax >= sizeOf([...scores, one])) {
      assert.deepEqual(fitting.slice(0, 10), scores);
      assert.ok(attested?.kind === 'blob.attest');
      assert.deepEqual(attested.contents, attest.contents.slice(0, attested.contents.length));
      const more = { ...attest, contents: attest.contents.slice(0, attested.contents.length + 1) };
      if (attested.contents.length < 64) assert.ok(sizeOf([...scores, more]) > bytesMax, 'as many as fit');
    }
  }
});
