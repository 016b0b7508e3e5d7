/** Files that are there whole or not at all. Owns the drafts beside them: a failed write leaves none, and those of killed processes go. */
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withRoomFor } from './disk-full.ts';
import { isAlive } from './process-alive.ts';

/** Two writes of one process at the same time have drafts of their own. */
let drafts = 0;

/**
 * Replaces `path` at once or not at all; the bytes are on disk when this resolves. Throws DiskFullError, naming the file, and what the file
 * system throws.
 */
export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const draft = `${path}.${process.pid}-${drafts++}.partial`;
  await removeAbandoned(path);
  try {
    await withRoomFor(path, Buffer.byteLength(bytes), async () => {
      await writeFile(draft, bytes, { flush: true });
      await rename(draft, path);
    });
  } catch (error) {
    // What is left of it would take the room that is missing.
    await rm(draft, { force: true });
    throw error;
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const beginning = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(beginning)) continue;
    const pid = /^(\d+)-\d+\.partial$/.exec(name.slice(beginning.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dirname(path), name), { force: true });
  }
}
