/**
 * `library/` in a node's home: recipes and adapters, each in a file named by its hash. Owns that a file is whole or not there, and
 * how many there are: the oldest of a kind makes room. What is lost is fetched, or published, again.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hash, RECIPE_LIMITS, recipeHash, sha256, toHex, ZERO_HASH } from '@synod/chain';
import { type ContentKind, limits as hostLimits, type ModelLibrary } from '../host/index.ts';
import { makeDirectory } from './make-directory.ts';
import type { Deliver } from './node-store.ts';
import { writeFailed } from './store-errors.ts';

/** Files kept of each kind: at most 16 MiB of recipes and 128 MiB of adapters. */
export const LIBRARY_FILES_MAX: Readonly<Record<ContentKind, number>> = { recipe: 2_048, adapter: 128 };

const FOLDERS: Readonly<Record<ContentKind, string>> = { recipe: 'recipes', adapter: 'adapters' };
const BYTES_MAX: Readonly<Record<ContentKind, number>> = {
  recipe: RECIPE_LIMITS.bytesMax,
  adapter: hostLimits.adapterBytesMax,
};
const NAME = /^[0-9a-f]{64}$/;

export type LibraryLog = { warn(facts: object, message: string): void };

export type LibraryOptions = {
  /** The folder; made where it is missing. */
  readonly folder: string;
  readonly baseModel: () => Hash | null;
  readonly deliver: Deliver;
  readonly log: LibraryLog;
};

/** Opening it throws `STORE_WRITE_FAILED`. */
export class LibraryFolder implements ModelLibrary {
  readonly #options: LibraryOptions;
  /** Names that are there, oldest first. */
  readonly #names: Readonly<Record<ContentKind, Set<Hash>>>;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#names = { recipe: this.#open('recipe'), adapter: this.#open('adapter') };
  }

  baseModel(): Hash | null {
    return this.#options.baseModel();
  }

  has(content: ContentKind, hash: Hash): boolean {
    return this.#names[content].has(hash);
  }

  read(content: ContentKind, hash: Hash): Uint8Array | null {
    if (!this.has(content, hash)) return null;
    const path = this.#path(content, hash);
    const bytes = existsSync(path) ? readFileSync(path) : null;
    if (bytes !== null && hashOf(content, bytes) === hash) return bytes;
    this.#names[content].delete(hash);
    this.#options.log.warn({ file: path }, 'damaged or missing file of the library, it is fetched again');
    return null;
  }

  adapterFile(hash: Hash): string {
    return this.#path('adapter', hash);
  }

  save(content: ContentKind, hash: Hash, bytes: Uint8Array): void {
    this.#writing = this.#writing.then(() => this.#write(content, hash, bytes));
  }

  /**
   * Takes in an expert's own adapter, so that peers can fetch it, and gives its hash: `ZERO_HASH` for none. Null, with a warning, for
   * a file that cannot be read or is too long.
   */
  publish(file: string | null): Hash | null {
    if (file === null) return ZERO_HASH;
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? null;
    if (size === null || size > BYTES_MAX.adapter) {
      this.#options.log.warn({ file, size }, 'no adapter that could be published');
      return null;
    }
    const bytes = readFileSync(file);
    const hash = hashOf('adapter', bytes);
    if (!this.has('adapter', hash)) this.save('adapter', hash, bytes);
    return hash;
  }

  /** Resolves when everything saved is on disk, or has failed. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #write(content: ContentKind, hash: Hash, bytes: Uint8Array): Promise<void> {
    const path = this.#path(content, hash);
    const names = this.#names[content];
    try {
      await this.#makeRoom(content);
      await writeFile(`${path}.new`, bytes, { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    } catch (error) {
      this.#options.log.warn({ file: path, error: String(error) }, 'file of the library not written');
      return;
    }
    names.delete(hash);
    names.add(hash);
    this.#options.deliver({ kind: 'contentStored', content, hash });
  }

  async #makeRoom(content: ContentKind): Promise<void> {
    const names = this.#names[content];
    while (names.size >= LIBRARY_FILES_MAX[content]) {
      const [oldest] = names;
      if (oldest === undefined) return;
      names.delete(oldest);
      await rm(this.#path(content, oldest), { force: true });
    }
  }

  /** What is there, oldest first; half-written files of a process that died are removed. */
  #open(content: ContentKind): Set<Hash> {
    const folder = join(this.#options.folder, FOLDERS[content]);
    try {
      makeDirectory(folder, 0o700);
      const found = readdirSync(folder);
      for (const name of found.filter((each) => each.endsWith('.new'))) rmSync(join(folder, name), { force: true });
      const files = found
        .filter((name) => NAME.test(name))
        .map((name) => ({ name: name as Hash, atMs: statSync(join(folder, name)).mtimeMs }));
      return new Set(files.toSorted((a, b) => a.atMs - b.atMs).map(({ name }) => name));
    } catch (cause) {
      throw writeFailed(folder, cause);
    }
  }

  #path(content: ContentKind, hash: Hash): string {
    return join(this.#options.folder, FOLDERS[content], hash);
  }
}

function hashOf(content: ContentKind, bytes: Uint8Array): Hash {
  return content === 'recipe' ? recipeHash(bytes) : (toHex(sha256(bytes)) as Hash);
}
