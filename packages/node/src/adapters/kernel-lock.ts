/**
 * A lock that the kernel holds for a process and drops with it: LevelDB's, on a database with nothing in it. It tells processes apart
 * where their numbers do not, as in two containers on one volume, whose first process is number 1 in both. A node's home has this
 * lock by its database; for a home without one it stands behind the lock file, which names the holder.
 */
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import { openDatabase } from './level-database.ts';
import { requireUnlocked } from './lock-file.ts';

/** Takes the lock of a directory that is there; gives what releases it. Throws `DATA_DIR_IN_USE`, and `DATABASE_DAMAGED` for what lies there. */
export async function holdKernelLock(directory: string): Promise<() => Promise<void>> {
  try {
    const database = await openDatabase(join(directory, 'lock'));
    return () => database.close();
  } catch (error) {
    if (!(error instanceof SynodError)) throw error;
    // The lock file knows the number of a holder that this process can see.
    if (error.code === 'DATA_DIR_IN_USE') requireUnlocked(directory);
    const what =
      error.code === 'DATA_DIR_IN_USE'
        ? `Another process uses ${directory}, perhaps in another container. Stop it first: two could sign twice.`
        : `The lock in ${directory} cannot be taken. When nothing else uses the folder, delete "lock" in it, which holds no data, and start again.`;
    throw new SynodError(error.code, what, { facts: { directory }, cause: error });
  }
}
