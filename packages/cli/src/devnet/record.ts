/**
 * devnet.json: what a running devnet tells other tools. Exists exactly while the devnet is ready; replaced atomically.
 */
import { rmSync } from 'node:fs';
import { SynodError, toHex } from '@synod/chain';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { displayPath } from '../settings/paths.ts';
import { VERSION } from '../version.ts';
import { STATE_FORMAT } from './chain-file.ts';
import type { DevnetKeys } from './keys.ts';
import { type Layout, type NodePlace, rpcUrlOf } from './layout.ts';

export type NodeRecord = {
  readonly name: string;
  /** Null while the node is down. */
  readonly pid: number | null;
  readonly rpc: string;
  readonly p2p: string;
  readonly log: string;
  readonly home: string;
};

export type DevnetRecord = {
  readonly schemaVersion: 1;
  readonly version: string;
  readonly stateFormat: number;
  readonly chainId: string;
  readonly genesisHash: string;
  readonly seed: string;
  /** Of the process that watches over the nodes. */
  readonly pid: number;
  readonly dataDir: string;
  /** JSON-RPC addresses, one a node; `/ws`, `/v1` and `/metrics` lie below each. */
  readonly endpoints: readonly string[];
  readonly accounts: readonly { readonly name: string; readonly address: string; readonly privateKey: string }[];
  readonly nodes: readonly NodeRecord[];
};

export type RecordParts = {
  readonly chainId: string;
  readonly genesisHash: string;
  readonly seed: string;
  readonly keys: DevnetKeys;
  readonly nodes: readonly { readonly place: NodePlace; readonly pid: number | null; readonly p2p: string }[];
};

export function devnetRecord(layout: Layout, parts: RecordParts): DevnetRecord {
  return {
    schemaVersion: 1,
    version: VERSION,
    stateFormat: STATE_FORMAT,
    chainId: parts.chainId,
    genesisHash: `0x${parts.genesisHash}`,
    seed: parts.seed,
    pid: process.pid,
    dataDir: layout.directory,
    endpoints: parts.nodes.map(({ place }) => rpcUrlOf(place)),
    accounts: parts.keys.accounts.map(({ name, address, seed }) => ({ name, address, privateKey: `0x${toHex(seed)}` })),
    nodes: parts.nodes.map(({ place, pid, p2p }) => ({
      name: place.name,
      pid,
      rpc: rpcUrlOf(place),
      p2p,
      log: place.log,
      home: place.home,
    })),
  };
}

/** Readable by its owner alone: it holds keys, public as they are. */
export function writeDevnetRecord(layout: Layout, record: DevnetRecord): void {
  writeJsonAtomic(layout.record, record, 'secret');
}

export function removeDevnetRecord(layout: Layout): void {
  rmSync(layout.record, { force: true });
}

/** Null when no devnet is ready there. */
export function readDevnetRecord(layout: Layout): DevnetRecord | null {
  const next = 'Stop the devnet and start it again: the file is rewritten.';
  const found = readJson(layout.record, next) as Partial<DevnetRecord> | null;
  if (found === null) return null;
  if (Array.isArray(found.nodes) && Array.isArray(found.accounts) && Array.isArray(found.endpoints))
    return found as DevnetRecord;
  throw new SynodError('FILE_DAMAGED', `${displayPath(layout.record)} lacks what it should say. ${next}`, {
    facts: { file: layout.record },
  });
}
