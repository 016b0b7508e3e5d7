/**
 * The block that an operator trusts, in the three forms it may be given: `HEIGHT@HASH`, `URL@HASH` where a node is asked for the block,
 * and `FILE@HASH` with a snapshot or a checkpoint of ours. Owns finding its height; the hash is always the operator's own, and what
 * is found must hash to it.
 */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { blockId, type Hash, type Header, SynodError } from '@synod/chain';
import type { Checkpoint } from '@synod/node/checkpoint';
import { readJson } from '../files/write-file.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { parseUrl } from '../settings/settings.ts';
import { createLightSource } from '../verify/light-source.ts';
import { parseCheckpoint, readCheckpointFile } from './checkpoint.ts';

export type TrustedBlock = {
  readonly checkpoint: Checkpoint;
  /** The node that was asked for it, whose network is then meant; null for the other forms. */
  readonly url: string | null;
  /** The folder of a snapshot that the block vouches for; null for the other forms. */
  readonly snapshot: string | null;
};

type Where = { readonly text: string; readonly where: string; readonly hash: Hash };

const HASHED = /^(.+)@(?:0x)?([0-9a-fA-F]{64})$/;
const URL_START = /^https?:\/\//;

/**
 * Throws `CHECKPOINT_INVALID` where no hash is given or the file is none of ours, `CHECKPOINT_UNKNOWN` where the node does not have
 * that block, `CHECKPOINT_MISMATCH` where what is found has another hash, and what asking a node throws.
 */
export async function readTrustedBlock(given: string): Promise<TrustedBlock> {
  const text = given.trim();
  const [, where, digits] = HASHED.exec(text) ?? [];
  if (where === undefined || digits === undefined) throw withoutHash(text);
  if (/^\d+$/.test(where)) return { checkpoint: parseCheckpoint(text), url: null, snapshot: null };
  const wanted = { text, where, hash: digits.toLowerCase() as Hash };
  return URL_START.test(where) ? await askNode(wanted) : await readFile(wanted);
}

async function askNode({ where, hash }: Where): Promise<TrustedBlock> {
  const url = parseUrl(where, '--checkpoint');
  const height = await heightOf(url, hash);
  if (height === 0) return { checkpoint: { height, hash }, url, snapshot: null };
  const [header] = await createLightSource(url).headers(height, height);
  if (header === undefined) throw unknown(url, hash);
  requireHash(header, hash, url);
  return { checkpoint: { height: header.height, hash }, url, snapshot: null };
}

/** As the node tells it: its header is hashed afterwards, and genesis by whoever reads it. */
async function heightOf(url: string, hash: Hash): Promise<number> {
  const node = createNodeClient(url);
  if ((await node.call('chain_getGenesis')).genesisHash === `0x${hash}`) return 0;
  try {
    return Number((await node.call('chain_getBlock', { hash: `0x${hash}` })).height);
  } catch (error) {
    if (error instanceof SynodError && ['UNKNOWN', 'NOT_FOUND', 'PRUNED'].includes(error.code))
      throw unknown(url, hash);
    throw error;
  }
}

async function readFile({ text, where, hash }: Where): Promise<TrustedBlock> {
  const path = resolve(where);
  if (!existsSync(path)) {
    throw new SynodError(
      'FILE_MISSING',
      `${path} does not exist. Name the folder of a snapshot, or a file with a checkpoint, before the @ of --checkpoint.`,
      { facts: { file: path } },
    );
  }
  if (statSync(path).isDirectory()) return await readSnapshot(path, hash);
  const value = readJson(path, 'Get the file again, or give HEIGHT@HASH.') as {
    readonly checkpoint?: unknown;
  } | null;
  const checkpoint =
    typeof value?.checkpoint === 'string' ? parseCheckpoint(value.checkpoint, path) : readCheckpointFile(path);
  if (checkpoint === null) throw withoutHash(text);
  if (checkpoint.hash !== hash) throw mismatch(path, hash, checkpoint.hash);
  return { checkpoint, url: null, snapshot: null };
}

/** Its own block, or the one above it. */
async function readSnapshot(folder: string, hash: Hash): Promise<TrustedBlock> {
  if (!existsSync(join(folder, 'manifest'))) {
    throw new SynodError(
      'FILE_MISSING',
      `${folder} is no folder of a snapshot: it has no manifest. Name one as "synod snapshot list" tells them, such as snapshots/1000 of a home.`,
      { facts: { folder } },
    );
  }
  const { snapshotHeaders } = await import('@synod/node');
  const headers = snapshotHeaders(folder);
  const found = headers.find((header) => blockId(header) === hash);
  const [own] = headers;
  if (found === undefined) throw mismatch(folder, hash, own === undefined ? null : blockId(own));
  return { checkpoint: { height: found.height, hash }, url: null, snapshot: folder };
}

function requireHash(header: Header, hash: Hash, where: string): void {
  const found = blockId(header);
  if (found !== hash) throw mismatch(where, hash, found);
}

const ASK = 'Ask somebody you trust for the line that "synod checkpoint" prints on their node';

function withoutHash(text: string): SynodError {
  const isUrl = URL_START.test(text);
  const why = isUrl
    ? 'names no hash: whatever that server says would be believed'
    : 'is no block to trust: a hash of 64 hexadecimal digits belongs behind an @';
  const form = isUrl ? `${text.replace(/@.*$/, '')}@HASH, or HEIGHT@HASH` : 'HEIGHT@HASH, URL@HASH or FILE@HASH';
  return new SynodError('CHECKPOINT_INVALID', `--checkpoint "${text}" ${why}. ${ASK}, and write ${form}.`, {
    facts: { checkpoint: text },
  });
}

function unknown(url: string, hash: Hash): SynodError {
  return new SynodError(
    'CHECKPOINT_UNKNOWN',
    `${url} has no block 0x${hash}. It follows another chain, is behind, has forgotten that block, or the hash is wrong. ` +
      `${ASK}, and give it as --checkpoint HEIGHT@HASH.`,
    { facts: { url, hash } },
  );
}

function mismatch(where: string, hash: Hash, found: Hash | null): SynodError {
  const what = found === null ? 'nothing with that hash' : `block 0x${found}`;
  return new SynodError(
    'CHECKPOINT_MISMATCH',
    `${where} holds ${what}, but the checkpoint says 0x${hash}. It is another block, or has been changed on its way: nothing of it was used. ` +
      `Compare the hash with a source you trust.`,
    { facts: { where, found, expected: hash } },
  );
}
