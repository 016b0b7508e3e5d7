/** One contract, run on LevelDB and in memory: what a store promises the host and the RPC. */

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Hash } from '@synod/chain';
import { openStore } from '../../src/adapters/level-store.ts';
import { type MemoryStoreData, openMemoryStore } from '../../src/adapters/memory-store.ts';
import type { OpenedStore } from '../../src/adapters/node-store.ts';
import type { HostInput, StateChange, StoredBlock } from '../../src/host/ports.ts';
import { temporaryDirectory } from './temporary.ts';

/** Opens the same storage again and again; `inputs` collects the completions. */
type Storage = { open(inputs: HostInput[]): Promise<OpenedStore>; close(opened: OpenedStore): Promise<void> };

const storages: Record<string, (context: TestContext) => Storage> = {
  level: (context) => {
    const directory = temporaryDirectory(context);
    const genesisHash = hash(0xee);
    return {
      open: (inputs) =>
        openStore({
          directory: `${directory}/db`,
          chainId: 'test',
          genesisHash,
          deliver: (input) => inputs.push(input),
        }),
      close: (opened) => opened.close(),
    };
  },
  memory: () => {
    let kept: MemoryStoreData | undefined;
    let current: ReturnType<typeof openMemoryStore> | undefined;
    return {
      open: (inputs) => {
        current = openMemoryStore({ deliver: (input) => inputs.push(input), ...(kept ? { data: kept } : {}) });
        return Promise.resolve(current);
      },
      close: async (opened) => {
        await opened.close();
        kept = current?.snapshot();
      },
    };
  },
};

function hash(byte: number): Hash {
  return byte.toString(16).padStart(2, '0').repeat(32) as Hash;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function block(height: number): StoredBlock {
  return { height, hash: hash(height), block: bytes(1, height), commit: bytes(2, height) };
}

function change(height: number, writes: [string, Uint8Array | null][], more: Partial<StateChange> = {}): StateChange {
  const stateRoot = hash(0x80 + height);
  return {
    height,
    stateRoot,
    writes: new Map(writes),
    results: bytes(3, height),
    events: bytes(4, height),
    transactionIds: [],
    queryIds: [],
    ...more,
  };
}

const plainBlock = (stored: StoredBlock | null) =>
  stored && { ...stored, block: [...stored.block], commit: [...stored.commit] };

const entriesOf = (opened: OpenedStore) => opened.boot?.entries.map(([key, value]) => [key, [...value]]);

const genesis = {
  entries: [
    ['account/b', bytes(1)],
    ['account/a', bytes(2)],
  ] as const,
  stateRoot: hash(0x80),
};

for (const [name, create] of Object.entries(storages)) {
  describe(`store contract on ${name}`, () => {
    test('an empty store has no boot until the genesis state is written, once', async (context) => {
      const storage = create(context);
      const opened = await storage.open([]);
      assert.equal(opened.boot, null);
      assert.equal(opened.store.oldestHeight(), null);
      const boot = await opened.initialise(genesis);
      assert.deepEqual(
        boot.entries.map(([key]) => key),
        ['account/a', 'account/b'],
      );
      await assert.rejects(async () => opened.initialise(genesis));
      await storage.close(opened);
      const again = await storage.open([]);
      assert.equal(again.boot?.stateHeight, 0);
      assert.equal(again.boot?.storeHeight, 0);
      assert.equal(again.boot?.stateRoot, hash(0x80));
      assert.deepEqual(entriesOf(again), [
        ['account/a', [2]],
        ['account/b', [1]],
      ]);
      await storage.close(again);
    });

    test('blocks applied in a run become durable with the state after the last, in one completion', async (context) => {
      const storage = create(context);
      const inputs: HostInput[] = [];
      const opened = await storage.open(inputs);
      await opened.initialise(genesis);
      const steps = [
        { block: block(1), change: change(1, [['account/a', bytes(7)]]) },
        { block: block(2), change: change(2, [['account/a', null]]) },
      ];
      opened.store.saveApplied?.(steps);
      assert.deepEqual(inputs, []);
      await storage.close(opened);
      assert.deepEqual(inputs, [{ kind: 'stateStored', height: 2 }]);
      const again = await storage.open([]);
      assert.equal(again.boot?.stateHeight, 2);
      assert.equal(again.boot?.storeHeight, 2);
      assert.deepEqual(entriesOf(again), [['account/b', [1]]]);
      assert.deepEqual(plainBlock(again.store.block(1)), plainBlock(block(1)));
      assert.equal(again.store.heightOfHash(block(2).hash), 2);
      assert.deepEqual([again.store.oldestHeight(), again.store.latestHeight()], [1, 2]);
      await storage.close(again);
    });

    test('completions come in the order asked, never inside the call', async (context) => {
      const storage = create(context);
      const inputs: HostInput[] = [];
      const opened = await storage.open(inputs);
      await opened.initialise(genesis);
      const { store } = opened;
      store.saveBlock(block(1));
      store.putLocal('note', bytes(1));
      store.saveState(change(1, []));
      store.deleteLocal('note');
      store.saveBlock(block(2));
      assert.deepEqual(inputs, []);
      await storage.close(opened);
      assert.deepEqual(inputs, [
        { kind: 'blockStored', height: 1 },
        { kind: 'localStored', key: 'note' },
        { kind: 'stateStored', height: 1 },
        { kind: 'blockStored', height: 2 },
      ]);
    });

    test('what was completed is read back, before and after reopening', async (context) => {
      const storage = create(context);
      const opened = await storage.open([]);
      await opened.initialise(genesis);
      const { store } = opened;
      store.saveBlock(block(1));
      store.saveBlock(block(2));
      const writes: [string, Uint8Array | null][] = [
        ['account/a', null],
        ['account/b', bytes(9)],
        ['ünï/code', bytes()],
      ];
      store.saveState(change(1, writes, { transactionIds: [hash(0x51), hash(0x52)], queryIds: [hash(0x61)] }));
      store.putLocal('kept', bytes(7, 8));
      store.putLocal('deleted', bytes(7));
      store.deleteLocal('deleted');
      await storage.close(opened);

      const again = await storage.open([]);
      const read = again.store;
      assert.deepEqual(plainBlock(read.block(1)), plainBlock(block(1)));
      assert.deepEqual(plainBlock(read.block(2)), plainBlock(block(2)));
      assert.equal(read.block(3), null);
      assert.deepEqual([...read.results(1)!], [3, 1]);
      assert.equal(read.results(2), null);
      assert.deepEqual([...read.events(1)!], [4, 1]);
      assert.equal(read.events(2), null);
      assert.equal(read.heightOfHash(hash(2)), 2);
      assert.equal(read.heightOfHash(hash(3)), null);
      assert.deepEqual(read.transactionPlace(hash(0x52)), { height: 1, index: 1 });
      assert.equal(read.transactionHeight(hash(0x51)), 1);
      assert.equal(read.transactionHeight(hash(0x61)), null);
      assert.equal(read.querySettledHeight(hash(0x61)), 1);
      assert.equal(read.querySettledHeight(hash(0x51)), null);
      assert.deepEqual([...read.getLocal('kept')!], [7, 8]);
      assert.equal(read.getLocal('deleted'), null);
      assert.equal(read.getLocal('never'), null);
      assert.deepEqual([read.oldestHeight(), read.latestHeight()], [1, 2]);
      assert.deepEqual(entriesOf(again), [
        ['account/b', [9]],
        ['ünï/code', []],
      ]);
      assert.equal(again.boot?.stateHeight, 1);
      assert.equal(again.boot?.stateRoot, hash(0x81));
      assert.equal(again.boot?.storeHeight, 2);
      await storage.close(again);
    });

    test('heights are kept apart beyond one byte, and the highest is found', async (context) => {
      const storage = create(context);
      const opened = await storage.open([]);
      await opened.initialise(genesis);
      for (const height of [255, 256, 70_000, 2 ** 40]) opened.store.saveBlock({ ...block(1), height });
      await storage.close(opened);
      const again = await storage.open([]);
      assert.deepEqual([again.store.oldestHeight(), again.store.latestHeight()], [255, 2 ** 40]);
      assert.equal(again.boot?.storeHeight, 2 ** 40);
      assert.equal(again.store.block(256)?.height, 256);
      assert.equal(again.store.block(257), null);
      await storage.close(again);
    });
  });
}
