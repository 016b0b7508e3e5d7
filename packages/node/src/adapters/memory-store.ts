/**
 * The store in memory: the same contract as on disk, for simulations and tests of whole nodes.
 * Owns maps; survives nothing, except that `snapshot` can be opened again as a disk would be after a crash.
 */
import type { Hash, Height } from '@synod/chain';
import type { StateChange, StoredBlock } from '../host/ports.ts';
import type { Deliver, OpenedStore, StoreBoot, StoreLookups, WholeState } from './node-store.ts';
import type { TransactionPlace } from './store-format.ts';

/** What a store holds at one moment. Treat as opaque; made by `MemoryStore.snapshot`. */
export type MemoryStoreData = {
  readonly blocks: Map<Height, StoredBlock>;
  readonly heights: Map<Hash, Height>;
  readonly state: Map<string, Uint8Array>;
  readonly results: Map<Height, Uint8Array>;
  readonly events: Map<Height, Uint8Array>;
  readonly transactions: Map<Hash, TransactionPlace>;
  readonly queries: Map<Hash, Height>;
  readonly local: Map<string, Uint8Array>;
  applied: { readonly height: Height; readonly stateRoot: Hash } | null;
};

export type OpenedMemoryStore = OpenedStore & {
  /** A copy of everything whose completion was delivered. */
  snapshot(): MemoryStoreData;
};

/**
 * Opens an empty store or one with the data of a snapshot. `schedule` decides when a write happens and completes (in the
 * order asked); by default in a microtask. Writes that were never scheduled are lost, as in a crash.
 */
export function openMemoryStore(options: {
  readonly deliver: Deliver;
  readonly data?: MemoryStoreData;
  readonly schedule?: (write: () => void) => void;
}): OpenedMemoryStore {
  const { deliver, schedule = queueMicrotask } = options;
  const data = options.data ? copy(options.data) : emptyData();
  const write = (change: () => void): void => schedule(change);
  return {
    store: {
      block: (height) => data.blocks.get(height) ?? null,
      saveBlock: (block) =>
        write(() => {
          data.blocks.set(block.height, block);
          data.heights.set(block.hash, block.height);
          deliver({ kind: 'blockStored', height: block.height });
        }),
      saveState: (change) =>
        write(() => {
          applyChange(data, change);
          deliver({ kind: 'stateStored', height: change.height });
        }),
      saveApplied: (steps) =>
        write(() => {
          for (const { block, change } of steps) {
            data.blocks.set(block.height, block);
            data.heights.set(block.hash, block.height);
            applyChange(data, change);
          }
          const last = steps.at(-1);
          if (last !== undefined) deliver({ kind: 'stateStored', height: last.change.height });
        }),
      results: (height) => data.results.get(height) ?? null,
      putLocal: (key, value) =>
        write(() => {
          data.local.set(key, value);
          deliver({ kind: 'localStored', key });
        }),
      getLocal: (key) => data.local.get(key) ?? null,
      deleteLocal: (key) => write(() => data.local.delete(key)),
      ...lookups(data),
    },
    boot: bootOf(data),
    initialise: (genesis) => Promise.resolve(install(data, { ...genesis, height: 0 })),
    install: (state) => Promise.resolve(install(data, state)),
    close: () => new Promise<void>((resolve) => schedule(resolve)),
    snapshot: () => copy(data),
  };
}

function emptyData(): MemoryStoreData {
  return {
    blocks: new Map(),
    heights: new Map(),
    state: new Map(),
    results: new Map(),
    events: new Map(),
    transactions: new Map(),
    queries: new Map(),
    local: new Map(),
    applied: null,
  };
}

function copy(data: MemoryStoreData): MemoryStoreData {
  return {
    blocks: new Map(data.blocks),
    heights: new Map(data.heights),
    state: new Map(data.state),
    results: new Map(data.results),
    events: new Map(data.events),
    transactions: new Map(data.transactions),
    queries: new Map(data.queries),
    local: new Map(data.local),
    applied: data.applied,
  };
}

function applyChange(data: MemoryStoreData, change: StateChange): void {
  for (const [key, value] of change.writes) {
    if (value === null) data.state.delete(key);
    else data.state.set(key, value);
  }
  data.results.set(change.height, change.results);
  data.events.set(change.height, change.events);
  change.transactionIds.forEach((id, index) => {
    data.transactions.set(id, { height: change.height, index });
  });
  for (const id of change.queryIds) data.queries.set(id, change.height);
  data.applied = { height: change.height, stateRoot: change.stateRoot };
}

function lookups(data: MemoryStoreData): StoreLookups {
  return {
    heightOfHash: (hash) => data.heights.get(hash) ?? null,
    transactionPlace: (id) => data.transactions.get(id) ?? null,
    transactionHeight: (id) => data.transactions.get(id)?.height ?? null,
    querySettledHeight: (id) => data.queries.get(id) ?? null,
    events: (height) => data.events.get(height) ?? null,
    oldestHeight: () => (data.blocks.size === 0 ? null : Math.min(...data.blocks.keys())),
    latestHeight: () => (data.blocks.size === 0 ? null : Math.max(...data.blocks.keys())),
  };
}

function bootOf(data: MemoryStoreData): StoreBoot | null {
  if (data.applied === null) return null;
  const keys = [...data.state.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    stateHeight: data.applied.height,
    stateRoot: data.applied.stateRoot,
    entries: keys.map((key) => [key, data.state.get(key)!] as const),
    storeHeight: Math.max(0, ...data.blocks.keys()),
  };
}

function install(
  data: MemoryStoreData,
  { height, entries, stateRoot, block, results, notes = [] }: WholeState,
): StoreBoot {
  if (data.applied !== null) throw new Error('the store already holds a state');
  data.state.clear();
  for (const [key, value] of entries) data.state.set(key, value);
  for (const [key, value] of notes) data.local.set(key, value);
  if (results !== undefined) data.results.set(height, results);
  if (block !== undefined) {
    data.blocks.set(block.height, block);
    data.heights.set(block.hash, block.height);
  }
  data.applied = { height, stateRoot };
  return bootOf(data)!;
}
