/** The simulated disk's ways to fail: crashes around a write, batches written whole or not at all, no space left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredBlock } from '@synod/node/host';
import { castOf } from '../src/cast.ts';
import { CrashSignal, Disk, type DiskListener } from '../src/disk.ts';
import { type DiskOperation, FaultCounts } from '../src/fault-counts.ts';
import { Prng } from '../src/prng.ts';

type Bench = { readonly disk: Disk; readonly counts: FaultCounts; readonly told: string[]; run(): void };

/** A disk whose delayed steps wait for `run`, and what it tells its process. */
function bench(): Bench {
  const counts = new FaultCounts();
  const disk = new Disk({ prng: new Prng(1, 'disk'), counts, genesis: castOf(4, false).state });
  const [later, told]: [(() => void)[], string[]] = [[], []];
  const listener: DiskListener = {
    after: (_, run) => void later.push(run),
    blockStored: (height) => void told.push(`block ${height}`),
    stateStored: (height) => void told.push(`state ${height}`),
    localStored: (key) => void told.push(`local ${key}`),
    failed: ({ code }) => void told.push(code),
  };
  disk.attach(listener);
  const run = () => {
    for (let step = later.shift(); step !== undefined; step = later.shift()) step();
  };
  return { disk, counts, told, run };
}

function stepAt(height: number) {
  const hash = `${height}`.padStart(64, '0') as StoredBlock['hash'];
  const block: StoredBlock = { height, hash, block: Uint8Array.of(height), commit: Uint8Array.of(1) };
  const writes = new Map([['key', Uint8Array.of(height)]]);
  const [results, events] = [Uint8Array.of(1), Uint8Array.of(2)];
  const change = { height, stateRoot: hash, writes, results, events, transactionIds: [], queryIds: [] };
  return { block, change };
}

function crashesAt({ disk, counts, run }: Bench, operation: DiskOperation, when: 'before' | 'after'): void {
  assert.throws(run, CrashSignal);
  assert.deepEqual(counts.entries(), [[`crash.${operation}.${when}`, 1]]);
  disk.crash();
}

test('a crash before a run of blocks is stored leaves none of them, a crash after it all', () => {
  for (const when of ['before', 'after'] as const) {
    const one = bench();
    one.disk.plan = { operation: 'saveApplied', when, countdown: 0 };
    one.disk.store.saveApplied?.([stepAt(1), stepAt(2), stepAt(3)]);
    assert.throws(one.run, CrashSignal);
    assert.deepEqual(one.counts.entries(), [[`crash.saveApplied.${when}`, 1]]);
    const heights = [1, 2, 3].filter((height) => one.disk.hasBlock(height));
    assert.deepEqual(heights, when === 'before' ? [] : [1, 2, 3]);
    assert.equal(one.disk.applied?.height, when === 'before' ? undefined : 3);
    assert.deepEqual(one.told, [], 'nobody hears of it');
  }
});

test('a crash around a note keeps its completion from the process', () => {
  for (const when of ['before', 'after'] as const) {
    const one = bench();
    one.disk.plan = { operation: 'putLocal', when, countdown: 0 };
    one.disk.store.putLocal('answer', Uint8Array.of(7));
    crashesAt(one, 'putLocal', when);
    assert.deepEqual(one.told, []);
    if (when === 'after') assert.deepEqual(one.disk.store.getLocal('answer'), Uint8Array.of(7));
  }
});

test('a plan lets as many operations pass as it says', () => {
  const one = bench();
  one.disk.plan = { operation: 'saveBlock', when: 'after', countdown: 1 };
  one.disk.store.saveBlock(stepAt(1).block);
  one.disk.store.saveBlock(stepAt(2).block);
  crashesAt(one, 'saveBlock', 'after');
  assert.deepEqual(one.told, ['block 1']);
});

test('without space the log throws, the database says so, the sign state refuses', () => {
  const { disk, counts, told, run } = bench();
  disk.isFull = true;
  assert.throws(() => disk.wal.append(Uint8Array.of(1)), { code: 'DISK_FULL' });
  disk.store.putLocal('answer', Uint8Array.of(7));
  run();
  assert.deepEqual(told, ['DISK_FULL']);
  assert.equal(disk.store.getLocal('answer'), null);
  assert.throws(() => disk.saveSignState({} as never, null), /no space left/);
  assert.equal(disk.signState, null);
  assert.deepEqual(counts.entries(), [['diskFull', 3]]);
});
