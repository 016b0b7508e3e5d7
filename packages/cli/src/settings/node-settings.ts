/** Flags that `start` and `sync` read alike: how a node comes to its chain, and how much of it is kept. Owns their ranges and errors. */
import { SynodError } from '@synod/chain';
import { KEEP_BLOCKS_MIN, type SyncMode } from '@synod/node';
import { parseCount } from './settings.ts';

const KEEP_BLOCKS_MAX = 1_000_000_000;

/** `auto` where nothing is said. Throws `USAGE`. */
export function parseSyncMode(text: string | undefined): SyncMode {
  if (text === undefined) return 'auto';
  if (text === 'auto' || text === 'blocks' || text === 'snapshot') return text;
  throw new SynodError('USAGE', `--sync "${text}" is no way to sync. Choose auto, blocks or snapshot.`);
}

/** Null: all are kept. Throws `NUMBER_INVALID`. */
export function parseKeepBlocks(text: string | undefined): number | null {
  if (text === undefined) return null;
  return parseCount(text, '--keep-blocks', { min: KEEP_BLOCKS_MIN, max: KEEP_BLOCKS_MAX });
}
