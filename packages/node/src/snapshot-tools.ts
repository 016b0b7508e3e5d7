/**
 * Snapshots in an operator's hands, without a network (spec: snapshot §8): making one of a stopped node's state, looking at
 * those there are, checking one, and filling an empty home from one. Owns what is believed of a folder and on whose word.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  blockId,
  decodeLightBlock,
  encodeLightBlock,
  type Genesis,
  genesisHash,
  type Hash,
  type Header,
  type Height,
  StateTree,
  SynodError,
  snapshotSize,
  verifySignature,
} from '@synod/chain';
import { verifyAdjacent } from '@synod/consensus';
import {
  listSnapshots,
  type MadeSnapshot,
  type OpenedStore,
  openStore,
  readSnapshotState,
  SnapshotFolder,
  type SnapshotProgress,
  systemClock,
  writeSnapshot,
} from './adapters/index.ts';
import { type CheckedAnchor, type Checkpoint, checkAnchor, lightBlockAt, restoredState } from './host/index.ts';

const FOREVER_MS = 2 ** 50;
const nothing = new Uint8Array(0);

export type SnapshotFacts = {
  readonly folder: string;
  readonly height: Height;
  readonly stateRoot: Hash;
  readonly records: number;
  readonly chunks: number;
  readonly bytes: number;
};

export type CheckedSnapshot = SnapshotFacts & {
  readonly blockHash: Hash;
  /** The block above is in the folder, certified, and names this state root. */
  readonly isProven: boolean;
};

/** On whose word a snapshot is believed: its own block or the one above it, or the state root itself. */
export type SnapshotTrust = { readonly checkpoint: Checkpoint | null; readonly stateRoot: Hash | null };

/** The folder in a node's home where its snapshots lie. */
export function snapshotsOf(home: string): string {
  return join(home, 'snapshots');
}

/** Finished snapshots in a folder, rising. A damaged manifest throws `SNAPSHOT_DAMAGED`. */
export function describeSnapshots(folder: string): readonly SnapshotFacts[] {
  return listSnapshots(folder).map((height) => factsOf(new SnapshotFolder(join(folder, String(height)))));
}

function factsOf({ folder, manifest }: SnapshotFolder): SnapshotFacts {
  const { height, stateRoot, chunks } = manifest;
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const count = chunks.filter(({ leaves }) => leaves > 0).length;
  return { folder, height, stateRoot, records: snapshotSize(manifest).leaves, chunks: count, bytes };
}

/** Makes a snapshot of a stopped node's newest state in `folder`. Throws `SNAPSHOT_EMPTY` for a chain without blocks. */
export function createSnapshot(options: {
  readonly home: string;
  readonly genesis: Genesis;
  readonly folder: string;
}): Promise<MadeSnapshot & { readonly height: Height; readonly stateRoot: Hash }> {
  const { home, genesis, folder } = options;
  return withStore(home, genesis, async ({ boot, store }) => {
    const state = StateTree.fromEntries((boot?.entries ?? []).map(([key, value]) => ({ key, value })));
    const height = boot?.stateHeight ?? 0;
    const light = (at: Height) => lightBlockAt({ store, genesis, state }, at);
    const [own, above] = [light(height), light(height + 1)];
    const [stored, results] = [store.block(height), store.results(height)];
    if (state.root !== boot?.stateRoot || own === null || stored === null || results === null) {
      throw new SynodError(
        'SNAPSHOT_EMPTY',
        `${home} holds no block whose state could be written. Let the node sync first.`,
      );
    }
    const proof = above === null ? nothing : encodeLightBlock(above);
    const anchor = { proof, lightBlock: encodeLightBlock(own), block: stored.block, results };
    const made = await writeSnapshot(folder, { chainId: genesis.chainId, height, state, anchor });
    return { ...made, height, stateRoot: state.root };
  });
}

/** Checks every chunk, the certificate and what the block above says, if it is there. Throws `SNAPSHOT_DAMAGED`. */
export async function checkSnapshotFolder(options: {
  readonly folder: string;
  readonly genesis: Genesis;
  readonly onProgress?: SnapshotProgress;
}): Promise<
  CheckedSnapshot & { readonly state: StateTree; readonly anchor: CheckedAnchor; readonly above: Header | null }
> {
  const { genesis, onProgress } = options;
  const snapshot = new SnapshotFolder(resolve(options.folder));
  const { manifest, folder } = snapshot;
  if (manifest.chainId !== genesis.chainId) {
    throw new SynodError(
      'DATA_OF_ANOTHER_CHAIN',
      `${folder} is of chain "${manifest.chainId}", not "${genesis.chainId}". Name a snapshot of this chain.`,
    );
  }
  const above = aboveOf(snapshot, genesis);
  const anchor = checkAnchor(snapshot.anchor(), above, lightConfig(genesis));
  if (!anchor.ok) throw unfit(folder, anchor.reason);
  if (anchor.value.height !== manifest.height) throw unfit(folder, 'its block is of another height');
  if (above !== null && above.stateRoot !== manifest.stateRoot)
    throw unfit(folder, 'the block above names another state');
  const state = await readSnapshotState(snapshot, onProgress);
  const blockHash = anchor.value.stored.hash;
  return { ...factsOf(snapshot), blockHash, isProven: above !== null, state, anchor: anchor.value, above };
}

/** Fills an empty home. Throws `SNAPSHOT_UNTRUSTED` without a word to believe, `STORE_NOT_EMPTY`, or what the check throws. */
export async function restoreSnapshotFolder(options: {
  readonly folder: string;
  readonly home: string;
  readonly genesis: Genesis;
  readonly trust: SnapshotTrust;
  readonly onProgress?: SnapshotProgress;
}): Promise<CheckedSnapshot> {
  const { home, genesis, trust } = options;
  return withStore(home, genesis, async (opening) => {
    if (opening.boot !== null) {
      throw new SynodError(
        'STORE_NOT_EMPTY',
        `${home} already holds a chain up to block ${opening.boot.stateHeight}. Name an empty home, or move its "chain" folder away.`,
      );
    }
    const { state, anchor, above, ...checked } = await checkSnapshotFolder(options);
    requireTrust(checked, above, trust);
    await opening.install(restoredState(state, anchor));
    return checked;
  });
}

/** Headers of the blocks in a snapshot's folder: its own, and the one above where it has it. Nothing of them is checked. Throws `SNAPSHOT_DAMAGED`. */
export function snapshotHeaders(folder: string): readonly Header[] {
  const { lightBlock, proof } = new SnapshotFolder(resolve(folder)).anchor();
  return [lightBlock, proof]
    .filter((bytes) => bytes.length > 0)
    .map((bytes) => {
      const decoded = decodeLightBlock(bytes);
      if (!decoded.ok) throw unfit(folder, 'its light blocks do not decode');
      return decoded.value.header;
    });
}

/** The header above, certified by the set that the snapshot's own block names; null when it did not exist yet. */
function aboveOf(snapshot: SnapshotFolder, genesis: Genesis): Header | null {
  const { proof, lightBlock } = snapshot.anchor();
  if (proof.length === 0) return null;
  const [trusted, untrusted] = [decodeLightBlock(lightBlock), decodeLightBlock(proof)];
  if (!trusted.ok || !untrusted.ok) throw unfit(snapshot.folder, 'its light blocks do not decode');
  const step = {
    trusted: trusted.value,
    untrusted: untrusted.value,
    config: lightConfig(genesis),
    nowMs: systemClock.nowMs(),
  };
  const verdict = verifyAdjacent(step);
  if (!verdict.ok) throw unfit(snapshot.folder, `the block above does not follow (${verdict.code})`);
  return untrusted.value.header;
}

function requireTrust(checked: CheckedSnapshot, above: Header | null, { checkpoint, stateRoot }: SnapshotTrust): void {
  const { height, blockHash } = checked;
  const isOwn = checkpoint?.height === height && checkpoint.hash === blockHash;
  const isAbove = above !== null && checkpoint?.height === height + 1 && checkpoint.hash === blockId(above);
  if (stateRoot === checked.stateRoot || (above !== null && (isOwn || isAbove))) return;
  const byCheckpoint =
    above === null ? '' : ` give its block as --checkpoint ${height}@HASH, with the hash from a node you trust, or`;
  throw new SynodError(
    'SNAPSHOT_UNTRUSTED',
    `Nothing given vouches for this snapshot of height ${height}. To believe it,${byCheckpoint} give --state-root with the root of ` +
      `the state after block ${height} from a source you trust.`,
    { facts: { height, stateRoot: checked.stateRoot, blockHash } },
  );
}

async function withStore<T>(home: string, genesis: Genesis, act: (opening: OpenedStore) => Promise<T>): Promise<T> {
  const identity = { chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  const opening = await openStore({ directory: join(home, 'chain'), ...identity, deliver: () => undefined });
  try {
    return await act(opening);
  } finally {
    await opening.close();
  }
}

function lightConfig(genesis: Genesis) {
  const { clockDriftMsMax } = genesis.params;
  return { chainId: genesis.chainId, trustingPeriodMs: FOREVER_MS, clockDriftMsMax, verify: verifySignature };
}

function unfit(folder: string, what: string): SynodError {
  return new SynodError(
    'SNAPSHOT_DAMAGED',
    `The snapshot in ${folder} does not hold together: ${what}. Get it from another source.`,
    {
      facts: { folder },
    },
  );
}
