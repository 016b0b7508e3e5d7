/**
 * How many trainings run at once on a machine: one, or as many short ones as it bears. Owns the lock files, each of which names the process
 * that holds it; a lock whose process is gone is taken over.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRoomFor } from '../files/disk-full.ts';
import { isAlive } from '../files/process-alive.ts';
import { TrainingError } from './errors.ts';

/** The lock that all users of this machine's temporary folder share. */
export const HOST_LOCK_PATH: string = join(tmpdir(), 'synod-training.lock');

/** Takes the lock or throws TRAINING_BUSY, DISK_FULL. Returns what gives it back. */
export async function takeHostLock(path: string = HOST_LOCK_PATH): Promise<() => Promise<void>> {
  const mine = `${path}.${process.pid}`;
  try {
    await withRoomFor(mine, null, () => writeFile(mine, String(process.pid)));
    if (!(await placeLock(mine, path))) {
      await clearDeadLock(path);
      if (!(await placeLock(mine, path))) throw await busy(path);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return () => rm(path, { force: true });
}

export type HostTurns = {
  readonly path: string;
  /** Trainings at once, the one of `takeHostLock` among them. */
  readonly turns: number;
  /** What one training takes at most, and how much memory there is to be had now. */
  readonly bytesEach: number;
  availableBytes(): number;
};

/**
 * Takes one of the machine's turns or throws TRAINING_BUSY. The first training always gets one; a further one only with memory for itself
 * and for all that have a turn, which may not have loaded their weights yet. Returns what gives it back.
 */
export async function takeHostTurn({
  path,
  turns,
  bytesEach,
  availableBytes,
}: HostTurns): Promise<() => Promise<void>> {
  const paths = Array.from({ length: turns }, (_, turn) => (turn === 0 ? path : `${path}.turn-${turn}`));
  const hasRoom = async (own: string): Promise<boolean> => {
    const holders = await Promise.all(paths.filter((one) => one !== own).map(holderOf));
    const others = holders.filter((pid) => pid !== undefined && isAlive(pid)).length;
    return others === 0 || availableBytes() >= (others + 1) * bytesEach;
  };
  for (const own of paths) {
    const giveBack = await takeHostLock(own).catch((error: unknown) => {
      if (error instanceof TrainingError && error.code === 'TRAINING_BUSY') return null;
      throw error;
    });
    // Asked with the turn in hand: of two that ask at once each sees the other.
    if (giveBack !== null && (await hasRoom(own))) return giveBack;
    await giveBack?.();
  }
  throw await busy(path);
}

/** Linking fails when the name is taken, and a file that can be seen is always complete. */
async function placeLock(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead process's lock away, and back if another process has put its own there meanwhile. */
async function clearDeadLock(path: string): Promise<void> {
  const holder = await holderOf(path);
  if (holder === undefined) return;
  if (isAlive(holder)) throw await busy(path);
  const aside = `${path}.dead-${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await holderOf(aside);
  if (moved !== undefined && moved !== holder && isAlive(moved)) await placeLock(aside, path);
  await rm(aside, { force: true });
}

async function holderOf(path: string): Promise<number | undefined> {
  try {
    return Number(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function busy(path: string): Promise<TrainingError> {
  const pid = (await holderOf(path)) ?? 0;
  return new TrainingError(
    'TRAINING_BUSY',
    `Process ${pid} is training on this machine, which bears no further one now. Wait for it, or end it.`,
    { facts: { pid, lock: path } },
  );
}
