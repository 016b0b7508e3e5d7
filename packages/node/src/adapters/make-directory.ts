/**
 * Creating folders. Owns that a folder that cannot be made is an error at once: the `recursive` option of Node's mkdir never
 * returns inside a folder that answers every new name with "not found", as /proc does.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes the folder and those above it that are missing, each with `mode`. Throws the system's error. */
export function makeDirectory(path: string, mode = 0o777): void {
  const wanted = [resolve(path)];
  for (let above = dirname(wanted[0]!); !existsSync(above); above = dirname(above)) wanted.push(above);
  for (const directory of wanted.toReversed()) {
    if (isDirectory(directory)) continue;
    try {
      mkdirSync(directory, { mode });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isDirectory(directory)) throw error;
    }
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
