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
