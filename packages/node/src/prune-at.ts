/** When a running node forgets old blocks. Owns how often and how many stay; deleting is the store's. */
import type { OpenedStore } from './adapters/index.ts';

/** What proofs, peers that are a little behind and the search for own signatures need. */
export const KEEP_BLOCKS_MIN = 256;
const PRUNE_EVERY_BLOCKS = 64;

/**
 * Now and then rather than at every block: many small deletions cost more than a few large ones. Blocks above a snapshot that is
 * served stay, or nobody could follow from it.
 */
export function pruneAt(
  height: number,
  keepBlocks: number | null,
  { opening, snapshots }: { readonly opening: OpenedStore; readonly snapshots: readonly number[] },
): void {
  if (keepBlocks === null || height % PRUNE_EVERY_BLOCKS !== 0) return;
  const below = height - Math.max(keepBlocks, KEEP_BLOCKS_MIN) + 1;
  opening.prune?.(Math.min(below, ...snapshots));
}
