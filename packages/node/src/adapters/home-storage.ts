/**
 * How many bytes the parts of a node's home take, and how much room the disk has left. Owns looking, at most once a while, and never
 * synchronously: whoever asks in between is told what was seen last.
 */
import { opendir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Parts of a home that grow. */
export const STORES = ['chain', 'wal', 'snapshots', 'blobs', 'versions', 'library'] as const;

export type StoreName = (typeof STORES)[number];

export type StorageReport = {
  /** Bytes of the files of each part; 0 for what is not there. */
  readonly bytes: Readonly<Record<StoreName, number>>;
  readonly freeBytes: number;
};

const STORAGE_LIMITS = {
  /** The disk is not looked at more often. */
  lookEveryMs: 30_000,
  /** Files counted of one part; a node has far fewer. */
  filesMax: 200_000,
} as const;

export class HomeStorage {
  readonly #home: string;
  readonly #nowMs: () => number;
  #seen: Promise<StorageReport> | null = null;
  #seenAtMs = 0;

  constructor(home: string, nowMs: () => number = () => performance.now()) {
    this.#home = home;
    this.#nowMs = nowMs;
  }

  /** What the parts take, seen within the last half minute. */
  report(): Promise<StorageReport> {
    if (this.#seen === null || this.#nowMs() - this.#seenAtMs >= STORAGE_LIMITS.lookEveryMs) {
      this.#seenAtMs = this.#nowMs();
      this.#seen = storageOf(this.#home);
    }
    return this.#seen;
  }
}

/** Looks now. */
export async function storageOf(home: string): Promise<StorageReport> {
  const sizes = await Promise.all(STORES.map(async (name) => [name, await folderBytes(join(home, name))] as const));
  const { bavail, bsize } = await statfs(home);
  return { bytes: Object.fromEntries(sizes) as Record<StoreName, number>, freeBytes: bavail * bsize };
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  let files = 0;
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (!entry.isFile() || ++files > STORAGE_LIMITS.filesMax) continue;
      bytes += await sizeOf(join(entry.parentPath, entry.name));
    }
  } catch (error) {
    // Never written yet, or a folder that was replaced while it was looked at.
    if (!isGone(error)) throw error;
  }
  return bytes;
}

/** A database drops files at any time. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
