/**
 * Snapshots of a whole devnet: the homes of all its nodes at one height, under a name in the data directory. Owns their folders and what
 * they say of themselves; taking one needs stopped nodes, and putting one back is restore-swap.ts's.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import { syncFolder, syncTree, treeBytes } from '../files/sync-tree.ts';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { nearest } from '../settings/nearest.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { VERSION } from '../version.ts';
import { STATE_FORMAT } from './chain-file.ts';
import { copyFile, copyHome } from './copy-home.ts';
import type { Layout } from './layout.ts';

export const SNAPSHOT_LIMITS = { nameCharactersMax: 64, snapshotsMax: 100 } as const;

export type DevnetSnapshot = {
  readonly name: string;
  readonly version: string;
  readonly stateFormat: number;
  readonly chainId: string;
  /** With 0x. */
  readonly genesisHash: string;
  /** Of the newest block in it. */
  readonly height: number;
  readonly nodes: readonly string[];
  /** ISO time. */
  readonly takenAt: string;
};

export type ListedSnapshot = DevnetSnapshot & { readonly bytes: number };

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const FACTS = 'snapshot.json';

/** Throws `NAME_INVALID`: a name is part of a path. */
export function requireName(name: string): void {
  if (NAME.test(name) && name.length <= SNAPSHOT_LIMITS.nameCharactersMax) return;
  throw new SynodError(
    'NAME_INVALID',
    `"${name}" cannot be a name. Use 1 to ${SNAPSHOT_LIMITS.nameCharactersMax} letters, digits, dots and dashes, beginning with a letter or digit.`,
    { facts: { name } },
  );
}

/** Throws `SNAPSHOT_EXISTS` or `LIMIT_EXCEEDED`, before anything is stopped. */
export function requireNewName(layout: Layout, name: string): void {
  requireName(name);
  if (existsSync(join(layout.snapshots, name)))
    throw new SynodError(
      'SNAPSHOT_EXISTS',
      `There is a snapshot "${name}" already. Choose another name, or remove ${displayPath(join(layout.snapshots, name))}.`,
      { facts: { name } },
    );
  const { snapshotsMax } = SNAPSHOT_LIMITS;
  if (folders(layout).length >= snapshotsMax)
    throw new SynodError(
      'LIMIT_EXCEEDED',
      `There are ${snapshotsMax} snapshots already. Remove some from ${displayPath(layout.snapshots)}.`,
    );
}

/** Copies the homes of stopped nodes into `folder`, which appears whole or not at all. */
export async function writeSnapshot(
  layout: Layout,
  folder: string,
  facts: Omit<DevnetSnapshot, 'version' | 'stateFormat' | 'takenAt'>,
): Promise<DevnetSnapshot> {
  const temporary = `${folder}.part`;
  rmSync(temporary, { recursive: true, force: true });
  makeDirectory(temporary, 0o700);
  for (const node of facts.nodes) await copyHome(join(layout.directory, node), join(temporary, node));
  await copyFile(layout.chain, join(temporary, 'chain.json'));
  const snapshot = { ...facts, version: VERSION, stateFormat: STATE_FORMAT, takenAt: new Date().toISOString() };
  writeJsonAtomic(join(temporary, FACTS), snapshot);
  await syncTree(temporary);
  renameSync(temporary, folder);
  syncFolder(join(folder, '..'));
  return snapshot;
}

/** The newest first. */
export function listSnapshots(layout: Layout): readonly ListedSnapshot[] {
  const listed = folders(layout).map((name) => {
    const folder = join(layout.snapshots, name);
    return { ...readFacts(folder), name, bytes: treeBytes(folder) };
  });
  return listed.toSorted((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
}

/** Its folder and what it says. Throws `NOT_FOUND` with the nearest name, or what `requireFit` throws. */
export function requireSnapshot(
  layout: Layout,
  name: string,
  genesisHash: string,
): { readonly folder: string; readonly snapshot: DevnetSnapshot } {
  requireName(name);
  const known = folders(layout);
  if (!known.includes(name)) {
    const near = nearest(name, known);
    const some = known.length === 0 ? `Take one:  ${SYNOD} devnet snapshot NAME` : `There are: ${known.join(', ')}`;
    const hint = near === null ? some : `Did you mean ${near}?`;
    throw new SynodError('NOT_FOUND', `There is no snapshot "${name}". ${hint}`, { facts: { name } });
  }
  const folder = join(layout.snapshots, name);
  const snapshot = readFacts(folder);
  requireFit(snapshot, genesisHash);
  return { folder, snapshot };
}

/** Throws `STATE_FORMAT` for another version's state, `DATA_DIR_OTHER_CHAIN` for another chain's. */
export function requireFit(snapshot: DevnetSnapshot, genesisHash: string | null): void {
  if (snapshot.stateFormat !== STATE_FORMAT)
    throw new SynodError(
      'STATE_FORMAT',
      `This state was written by Synod ${snapshot.version} in state format ${snapshot.stateFormat}; this is Synod ${VERSION} with state format ${STATE_FORMAT}. Nothing was changed. Use it with that version.`,
      { facts: { found: snapshot.stateFormat, expected: STATE_FORMAT } },
    );
  if (genesisHash !== null && snapshot.genesisHash !== genesisHash)
    throw new SynodError(
      'DATA_DIR_OTHER_CHAIN',
      `This state is of another chain (${snapshot.chainId}, genesis ${snapshot.genesisHash.slice(0, 14)}…). Nothing was changed. Start a devnet with it:  ${SYNOD} devnet --state FILE --data-dir NEW`,
      { facts: { found: snapshot.genesisHash, expected: genesisHash } },
    );
}

/** What the snapshot in a folder says of itself. Throws `FILE_DAMAGED`. */
export function readFacts(folder: string): DevnetSnapshot {
  const next = 'Remove this snapshot.';
  const file = join(folder, FACTS);
  const facts = (readJson(file, next) ?? {}) as Partial<DevnetSnapshot>;
  const isWhole =
    [facts.version, facts.chainId, facts.genesisHash, facts.takenAt].every((one) => typeof one === 'string') &&
    [facts.height, facts.stateFormat].every(Number.isSafeInteger) &&
    Array.isArray(facts.nodes);
  if (isWhole) return facts as DevnetSnapshot;
  throw new SynodError('FILE_DAMAGED', `${displayPath(file)} lacks what it should say. ${next}`, { facts: { file } });
}

/** What a crash left of snapshots that were being taken. */
export function removePartialSnapshots(layout: Layout): void {
  rmSync(`${layout.staged}.part`, { recursive: true, force: true });
  for (const parent of [layout.snapshots, layout.dumps]) {
    if (!existsSync(parent)) continue;
    for (const name of readdirSync(parent))
      if (name.endsWith('.part')) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function folders(layout: Layout): string[] {
  if (!existsSync(layout.snapshots)) return [];
  const names = readdirSync(layout.snapshots).filter((name) => NAME.test(name) && !name.endsWith('.part'));
  return names.filter((name) => statSync(join(layout.snapshots, name)).isDirectory()).toSorted();
}
