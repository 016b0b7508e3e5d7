/**
 * Damage to the write-ahead log of a node that is down: its end torn off, or all of it gone. The last-sign state beside it stays.
 * Owns these two; what a node makes of them is consensus §1.7 and §1.8.
 */
import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** Cuts up to `bytes` off the newest segment; gives how many. */
export function tearLog(home: string, bytes: number): number {
  const folder = join(home, 'wal');
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('.wal'))
    .toSorted()
    .at(-1);
  if (newest === undefined) return 0;
  const { size } = statSync(join(folder, newest));
  const cut = Math.min(bytes, size);
  truncateSync(join(folder, newest), size - cut);
  return cut;
}

/** Removes the whole log. */
export function removeLog(home: string): void {
  rmSync(join(home, 'wal'), { recursive: true, force: true });
}
