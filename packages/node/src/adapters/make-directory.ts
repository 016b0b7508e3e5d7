/**
 * Creating folders. Owns that a folder that cannot be made is an error at once: the `recursive` option of Node's mkdir never
 * returns inside a folder that answers every new name with "not found", as /proc does.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { syncDirectory, systemFiles } from './durable-files.ts';

/** Makes the folder and those above it that are missing, each with `mode`. Throws the system's error. */
export function makeDirectory(path: string, mode = 0o777): void {
  const wanted = [resolve(path)];
  for (let above = dirname(wanted[0]!); !existsSync(above); above = dirname(above)) wanted.push(above);
  for (const directory of wanted.toReversed()) {
    if (isDirectory(directory)) continue;
    try {
      mkdirSync(directory, { mode });
      syncAbove(directory);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isDirectory(directory)) throw error;
    }
  }
}

/** The folder's name survives a power loss before anything in it claims to. */
function syncAbove(directory: string): void {
  try {
    syncDirectory(systemFiles, dirname(directory));
  } catch (error) {
    // A folder that may be written and not read cannot be opened for it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
