/**
 * `blobs/` in a node's home: every blob in a file named by its id, and the chunks of those that are being fetched in `parts/`. Owns that a
 * blob is whole and durable, or not there; which ones are wanted is the host's. Nothing is ever deleted but parts.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { blobId, type Hash } from '@synod/chain';
import type { BlobStore } from '../host/index.ts';
import { type FileOperations, syncDirectory, systemFiles } from './durable-files.ts';
import { readChecked, writeChecked } from './hashed-file.ts';
import { makeDirectory } from './make-directory.ts';
import type { Deliver } from './node-store.ts';
import { reasonOf, writeFailed } from './store-errors.ts';

const NAME = /^[0-9a-f]{64}$/;
const PART_NAME = /^[0-9a-f]{64}-[0-9]{1,4}$/;

/** Parts kept in all: those of the blobs that a host fetches at once, several times over. */
export const BLOB_PARTS_MAX = 1_024;

export type BlobLog = { warn(facts: object, message: string): void };

export type BlobFolderOptions = {
  /** The folder; made where it is missing. */
  readonly folder: string;
  readonly deliver: Deliver;
  readonly log: BlobLog;
  readonly files?: FileOperations;
};

/** Opening it throws `STORE_WRITE_FAILED`. */
export class BlobFolder implements BlobStore {
  readonly #options: BlobFolderOptions;
  readonly #files: FileOperations;
  readonly #parts: string;
  readonly #names: Set<string>;
  readonly #partNames: Set<string>;
  #writing: Promise<void> = Promise.resolve();
  /** Told once, until a write succeeds again. */
  #isFull = false;

  constructor(options: BlobFolderOptions) {
    this.#options = options;
    this.#files = options.files ?? systemFiles;
    this.#parts = join(options.folder, 'parts');
    this.#names = openFolder(options.folder, NAME);
    this.#partNames = openFolder(this.#parts, PART_NAME);
    // A process may have died between renaming a blob and making the name durable.
    syncDirectory(this.#files, options.folder);
  }

  has(content: Hash): boolean {
    return this.#names.has(content);
  }

  read(content: Hash): Uint8Array | null {
    if (!this.has(content)) return null;
    const path = this.#path(content);
    const bytes = readWhole(path);
    if (bytes !== null && blobId(bytes) === content) return bytes;
    this.#names.delete(content);
    this.#options.log.warn({ file: path }, 'damaged or missing blob, it is fetched again');
    this.#options.deliver({ kind: 'blobDamaged', content });
    return null;
  }

  save(content: Hash, bytes: Uint8Array): void {
    void this.keep(content, bytes);
  }

  /** As `save`; true when the blob is durable, false when the disk did not take it, of which a warning tells. Never rejects. */
  keep(content: Hash, bytes: Uint8Array): Promise<boolean> {
    const kept = this.#writing.then(() => this.#write(content, bytes));
    this.#writing = kept.then(() => undefined);
    return kept;
  }

  part(content: Hash, index: number): Uint8Array | null {
    const name = partName(content, index);
    if (!this.#partNames.has(name)) return null;
    const bytes = readChecked(join(this.#parts, name));
    return bytes instanceof Uint8Array ? bytes : null;
  }

  /** Not awaited and not told: what is lost is fetched again. */
  savePart(content: Hash, index: number, bytes: Uint8Array): void {
    this.#writing = this.#writing.then(() => this.#writePart(partName(content, index), bytes));
  }

  forgetParts(content: Hash): void {
    this.#writing = this.#writing.then(() => this.#dropParts(content));
  }

  /** Resolves when everything asked for is on disk, or has failed. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #write(content: Hash, bytes: Uint8Array): Promise<boolean> {
    try {
      if (!this.has(content)) await this.#replace(content, bytes);
    } catch (error) {
      this.#tellFull(error);
      await rm(`${this.#path(content)}.new`, { force: true });
      return false;
    }
    this.#isFull = false;
    this.#names.add(content);
    await this.#dropParts(content);
    this.#options.deliver({ kind: 'blobStored', content });
    return true;
  }

  /** The bytes, then the name, then the folder that lists it: after a crash at any point the name stands for all bytes or is not there. */
  async #replace(content: Hash, bytes: Uint8Array): Promise<void> {
    const path = this.#path(content);
    const temporary = `${path}.new`;
    const file = await this.#files.promises.open(temporary, 'w', 0o600);
    try {
      const { bytesWritten } = await file.writev([bytes]);
      if (bytesWritten < bytes.length) throw new Error('the disk took a part of it only');
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#files.promises.rename(temporary, path);
    syncDirectory(this.#files, this.#options.folder);
  }

  async #writePart(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#partNames.size >= BLOB_PARTS_MAX) return;
    try {
      await writeChecked(join(this.#parts, name), bytes, this.#files);
      this.#partNames.add(name);
    } catch (error) {
      this.#tellFull(error);
    }
  }

  async #dropParts(content: Hash): Promise<void> {
    for (const name of this.#partNames) {
      if (!name.startsWith(content)) continue;
      this.#partNames.delete(name);
      await rm(join(this.#parts, name), { force: true });
    }
  }

  #tellFull(error: unknown): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#options.log.warn(
      { folder: this.#options.folder, error: reasonOf(error) },
      'blobs cannot be written, so this node attests no new ones and serves only those it has; free disk space, it goes on by itself',
    );
  }

  #path(content: Hash): string {
    return join(this.#options.folder, content);
  }
}

function partName(content: Hash, index: number): string {
  return `${content}-${index}`;
}

function readWhole(path: string): Uint8Array | null {
  try {
    return existsSync(path) ? readFileSync(path) : null;
  } catch {
    // A file that the disk cannot read is a damaged one: the caller fetches it again.
    return null;
  }
}

/** Names that are there; half-written files of a process that died are removed. */
function openFolder(folder: string, pattern: RegExp): Set<string> {
  try {
    makeDirectory(folder, 0o700);
    const found = readdirSync(folder);
    for (const name of found.filter((each) => each.endsWith('.new'))) rmSync(join(folder, name), { force: true });
    return new Set(found.filter((name) => pattern.test(name)));
  } catch (cause) {
    throw writeFailed(folder, cause);
  }
}
