/**
 * Puts a saved state in the place of a devnet's own, in a way that a crash at any moment leaves the old or the new one whole. Owns the
 * three steps: everything is copied beside the homes and made durable; a file says that it is decided; then homes are replaced one by
 * one, which the next start repeats as often as it takes. Before the file there is only the old state, after it only the new.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '@synod/node/make-directory';
import { syncFolder, syncTree } from '../files/sync-tree.ts';
import { writeJsonAtomic } from '../files/write-file.ts';
import { copyFile, copyHome } from './copy-home.ts';
import type { Layout } from './layout.ts';
import type { DevnetSnapshot } from './snapshots.ts';

/** Which ports and folders a node has is this machine's and this start's, not the state's. */
const KEPT = ['node.json', 'genesis.json'];

/** Copies the snapshot's homes beside the devnet's; nodes must be stopped. Nothing of the devnet changes yet. */
export async function stageRestore(layout: Layout, folder: string, snapshot: DevnetSnapshot): Promise<void> {
  rmSync(layout.staged, { recursive: true, force: true });
  makeDirectory(layout.staged, 0o700);
  for (const node of snapshot.nodes) {
    await copyHome(join(folder, node), join(layout.staged, node));
    for (const name of KEPT) {
      const own = join(layout.directory, node, name);
      if (existsSync(own)) await copyFile(own, join(layout.staged, node, name));
    }
  }
  await copyFile(join(folder, 'chain.json'), join(layout.staged, 'chain.json'));
  await syncTree(layout.staged);
  syncFolder(layout.directory);
}

/** From here on the new state is the devnet's, whatever happens. */
export function decideRestore(layout: Layout, snapshot: DevnetSnapshot): void {
  writeJsonAtomic(layout.restore, snapshot);
}

/** Ends what was decided, or forgets what was not. To be called before every start; true when there was something to end. */
export function finishRestore(layout: Layout): boolean {
  const isDecided = existsSync(layout.restore);
  if (isDecided && existsSync(layout.staged)) {
    for (const name of readdirSync(layout.staged)) {
      rmSync(join(layout.directory, name), { recursive: true, force: true });
      renameSync(join(layout.staged, name), join(layout.directory, name));
    }
    syncFolder(layout.directory);
  }
  rmSync(layout.staged, { recursive: true, force: true });
  rmSync(layout.restore, { force: true });
  if (existsSync(layout.directory)) syncFolder(layout.directory);
  return isDecided;
}
