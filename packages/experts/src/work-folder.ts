/**
 * Folders beside their final place in which something is made. Owns their names, that killed processes' are removed, and that an old folder which one
 * of them had moved away comes back. The worker's models have their own (inference: models/store/work-folder.ts).
 *
 * `.work-PID-RANDOM/` holds what is made; `before/NAME` in it is what stood at NAME beside it until the new one takes its place.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const NAME = /^\.work-(\d+)-[0-9a-f]{12}$/;
const BEFORE = 'before';

/** Names in use by this process, which its own clean-up must spare. */
const inUse = new Set<string>();

/** Runs `fill` with a fresh folder inside `parent`, and removes whatever it left there afterwards. */
export async function withWorkFolder<T>(parent: string, fill: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const name = `.work-${process.pid}-${randomBytes(6).toString('hex')}`;
  const folder = join(parent, name);
  inUse.add(name);
  try {
    await mkdir(folder);
    return await fill(folder);
  } finally {
    await putBack(parent, folder);
    await rm(folder, { recursive: true, force: true });
    inUse.delete(name);
  }
}

/** Moves `made` to `out`, which is beside the work folder `work`; what stands there goes only when the new one has its place. */
export async function replaceFolder(made: string, { out, work }: { readonly out: string; readonly work: string }) {
  const before = join(work, BEFORE, basename(out));
  await mkdir(dirname(before));
  await rename(out, before).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(made, out);
}

/** Removes what killed processes left inside `parent`; nothing where there is no such folder. Spares the folders of live ones. */
export async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || inUse.has(name)) continue;
    if (Number(pid) !== process.pid && isAlive(Number(pid))) continue;
    await putBack(parent, join(parent, name));
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** A folder that was moved away, and whose successor has not come, stands in its place again. */
async function putBack(parent: string, work: string): Promise<void> {
  for (const name of await readdir(join(work, BEFORE)).catch(() => [])) {
    const isFree = await stat(join(parent, name)).then(
      () => false,
      () => true,
    );
    if (isFree) await rename(join(work, BEFORE, name), join(parent, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
