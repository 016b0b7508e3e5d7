/**
 * Checkpoints as people pass them on: `HEIGHT@HASH`, printed by `synod status`. Owns parsing and the file in a node's home.
 */
import { join } from 'node:path';
import { type Hash, isHex, SynodError } from '@synod/chain';
import type { Checkpoint } from '@synod/node/checkpoint';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';

const HASH_BYTES = 32;

/** Reads `1200@0x3f…`. Throws `CHECKPOINT_INVALID`, naming the flag. */
export function parseCheckpoint(text: string, flag = '--checkpoint'): Checkpoint {
  const match = /^(\d{1,15})@(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim());
  const [, height, hash] = match ?? [];
  if (height !== undefined && hash !== undefined) return { height: Number(height), hash: hash.toLowerCase() as Hash };
  throw new SynodError(
    'CHECKPOINT_INVALID',
    `${flag} "${text}" is no checkpoint. Write HEIGHT@HASH as "synod checkpoint" of a node you trust prints it.`,
    { facts: { checkpoint: text } },
  );
}

export function writeCheckpoint(home: string, { height, hash }: Checkpoint): void {
  writeJsonAtomic(fileOf(home), { formatVersion: 1, height, hash });
}

/** The checkpoint kept in a home, or null. Throws `HOME_INVALID` for a file that is none. */
export function readCheckpoint(home: string): Checkpoint | null {
  return readCheckpointFile(fileOf(home));
}

/** As {@link readCheckpoint}, of a `checkpoint.json` wherever it lies. */
export function readCheckpointFile(file: string): Checkpoint | null {
  const value = readJson(file, 'Start the node again with --checkpoint.');
  if (value === null) return null;
  const { height, hash } = value as { readonly height?: unknown; readonly hash?: unknown };
  if (Number.isSafeInteger(height) && typeof hash === 'string' && isHex(hash, HASH_BYTES)) {
    return { height: height as number, hash: hash as Hash };
  }
  throw new SynodError('HOME_INVALID', `${file} holds no checkpoint. Start the node again with --checkpoint.`, {
    facts: { file },
  });
}

function fileOf(home: string): string {
  return join(home, 'checkpoint.json');
}
