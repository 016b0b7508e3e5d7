/**
 * `versions/` in a node's home: factors, adapters and learnt passages of domains' versions, each file named by its hash, and `work/` with
 * what the learner's jobs are at (spec: learning §9). Owns that a file is whole and what its name says, or not there, and how many
 * there are. What is lost is made again.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hash, PassageTree, sha256, toHex } from '@synod/chain';
import { readLearnt, writeLearnt } from '@synod/inference/knowledge';
import type { LearntEntry, VersionFile, VersionFiles } from '../host/index.ts';
import { makeDirectory } from './make-directory.ts';
import type { Deliver } from './node-store.ts';
import { writeFailed } from './store-errors.ts';

/** Files kept of each kind, and of work; those used longest ago make room. */
export const VERSION_FILES_MAX = { kind: 256, work: 64 } as const;

const FOLDERS: Readonly<Record<VersionFile, string>> = { factors: 'factors', adapter: 'adapters', learnt: 'learnt' };
const NAME = /^[0-9a-f]{64}$/;
const DRAFT = /^[0-9a-f]{64}\.\w+$/;

export type VersionLog = { warn(facts: object, message: string): void };

export type VersionFolderOptions = {
  /** The folder; made where it is missing. */
  readonly folder: string;
  readonly deliver: Deliver;
  readonly log: VersionLog;
};

/** Opening it throws `STORE_WRITE_FAILED`. */
export class VersionFolder implements VersionFiles {
  readonly #options: VersionFolderOptions;
  /** Names that are there, used longest ago first. */
  readonly #names: Readonly<Record<VersionFile, Set<Hash>>>;
  /** Files whose bytes were found to be what their names say. */
  readonly #checked = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: VersionFolderOptions, names: Readonly<Record<VersionFile, Set<Hash>>>) {
    this.#options = options;
    this.#names = names;
  }

  /** Reads what is there; damaged files of learnt passages are removed. */
  static async open(options: VersionFolderOptions): Promise<VersionFolder> {
    const names = {
      factors: openFolder(join(options.folder, FOLDERS.factors)),
      adapter: openFolder(join(options.folder, FOLDERS.adapter)),
      learnt: openFolder(join(options.folder, FOLDERS.learnt)),
    };
    dropOldWork(join(options.folder, 'work'));
    const folder = new VersionFolder(options, names);
    for (const root of [...names.learnt]) await folder.#checkLearnt(root);
    return folder;
  }

  has(kind: VersionFile, hash: Hash): boolean {
    if (!this.#names[kind].has(hash)) return false;
    const path = this.#path(kind, hash);
    if (this.#checked.has(path) || kind === 'learnt') return true;
    if (hashOf(path) === hash) {
      this.#checked.add(path);
      return true;
    }
    this.#drop(kind, hash);
    return false;
  }

  file(kind: VersionFile, hash: Hash): string {
    if (this.#names[kind].delete(hash)) this.#names[kind].add(hash);
    return this.#path(kind, hash);
  }

  saveLearnt(root: Hash, passages: readonly LearntEntry[]): void {
    this.#writing = this.#writing.then(() => this.#writeLearnt(root, passages));
  }

  deriveFactors(hash: Hash, adapterFile: string): void {
    this.#writing = this.#writing.then(() => this.#derive(hash, adapterFile));
  }

  /** Takes in a finished file. False where its bytes are not what the hash says. */
  take(kind: Exclude<VersionFile, 'learnt'>, hash: Hash, file: string): boolean {
    if (this.has(kind, hash)) return true;
    if (hashOf(file) !== hash) return false;
    const path = this.#path(kind, hash);
    renameSync(file, path);
    this.#checked.add(path);
    this.#list(kind, hash);
    return true;
  }

  /** Where a job may keep a file while it runs. */
  workFile(job: string, name: 'checkpoint' | 'delta' | 'factors' | 'adapter'): string {
    return join(this.#options.folder, 'work', `${workName(job)}-${name}`);
  }

  forgetWork(job: string): void {
    const folder = join(this.#options.folder, 'work');
    const own = readdirSync(folder).filter((name) => name.startsWith(workName(job)));
    for (const name of own) rmSync(join(folder, name), { recursive: true, force: true });
  }

  /** Resolves when everything saved is on disk, or has failed. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #writeLearnt(root: Hash, passages: readonly LearntEntry[]): Promise<void> {
    const path = this.#path('learnt', root);
    try {
      await writeLearnt(path, passages);
    } catch (error) {
      this.#options.log.warn({ file: path, error: String(error) }, 'learnt passages not written');
      return;
    }
    this.#list('learnt', root);
    this.#options.deliver({ kind: 'versionStored', file: 'learnt', hash: root });
  }

  async #derive(hash: Hash, adapterFile: string): Promise<void> {
    const file = this.workFile(hash, 'factors');
    try {
      await writeFile(file, await factorsOfAdapter(adapterFile));
    } catch (error) {
      this.#options.log.warn({ file: adapterFile, error: String(error) }, 'factors of genesis cannot be made');
      return;
    }
    if (this.take('factors', hash, file)) this.#options.deliver({ kind: 'versionStored', file: 'factors', hash });
    else this.#options.log.warn({ file: adapterFile, hash }, 'factors of genesis are not those of its adapter');
  }

  async #checkLearnt(root: Hash): Promise<void> {
    try {
      if (new PassageTree(await readLearnt(this.#path('learnt', root))).root === root) return;
    } catch (error) {
      this.#options.log.warn(
        { file: this.#path('learnt', root), error: String(error) },
        'learnt passages not readable',
      );
    }
    this.#drop('learnt', root);
  }

  #list(kind: VersionFile, hash: Hash): void {
    const names = this.#names[kind];
    names.delete(hash);
    names.add(hash);
    const [oldest] = names;
    if (names.size > VERSION_FILES_MAX.kind && oldest !== undefined) this.#remove(kind, oldest);
  }

  #drop(kind: VersionFile, hash: Hash): void {
    this.#options.log.warn({ file: this.#path(kind, hash) }, 'damaged or missing file of a version, it is made again');
    this.#remove(kind, hash);
  }

  #remove(kind: VersionFile, hash: Hash): void {
    const path = this.#path(kind, hash);
    this.#names[kind].delete(hash);
    this.#checked.delete(path);
    rmSync(path, { force: true });
  }

  #path(kind: VersionFile, hash: Hash): string {
    return versionFile(this.#options.folder, kind, hash);
  }
}

/** Where a version's file lies below the folder: for whoever lays files of genesis there. */
export function versionFile(folder: string, kind: VersionFile, hash: Hash): string {
  return join(folder, FOLDERS[kind], hash);
}

/** The fixed-point file of an adapter's factors. Throws where it has none that could be learnt on. */
export async function factorsOfAdapter(file: string): Promise<Uint8Array> {
  const { readAdapter, readAdapterAbout } = await import('@synod/inference/adapters');
  const { encodeFixedFactors, fixedFromAdapter } = await import('@synod/inference/learning');
  const { about } = await readAdapterAbout(file);
  const fixed = fixedFromAdapter(await readAdapter(file, about));
  if ('problem' in fixed) throw new Error(fixed.problem);
  return encodeFixedFactors(fixed);
}

/** What the bytes hash to; null for a file that is not there or cannot be read. */
function hashOf(file: string): Hash | null {
  try {
    return existsSync(file) ? (toHex(sha256(readFileSync(file))) as Hash) : null;
  } catch {
    // A file that the disk cannot read is a damaged one: it is made again.
    return null;
  }
}

function workName(job: string): string {
  return toHex(sha256(new TextEncoder().encode(job))).slice(0, 32);
}

/** Names that are there, oldest first; half-written files of a process that died are removed. */
function openFolder(folder: string): Set<Hash> {
  try {
    makeDirectory(folder, 0o700);
    const found = readdirSync(folder);
    for (const name of found.filter((each) => DRAFT.test(each))) rmSync(join(folder, name), { force: true });
    return new Set(
      byAge(
        folder,
        found.filter((name) => NAME.test(name)),
      ) as Hash[],
    );
  } catch (cause) {
    throw writeFailed(folder, cause);
  }
}

/** Work of rounds that were over while this node was away is of no use to anybody. */
function dropOldWork(folder: string): void {
  try {
    makeDirectory(folder, 0o700);
    const found = byAge(folder, readdirSync(folder));
    for (const name of found.slice(0, Math.max(0, found.length - VERSION_FILES_MAX.work)))
      rmSync(join(folder, name), { recursive: true, force: true });
  } catch (cause) {
    throw writeFailed(folder, cause);
  }
}

function byAge(folder: string, names: readonly string[]): readonly string[] {
  const ages = names.map((name) => ({ name, atMs: statSync(join(folder, name)).mtimeMs }));
  return ages.toSorted((a, b) => a.atMs - b.atMs).map(({ name }) => name);
}
