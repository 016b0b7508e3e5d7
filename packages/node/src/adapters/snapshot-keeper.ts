/**
 * The snapshots of a running node: made at every interval, the newest few kept, served to peers. Owns when one is made, which
 * are dropped, and that a damaged one is dropped rather than served.
 */
import { join } from 'node:path';
import { encodeLightBlock, type Height, type LightBlock, SynodError } from '@synod/chain';
import type { ChainHead, OfferedSnapshot, SnapshotSource, Store } from '../host/index.ts';
import { type FileOperations, systemFiles } from './durable-files.ts';
import { listSnapshots, removeSnapshot, removeUnfinished, SnapshotFolder, writeSnapshot } from './snapshot-files.ts';

const KEEPER_LIMITS = {
  /** Finished snapshots that are kept; the oldest goes first. */
  snapshots: 2,
} as const;

export type KeeperLog = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
};

export type SnapshotKeeperOptions = {
  readonly folder: string;
  readonly chainId: string;
  /** Heights between two snapshots, at least 2; null makes none and serves those there are. */
  readonly interval: number | null;
  readonly store: Pick<Store, 'block' | 'results'>;
  /** Light block of a stored height as the present state knows it. */
  readonly lightBlockAt: (height: Height) => LightBlock | null;
  readonly log: KeeperLog;
  readonly files?: FileOperations;
};

export class SnapshotKeeper implements SnapshotSource {
  readonly #options: SnapshotKeeperOptions;
  readonly #open = new Map<Height, SnapshotFolder>();
  #heights: readonly Height[];
  /** Its state is snapshot once the block above, which names its root, is there. */
  #waiting: ChainHead | null = null;
  #making: Promise<void> | null = null;
  #isStopped = false;

  /** Removes what a crash left half-made. */
  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    removeUnfinished(options.folder);
    this.#heights = listSnapshots(options.folder);
  }

  heights(): readonly Height[] {
    return this.#heights;
  }

  snapshot(height: Height): OfferedSnapshot | null {
    return this.#read(height, (folder) => ({ manifest: folder.manifestBytes, ...folder.anchor() }));
  }

  chunk(height: Height, index: number): Uint8Array | null {
    // Only what the manifest lists can be missing; anybody can ask for anything.
    return this.#read(height, (folder) => (folder.manifest.chunks[index] === undefined ? null : folder.chunk(index)));
  }

  /** Call for every new head. While the node catches up nothing is made: others have made it. */
  onHead(head: ChainHead, { isBehind }: { readonly isBehind: boolean }): void {
    const { interval } = this.#options;
    if (interval === null || this.#isStopped) return;
    const waiting = this.#waiting;
    this.#waiting = head.height % interval === 0 && !isBehind ? head : null;
    if (waiting === null || waiting.height + 1 !== head.height || this.#making !== null) return;
    this.#making = this.#make(waiting).finally(() => {
      this.#making = null;
    });
  }

  /** Gives up what is being made; resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#making;
  }

  async #make(head: ChainHead): Promise<void> {
    const { folder, chainId, log } = this.#options;
    const { height, state } = head;
    try {
      const anchor = this.#anchor(height);
      if (anchor === null) return;
      const startMs = performance.now();
      const made = await writeSnapshot(
        folder,
        { chainId, height, state, anchor },
        {
          isWanted: () => !this.#isStopped,
          files: this.#options.files ?? systemFiles,
        },
      );
      this.#heights = listSnapshots(folder);
      for (const old of this.#heights.slice(0, -KEEPER_LIMITS.snapshots)) this.#drop(old);
      const { leaves, chunks, bytes } = made;
      log.info({ height, leaves, chunks, bytes, ms: Math.round(performance.now() - startMs) }, 'snapshot made');
    } catch (error) {
      // The node runs as well without: said, and tried again at the next interval.
      if (!this.#isStopped)
        log.warn({ height, error: error instanceof Error ? error.message : String(error) }, 'no snapshot made');
    }
  }

  #anchor(height: Height) {
    const { store, lightBlockAt } = this.#options;
    const [light, above] = [lightBlockAt(height), lightBlockAt(height + 1)];
    const block = store.block(height)?.block;
    const results = store.results(height);
    if (light === null || above === null || block === undefined || results === null) return null;
    return { proof: encodeLightBlock(above), lightBlock: encodeLightBlock(light), block, results };
  }

  #read<T>(height: Height, read: (folder: SnapshotFolder) => T): T | null {
    if (!this.#heights.includes(height)) return null;
    try {
      const folder = this.#open.get(height) ?? new SnapshotFolder(join(this.#options.folder, String(height)));
      this.#open.set(height, folder);
      return read(folder);
    } catch (error) {
      if (!(error instanceof SynodError)) throw error;
      this.#options.log.warn({ height, error: error.message }, 'a damaged snapshot was dropped');
      this.#drop(height);
      return null;
    }
  }

  /** Not served from here on, whatever the disk says: a peer that asks must not end the node. */
  #drop(height: Height): void {
    const { folder, log, files = systemFiles } = this.#options;
    this.#open.delete(height);
    this.#heights = this.#heights.filter((kept) => kept !== height);
    try {
      removeSnapshot(folder, height, files);
    } catch (error) {
      log.warn({ height, error: String(error) }, 'a snapshot could not be removed');
    }
  }
}
