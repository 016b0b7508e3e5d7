/**
 * The store on disk, over LevelDB. Owns batches, their order and their completion, the identity of a data directory and
 * the errors a person reads; the layout of keys and values is store-format.ts.
 */

import { type Hash, type Height, SynodError } from '@synod/chain';
import type { AppliedStep, StateChange, Store, StoredBlock } from '../host/ports.ts';
import { pruneDatabase } from './database-tools.ts';
import { type LevelDatabase, openDatabase } from './level-database.ts';
import type { Deliver, OpenedStore, StoreBoot, StoreLookups, WholeState } from './node-store.ts';
import { replaceState } from './state-install.ts';
import { damaged, writeFailed } from './store-errors.ts';
import {
  bucketRange,
  decodeHashedBlock,
  decodeHeight,
  decodePlace,
  encodeHashedBlock,
  encodeHeight,
  encodePlace,
  frameValue,
  hashKey,
  heightKey,
  keyHeight,
  keyText,
  type MetaKey,
  STORE_FORMAT_VERSION,
  textKey,
  unframeValue,
} from './store-format.ts';

export const STORE_LIMITS = {
  /** Writes asked for and not yet on disk; more means the disk cannot follow and is reported as failed. */
  pendingWritesMax: 10_000,
} as const;

type Operation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: Uint8Array };

export type StoreOptions = {
  readonly directory: string;
  readonly chainId: string;
  readonly genesisHash: Hash;
  /** Takes the completions, in the order the writes were asked for, never inside the asking call. */
  readonly deliver: Deliver;
};

/**
 * Opens or creates the database. Throws `DATA_DIR_IN_USE`, `DATA_OF_ANOTHER_CHAIN`, `DATA_VERSION` or
 * `DATABASE_DAMAGED`. Reads throw `DATABASE_DAMAGED` when a value is not what was written, and that is delivered as
 * `storageFailed` too; failed writes are delivered as `storageFailed`, and after the first one nothing more is written.
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const database = await openDatabase(options.directory);
  try {
    const reader = new Reader(database, options);
    await checkIdentity(reader, options);
    const boot = await readBoot(reader);
    const store = new LevelStore(reader, options.deliver, await heightBounds(reader));
    return {
      store,
      boot,
      initialise: (genesis) => install(reader, { ...genesis, height: 0 }),
      install: async (state) => {
        const installed = await install(reader, state);
        if (state.block !== undefined) store.onStored(state.block.height);
        return installed;
      },
      prune: (below) => store.prune(below),
      close: async () => {
        await store.settled();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error instanceof SynodError ? error : damaged(options.directory, error);
  }
}

class LevelStore implements Store, StoreLookups {
  readonly #reader: Reader;
  readonly #deliver: Deliver;
  #heights: { readonly oldest: Height; readonly latest: Height } | null;
  #queue: Promise<void> = Promise.resolve();
  #pendingWrites = 0;
  #failure: SynodError | null = null;

  constructor(reader: Reader, deliver: Deliver, heights: { readonly oldest: Height; readonly latest: Height } | null) {
    this.#reader = reader;
    this.#deliver = deliver;
    this.#heights = heights;
  }

  block(height: Height): StoredBlock | null {
    const stored = this.#reader.get(heightKey('block', height));
    if (stored === null) return null;
    const commit = this.#reader.get(heightKey('commit', height));
    if (commit === null) throw this.#reader.damaged(`the commit of block ${height} is missing`);
    return { height, ...decodeHashedBlock(stored), commit };
  }

  saveBlock(stored: StoredBlock): void {
    const { height } = stored;
    this.#write(blockBatch(stored), () => {
      this.onStored(height);
      this.#deliver({ kind: 'blockStored', height });
    });
  }

  saveState(change: StateChange): void {
    this.#write(stateBatch(change), () => this.#deliver({ kind: 'stateStored', height: change.height }));
  }

  saveApplied(steps: readonly AppliedStep[]): void {
    const batch = steps.flatMap(({ block, change }) => [...blockBatch(block), ...stateBatch(change)]);
    this.#write(batch, () => {
      for (const { block } of steps) this.onStored(block.height);
      const last = steps.at(-1);
      if (last !== undefined) this.#deliver({ kind: 'stateStored', height: last.change.height });
    });
  }

  results(height: Height): Uint8Array | null {
    return this.#reader.get(heightKey('results', height));
  }

  events(height: Height): Uint8Array | null {
    return this.#reader.get(heightKey('events', height));
  }

  putLocal(key: string, value: Uint8Array): void {
    this.#write([put(textKey('local', key), value)], () => this.#deliver({ kind: 'localStored', key }));
  }

  getLocal(key: string): Uint8Array | null {
    return this.#reader.get(textKey('local', key));
  }

  deleteLocal(key: string): void {
    this.#write([{ type: 'del', key: textKey('local', key) }], () => {});
  }

  heightOfHash(hash: Hash): Height | null {
    const value = this.#reader.get(hashKey('heightOfHash', hash));
    return value && decodeHeight(value);
  }

  transactionPlace(id: Hash) {
    const value = this.#reader.get(hashKey('transaction', id));
    return value && decodePlace(value);
  }

  transactionHeight(id: Hash): Height | null {
    return this.transactionPlace(id)?.height ?? null;
  }

  querySettledHeight(id: Hash): Height | null {
    const value = this.#reader.get(hashKey('querySettled', id));
    return value && decodeHeight(value);
  }

  oldestHeight(): Height | null {
    return this.#heights?.oldest ?? null;
  }

  latestHeight(): Height | null {
    return this.#heights?.latest ?? null;
  }

  /** Resolves when every write asked for so far was completed. */
  settled(): Promise<void> {
    return this.#queue;
  }

  prune(below: Height): void {
    if (below <= (this.#heights?.oldest ?? below)) return;
    this.#queue = this.#queue.then(async () => {
      if (this.#failure !== null || this.#heights === null) return;
      try {
        await pruneDatabase(this.#reader.database, below);
        this.#heights = { ...this.#heights, oldest: below };
      } catch (cause) {
        this.#failure = this.#reader.writeFailed(cause);
      }
    });
  }

  /** A block of this height is on disk. */
  onStored(height: Height): void {
    const { oldest, latest } = this.#heights ?? { oldest: height, latest: height };
    this.#heights = { oldest: Math.min(oldest, height), latest: Math.max(latest, height) };
  }

  #write(batch: readonly Operation[], onStored: () => void): void {
    this.#pendingWrites++;
    if (this.#pendingWrites > STORE_LIMITS.pendingWritesMax)
      this.#failure ??= this.#reader.writeFailed('too many writes wait');
    this.#queue = this.#queue.then(async () => {
      if (this.#failure === null) {
        try {
          await this.#reader.write(batch);
        } catch (cause) {
          this.#failure = this.#reader.writeFailed(cause);
        }
      }
      this.#pendingWrites--;
      const error = this.#failure;
      await this.#deliverOutside(error === null ? onStored : () => this.#deliver({ kind: 'storageFailed', error }));
    });
  }

  /** Outside the promise chain: an exception of the host must stop the process, not vanish in this queue. */
  #deliverOutside(action: () => void): Promise<void> {
    return new Promise((resolve) => {
      process.nextTick(() => {
        resolve();
        action();
      });
    });
  }
}

/** Checked reads and synced batches of one open database. */
class Reader {
  readonly database: LevelDatabase;
  readonly directory: string;
  readonly #deliver: Deliver;

  constructor(database: LevelDatabase, { directory, deliver }: Pick<StoreOptions, 'directory' | 'deliver'>) {
    this.database = database;
    this.directory = directory;
    this.#deliver = deliver;
  }

  get(key: Uint8Array): Uint8Array | null {
    let value: Uint8Array | undefined;
    try {
      value = this.database.getSync(key);
    } catch (cause) {
      throw this.damaged(cause);
    }
    return value === undefined ? null : this.content(key, value);
  }

  content(key: Uint8Array, value: Uint8Array): Uint8Array {
    const content = unframeValue(key, value);
    if (content === null) throw this.damaged(`a value in bucket ${key[0]} is not what was written`);
    return content;
  }

  /** Whoever reads, be it for a stranger's question: the node must not go on with a disk that changes what it holds. */
  damaged(cause: unknown): SynodError {
    const error = damaged(this.directory, cause);
    process.nextTick(() => this.#deliver({ kind: 'storageFailed', error }));
    return error;
  }

  meta(name: MetaKey): string | null {
    const value = this.get(textKey('meta', name));
    return value && Buffer.from(value).toString('utf8');
  }

  async write(batch: readonly Operation[]): Promise<void> {
    await this.database.batch([...batch], { sync: true });
  }

  writeFailed(cause: unknown): SynodError {
    return writeFailed(this.directory, cause);
  }
}

function put(key: Uint8Array, content: Uint8Array): Operation {
  return { type: 'put', key, value: frameValue(key, content) };
}

function putMeta(name: MetaKey, text: string): Operation {
  return put(textKey('meta', name), Buffer.from(text, 'utf8'));
}

function blockBatch({ height, hash, block, commit }: StoredBlock): Operation[] {
  return [
    put(heightKey('block', height), encodeHashedBlock(hash, block)),
    put(heightKey('commit', height), commit),
    put(hashKey('heightOfHash', hash), encodeHeight(height)),
  ];
}

/** Consensus §1.9: state, root, applied height, results, events and indices become durable together. */
function stateBatch(change: StateChange): Operation[] {
  const { height, stateRoot, writes, results, events, transactionIds, queryIds } = change;
  const batch: Operation[] = [];
  for (const [name, value] of writes) {
    const key = textKey('state', name);
    batch.push(value === null ? { type: 'del', key } : put(key, value));
  }
  batch.push(put(heightKey('results', height), results), put(heightKey('events', height), events));
  transactionIds.forEach((id, index) => {
    batch.push(put(hashKey('transaction', id), encodePlace({ height, index })));
  });
  for (const id of queryIds) batch.push(put(hashKey('querySettled', id), encodeHeight(height)));
  batch.push(putMeta('appliedHeight', String(height)), putMeta('stateRoot', stateRoot));
  return batch;
}

async function checkIdentity(reader: Reader, options: StoreOptions): Promise<void> {
  const { directory, chainId, genesisHash } = options;
  const version = reader.meta('formatVersion');
  if (version === null) {
    for await (const _ of reader.database.keys({ limit: 1 })) throw damaged(directory, 'its format version is missing');
    await reader.write([
      putMeta('formatVersion', String(STORE_FORMAT_VERSION)),
      putMeta('chainId', chainId),
      putMeta('genesisHash', genesisHash),
    ]);
    return;
  }
  if (version !== String(STORE_FORMAT_VERSION)) {
    throw new SynodError(
      'DATA_VERSION',
      `The data in ${directory} has format ${version}, but this program reads format ${STORE_FORMAT_VERSION}. ` +
        'Run the version that wrote it, start over with --reset, or name another --data-dir.',
      { facts: { directory, found: version, expected: STORE_FORMAT_VERSION } },
    );
  }
  const found = { chainId: reader.meta('chainId'), genesisHash: reader.meta('genesisHash') };
  if (found.chainId === chainId && found.genesisHash === genesisHash) return;
  throw new SynodError(
    'DATA_OF_ANOTHER_CHAIN',
    `The data in ${directory} belongs to chain "${found.chainId}" with genesis ${found.genesisHash}, but this node was ` +
      `asked to run chain "${chainId}" with genesis ${genesisHash}. Name another --data-dir, or start over with --reset.`,
    { facts: { directory, foundChainId: found.chainId, foundGenesis: found.genesisHash, chainId, genesisHash } },
  );
}

async function readBoot(reader: Reader): Promise<StoreBoot | null> {
  const height = reader.meta('appliedHeight');
  const stateRoot = reader.meta('stateRoot');
  if (height === null || stateRoot === null) return null;
  const entries: [string, Uint8Array][] = [];
  for await (const [key, value] of reader.database.iterator({ ...bucketRange('state'), fillCache: false })) {
    entries.push([keyText(key), reader.content(key, value)]);
  }
  const storeHeight = (await heightBounds(reader))?.latest ?? 0;
  return { stateHeight: Number(height), stateRoot: stateRoot as Hash, entries, storeHeight };
}

async function heightBounds(reader: Reader): Promise<{ readonly oldest: Height; readonly latest: Height } | null> {
  const range = bucketRange('block');
  const [first] = await reader.database.keys({ ...range, limit: 1 }).all();
  const [last] = await reader.database.keys({ ...range, limit: 1, reverse: true }).all();
  return first && last ? { oldest: keyHeight(first), latest: keyHeight(last) } : null;
}

/** The state in pieces, and last what makes the store hold one: cut short, it is an empty store still. */
async function install(reader: Reader, state: WholeState): Promise<StoreBoot> {
  if (reader.meta('appliedHeight') !== null) throw new Error('the store already holds a state');
  const { height, entries, stateRoot, block, results, notes = [] } = state;
  const last = [
    ...notes.map(([key, value]) => put(textKey('local', key), value)),
    ...(block === undefined ? [] : blockBatch(block)),
    ...(results === undefined ? [] : [put(heightKey('results', height), results)]),
    putMeta('appliedHeight', String(height)),
    putMeta('stateRoot', stateRoot),
  ];
  try {
    await replaceState(reader.database, entries);
    await reader.write(last);
  } catch (cause) {
    throw reader.writeFailed(cause);
  }
  const boot = await readBoot(reader);
  if (boot === null) throw damaged(reader.directory, 'the state is not there after it was written');
  return boot;
}
