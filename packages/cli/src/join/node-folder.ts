/**
 * The home folder that `start` and `sync` go on with: one that is there, or a new one for a running chain, with a block to trust and,
 * where the operator has one, a snapshot put in. Owns that one way; what is believed of a node that is joined is join-network.ts.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { requireUnlocked } from '@synod/node/lock';
import { readNodeHome } from '../node-home.ts';
import { note } from '../terminal/output.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { readGenesisFile } from './genesis-file.ts';
import { type JoinFlags, joinNetwork } from './join-network.ts';
import { readTrustedBlock, type TrustedBlock } from './trusted-block.ts';

export type FolderFlags = Partial<JoinFlags> & { readonly home?: string };

/**
 * Absolute. Throws `USAGE` where neither a home nor a network is named, `DATA_DIR_IN_USE` where a node runs in it, and what joining and
 * reading a checkpoint throw.
 */
export async function prepareFolder({ home, ...flags }: FolderFlags): Promise<string> {
  const isNew = home === undefined;
  if (!isNew && flags.join !== undefined) throw whichNode();
  if (!isNew) requireUnlocked(resolve(home));
  const trusted = flags.checkpoint === undefined ? null : await readTrustedBlock(flags.checkpoint);
  // URL@HASH names the network too, for a node that has no home yet.
  const url = flags.join ?? trusted?.url ?? null;
  if (isNew && url === null) throw whichNode();
  const checkpoint = trusted?.checkpoint ?? null;
  const directory = isNew
    ? await joinNetwork({ ...flags, join: url ?? '' }, checkpoint, process.env)
    : keepCheckpoint(resolve(home), trusted);
  requireUnlocked(directory);
  if (trusted !== null) await installSnapshot(directory, trusted);
  return directory;
}

function whichNode(): SynodError {
  return new SynodError(
    'USAGE',
    'Which node? Name either --home FOLDER, for the node that lives there, or --join URL with --checkpoint HEIGHT@HASH, to follow a running chain.',
  );
}

/** A node that was away for long needs a fresh one, whatever it is. */
function keepCheckpoint(home: string, trusted: TrustedBlock | null): string {
  if (trusted === null) return home;
  readNodeHome(home);
  writeCheckpoint(home, trusted.checkpoint);
  return home;
}

/** Into a home without a chain; what has a chain goes on with its own. */
async function installSnapshot(home: string, { snapshot, checkpoint }: TrustedBlock): Promise<void> {
  if (snapshot === null || existsSync(join(home, 'chain'))) return;
  const { restoreSnapshotFolder } = await import('@synod/node');
  const genesis = readGenesisFile(join(home, 'genesis.json'));
  const trust = { checkpoint, stateRoot: null };
  const { height, records } = await restoreSnapshotFolder({ folder: snapshot, home, genesis, trust });
  note(`${snapshot}: ${records} records of block ${height} are in the home`);
}
