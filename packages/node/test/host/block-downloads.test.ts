/** Which blocks are asked of whom while a node is behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExtendedCommit, Hash } from '@synod/chain';
import { BlockDownloads } from '../../src/host/block-downloads.ts';
import { limits } from '../../src/host/limits.ts';

const source = (id: string, height: number) => ({ id, height });
const waiting = (height: number, from: string, size = 1) => {
  const decoded: ExtendedCommit = { height, round: 0, blockId: '00'.repeat(32) as Hash, precommits: [] };
  return { block: new Uint8Array(size), commit: new Uint8Array(0), decoded, from };
};

test('ranges go to all peers in parallel, without overlap, and each peer has at most its share', () => {
  const downloads = new BlockDownloads();
  const planned = downloads.plan(1, [source('a', 10_000), source('b', 10_000), source('c', 10_000)], 0);
  assert.equal(planned.length, 3 * limits.syncFlightsPerPeer);
  planned.forEach(({ from, count }, index) => {
    assert.deepEqual([from, count], [1 + index * limits.syncRangeBlocks, limits.syncRangeBlocks]);
  });
  for (const id of ['a', 'b', 'c']) {
    assert.equal(planned.filter(({ peer }) => peer === id).length, limits.syncFlightsPerPeer);
  }
  assert.deepEqual(downloads.plan(1, [source('a', 10_000)], 0), [], 'nothing more while these are in flight');
});

test('a peer is asked only for blocks below the height it decides', () => {
  const downloads = new BlockDownloads();
  const planned = downloads.plan(5, [source('a', 8), source('b', 6)], 0);
  assert.deepEqual(
    planned.map(({ peer, from, count }) => [peer, from, count]),
    [['a', 5, 3]],
  );
});

test('what is late goes to another peer, and the late one is asked last', () => {
  const downloads = new BlockDownloads();
  downloads.plan(1, [source('slow', 15)], 0);
  assert.deepEqual(downloads.expire(limits.syncTimeoutMs - 1), []);
  assert.deepEqual(downloads.expire(limits.syncTimeoutMs), ['slow']);
  const again = downloads.plan(1, [source('slow', 15), source('other', 15)], limits.syncTimeoutMs);
  assert.deepEqual(
    again.map(({ peer }) => peer),
    ['other'],
  );
});

test('blocks of a peer that lied are thrown away and asked for again', () => {
  const downloads = new BlockDownloads();
  for (const height of [1, 2]) downloads.add(waiting(height, 'liar'));
  downloads.add(waiting(3, 'honest'));
  assert.equal(downloads.run(1, 16).length, 3);
  downloads.discard('liar');
  assert.deepEqual(downloads.run(1, 16), []);
  const planned = downloads.plan(1, [source('honest', 4)], 0);
  assert.deepEqual([planned[0]?.from, planned[0]?.count], [1, 2]);
});

test('no more is asked for while too much waits, nor beyond the window', () => {
  const full = new BlockDownloads();
  full.add(waiting(2, 'a', limits.syncWaitingBytes));
  assert.deepEqual(full.plan(1, [source('a', 100)], 0), []);
  full.dropBelow(3);
  assert.equal(full.plan(3, [source('a', 100)], 0).length, limits.syncFlightsPerPeer);
  const window = new BlockDownloads();
  const many = Array.from({ length: 50 }, (_, index) => source(`peer ${index}`, 1_000_000));
  const planned = window.plan(1, many, 0);
  assert.equal(planned.length, limits.syncFlights);
  for (let height = 1; height <= limits.syncWindowBlocks; height++) window.add(waiting(height, 'a'));
  const beyond = new BlockDownloads();
  for (let height = 1; height <= limits.syncWindowBlocks; height++) beyond.add(waiting(height, 'a'));
  assert.deepEqual(beyond.plan(1, many, 0), []);
});

test('who has nothing or too much to do is not asked again before its time, not even when there is nobody else', () => {
  const downloads = new BlockDownloads();
  assert.equal(downloads.plan(1, [source('a', 100)], 0).length, limits.syncFlightsPerPeer);
  downloads.release('a', 500);
  assert.deepEqual(downloads.plan(1, [source('a', 100)], 499), []);
  assert.equal(downloads.plan(1, [source('a', 100)], 500).length, limits.syncFlightsPerPeer);
});

/** Virtual milliseconds until an honest peer among silent ones, which came first, has given so many blocks; silent ones that were expired. */
function timeWith(silent: number, blocks: number, { isChurning = false } = {}): number {
  const downloads = new BlockDownloads();
  let generation = 0;
  let next = 1;
  for (let nowMs = 0; nowMs < 600_000; nowMs += limits.statusIntervalMs) {
    const late = downloads.expire(nowMs);
    if (isChurning && late.length > 0) {
      for (let index = 0; index < silent; index++) downloads.forget(`silent ${generation}/${index}`);
      generation++;
    }
    const liars = Array.from({ length: silent }, (_, index) => source(`silent ${generation}/${index}`, 100_000));
    // Answers come at once, so the honest peer is asked as often as it may be.
    for (let asked = true; asked; ) {
      asked = false;
      const sources = isChurning ? [source('honest', 100_000), ...liars] : [...liars, source('honest', 100_000)];
      for (const { peer, from, count } of downloads.plan(next, sources, nowMs)) {
        if (peer !== 'honest' || downloads.take(peer, from) === null) continue;
        asked = true;
        for (let height = from; height < from + count; height++) downloads.add(waiting(height, peer));
      }
      next += downloads.run(next, 2_000).length;
      downloads.dropBelow(next);
    }
    if (next > blocks) return nowMs;
  }
  return Number.POSITIVE_INFINITY;
}

test('peers that say they are ahead and answer nothing do not keep the honest one from being asked, however many come first', () => {
  for (const silent of [8, 24, 200]) {
    const tookMs = timeWith(silent, 2_000);
    assert.ok(tookMs <= (silent / limits.syncFlights + 4) * limits.syncTimeoutMs, `${silent} silent: ${tookMs} ms`);
  }
  assert.ok(timeWith(24, 2_000, { isChurning: true }) <= 20_000, 'nor when they leave and others come');
});
