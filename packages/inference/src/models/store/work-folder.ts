/**
 * Folders that are filled under a private name and then renamed into place, so that a finished name never stands for
 * half a folder. Owns the private names and the removal of what interrupted runs left behind.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../files/process-alive.ts';

const NAME = /^\.work-(\d+)-[0-9a-f]{12}$/;

/** Names in use by this process, which its own clean-up must spare. */
const inUse = new Set<string>();

/** Runs `fill` with a fresh folder inside `parent`, and removes whatever it left there afterwards. */
export async function withWorkFolder<T>(parent: string, fill: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await removeAbandonedWork(parent);
  const name = `.work-${process.pid}-${randomBytes(6).toString('hex')}`;
  const folder = join(parent, name);
  inUse.add(name);
  try {
    await mkdir(folder);
    return await fill(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    inUse.delete(name);
  }
}

/** Moves a finished folder to `target`. Where another process has put the same there meanwhile, theirs stays. */
export async function moveIntoPlace(folder: string, target: string): Promise<void> {
  try {
    await rename(folder, target);
  } catch (error) {
    const exists = await stat(target).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!exists) throw error;
  }
}

/** Removes what killed processes were filling inside `parent`; nothing where there is no such folder. Spares that of live ones. */
export async function removeAbandonedWork(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || inUse.has(name)) continue;
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}
