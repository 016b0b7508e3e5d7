/**
 * Snapshots as folders of checked files (spec: snapshot §5). Owns their layout, that a folder is complete or not there at all,
 * and the making in slices beside a running node. What a chunk is worth is the chain's to say.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createManifest,
  decodeManifest,
  encodeChunk,
  encodeManifest,
  type Height,
  measureChunks,
  type SnapshotManifest,
  type StateTree,
  SynodError,
  snapshotDepth,
  snapshotLimits,
} from '@synod/chain';
import type { SnapshotAnchor } from '../host/ports.ts';
import { type FileOperations, syncDirectory, systemFiles } from './durable-files.ts';
import { readChecked, writeChecked } from './hashed-file.ts';
import { makeDirectory } from './make-directory.ts';

const MANIFEST = 'manifest';
const ANCHOR_PARTS = ['proof', 'lightBlock', 'block', 'results'] as const;
/** Folders that were being made when a process ended; never used, removed at the next opening. */
const UNFINISHED = '.making-';

export type SnapshotFacts = {
  readonly chainId: string;
  readonly height: Height;
  readonly state: StateTree;
  readonly anchor: SnapshotAnchor;
};

export type MadeSnapshot = {
  readonly folder: string;
  readonly chunks: number;
  readonly leaves: number;
  readonly bytes: number;
};

/**
 * Writes a snapshot into `folder`/HEIGHT: complete when it resolves, absent before. Between chunks the event loop runs.
 * Throws the system's errors, `SNAPSHOT_STOPPED` when `isWanted` says no, and `SNAPSHOT_TOO_LARGE` for a state with a record
 * that no chunk can hold.
 */
export async function writeSnapshot(
  folder: string,
  facts: SnapshotFacts,
  { isWanted = () => true, files = systemFiles }: { isWanted?: () => boolean; files?: FileOperations } = {},
): Promise<MadeSnapshot> {
  const { state, height, chainId, anchor } = facts;
  const target = join(folder, String(height));
  const making = join(folder, `${UNFINISHED}${height}`);
  files.rmSync(making, { recursive: true, force: true });
  makeDirectory(making, 0o700);
  const manifest = createManifest(state, { chainId, height, ...(await measure(state)) });
  let bytes = await writeChecked(join(making, MANIFEST), encodeManifest(manifest), files);
  for (const part of ANCHOR_PARTS) bytes += await writeChecked(join(making, part), anchor[part], files);
  for (let index = 0; index < manifest.chunks.length; index++) {
    if (!isWanted()) throw new SynodError('SNAPSHOT_STOPPED', `The snapshot of height ${height} was not finished.`);
    if (manifest.chunks[index]?.leaves === 0) continue;
    const chunk = encodeChunk(state.part(manifest.depth, index));
    if (chunk.length > snapshotLimits.chunkBytesMax) throw tooLarge(height, chunk.length);
    bytes += await writeChecked(chunkFile(making, index), chunk, files);
    await nextTurn();
  }
  syncDirectory(files, making);
  removeSnapshot(folder, height, files);
  await files.promises.rename(making, target);
  syncDirectory(files, folder);
  return { folder: target, chunks: chunkCount(manifest), leaves: state.size, bytes };
}

async function measure(state: StateTree): Promise<{ readonly depth: number; readonly bytes: readonly number[] }> {
  const measuring = measureChunks(state);
  for (;;) {
    const step = measuring.next();
    if (step.done === true) return snapshotDepth(step.value);
    await nextTurn();
  }
}

/** Heights of the finished snapshots in a folder, rising. */
export function listSnapshots(folder: string): readonly Height[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^\d{1,15}$/.test(name));
  return names.map(Number).sort((a, b) => a - b);
}

/** Removes what a crash left half-made. */
export function removeUnfinished(folder: string, files: FileOperations = systemFiles): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.startsWith(UNFINISHED)) files.rmSync(join(folder, name), { recursive: true, force: true });
  }
}

export function removeSnapshot(folder: string, height: Height, files: FileOperations = systemFiles): void {
  if (!existsSync(join(folder, String(height)))) return;
  // Renamed first, durably: a removal that a crash cuts short leaves nothing that looks like a snapshot.
  const gone = join(folder, `${UNFINISHED}gone-${height}`);
  files.rmSync(gone, { recursive: true, force: true });
  files.renameSync(join(folder, String(height)), gone);
  syncDirectory(files, folder);
  files.rmSync(gone, { recursive: true, force: true });
}

/** A finished snapshot, opened. Reads throw `SNAPSHOT_DAMAGED` for a file that is not what was written. */
export class SnapshotFolder {
  readonly folder: string;
  readonly manifest: SnapshotManifest;
  readonly manifestBytes: Uint8Array;

  /** Opens the folder of one snapshot and checks its manifest. Throws `SNAPSHOT_DAMAGED`. */
  constructor(folder: string) {
    this.folder = folder;
    this.manifestBytes = this.#read(MANIFEST);
    const manifest = decodeManifest(this.manifestBytes);
    if (!manifest.ok) throw damaged(folder, manifest.reason);
    this.manifest = manifest.value;
  }

  anchor(): SnapshotAnchor {
    const [proof, lightBlock] = [this.#read('proof'), this.#read('lightBlock')];
    return { proof, lightBlock, block: this.#read('block'), results: this.#read('results') };
  }

  /** The chunk's bytes; none for a part without leaves. */
  chunk(index: number): Uint8Array {
    if (this.manifest.chunks[index]?.leaves === 0) return new Uint8Array(0);
    return this.#read(chunkName(index));
  }

  #read(name: string): Uint8Array {
    const content = readChecked(join(this.folder, name));
    if (content instanceof Uint8Array) return content;
    throw damaged(
      this.folder,
      content === null ? `its file ${name} is missing` : `its file ${name} is not what was written`,
    );
  }
}

export function chunkFile(folder: string, index: number): string {
  return join(folder, chunkName(index));
}

export function manifestFile(folder: string): string {
  return join(folder, MANIFEST);
}

function chunkName(index: number): string {
  return `chunk-${String(index).padStart(5, '0')}`;
}

/** Chunks that have leaves. */
export function chunkCount({ chunks }: SnapshotManifest): number {
  return chunks.filter(({ leaves }) => leaves > 0).length;
}

function damaged(folder: string, what: string): SynodError {
  return new SynodError(
    'SNAPSHOT_DAMAGED',
    `The snapshot in ${folder} is damaged: ${what}. Delete that folder; the node makes another at its next scheduled height.`,
    { facts: { folder } },
  );
}

function tooLarge(height: Height, bytes: number): SynodError {
  return new SynodError(
    'SNAPSHOT_TOO_LARGE',
    `The state after block ${height} has a record of about ${bytes} bytes, which no chunk holds. Nodes must sync by blocks.`,
    { facts: { height, bytes } },
  );
}
