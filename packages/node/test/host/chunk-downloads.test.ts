/** Whose turn it is to give a chunk of a snapshot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkDownloads } from '../../src/host/chunk-downloads.ts';
import { limits } from '../../src/host/limits.ts';

test('peers that offer a snapshot and give no chunk do not keep out the one that does, however many come first', () => {
  for (const silent of [8, 24, 100]) {
    const downloads = new ChunkDownloads(Array.from({ length: 200 }, (_, index) => index));
    const sources = [...Array.from({ length: silent }, (_, index) => `silent ${index}`), 'honest'];
    let nowMs = 0;
    for (; !downloads.isDone && nowMs < 600_000; nowMs += limits.restoreTickMs) {
      downloads.expire(nowMs);
      for (let asked = true; asked; ) {
        asked = false;
        for (const { peer, index } of downloads.plan(sources, nowMs)) {
          if (peer !== 'honest' || !downloads.take(peer, index)) continue;
          downloads.done(peer, index);
          asked = true;
        }
      }
    }
    assert.ok(nowMs <= (silent / limits.restoreFlights + 3) * limits.restoreTimeoutMs, `${silent} silent: ${nowMs} ms`);
  }
});

test('all who offer are asked, and one that gives goes before those not tried yet', () => {
  const downloads = new ChunkDownloads([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const first = downloads.plan(['a', 'b', 'c'], 0);
  assert.deepEqual(
    first.map(({ peer }) => peer),
    ['a', 'b', 'c', 'a', 'b', 'c'],
  );
  for (const { peer, index } of first) {
    downloads.take(peer, index);
    if (peer === 'b') downloads.done(peer, index);
  }
  assert.deepEqual(downloads.fruitless(), ['a', 'c']);
  const again = downloads.plan(['a', 'b', 'c'], 0).map(({ peer }) => peer);
  assert.deepEqual(again, ['b', 'b', 'a', 'c']);
});
