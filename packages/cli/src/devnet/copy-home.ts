/** Copies of a stopped node's home. Owns what of a home belongs to the running process and stays behind. */
import { constants } from 'node:fs';
import { copyFile as copy, cp } from 'node:fs/promises';
import { basename } from 'node:path';

/** Of a process: its lock, the ports that it serves, what it was writing. */
const OF_THE_PROCESS = /^(node\.lock|fault-port\.json|admin\.json)$|\.tmp$/;

/** Shares the blocks of the disk where the file system can (reflinks). */
export async function copyHome(from: string, to: string): Promise<void> {
  await cp(from, to, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    errorOnExist: true,
    force: false,
    filter: (source) => !OF_THE_PROCESS.test(basename(source)),
  });
}

export async function copyFile(from: string, to: string): Promise<void> {
  await copy(from, to, constants.COPYFILE_FICLONE);
}
