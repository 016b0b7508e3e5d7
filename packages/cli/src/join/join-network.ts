/**
 * `synod start --join URL`: makes the home of a node that is no validator from what a running node tells, or continues one.
 * Owns what is believed of that node: its genesis only under a checkpoint from elsewhere (consensus §1.15), its peers'
 * addresses always, because whatever those peers send is checked.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Genesis, genesisHash, genesisToJson, SynodError } from '@synod/chain';
import { type Checkpoint, requireCheckpoint } from '@synod/node/checkpoint';
import { writeJsonAtomic } from '../files/write-file.ts';
import { type NodeFile, readNodeHome, writeNodeHome } from '../node-home.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { type Environment, nodeDirectory } from '../settings/paths.ts';
import { parsePort, parseUrl } from '../settings/settings.ts';
import { note } from '../terminal/output.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { readGenesisFile } from './genesis-file.ts';
import { ADDRESSES_MAX, readAddresses, readBlockHash, readGenesisAnswer } from './join-answers.ts';
import { readTrustedBlock } from './trusted-block.ts';

export type JoinFlags = {
  readonly join: string;
  readonly checkpoint?: string;
  readonly dataDir?: string;
  readonly rpcPort?: string;
  readonly p2pPort?: string;
  readonly trustGenesis?: boolean;
};

const RPC_PORT_DEFAULT = 9645;
const LOOPBACK = /^(localhost|127\.|\[::1\])/;

/** The folder of a node that may be started; `given` is its `--checkpoint`. A home that exists is continued; its network key and data are kept. */
export async function joinNetwork(
  flags: JoinFlags,
  given: Checkpoint | null,
  environment: Environment,
): Promise<string> {
  const url = parseUrl(flags.join, '--join');
  const node = createNodeClient(url);
  const named = flags.dataDir === undefined ? null : resolve(flags.dataDir);
  if (named !== null && isHome(named)) return continueHome(named, { flags, node, given });
  const genesis = await fetchGenesis(node);
  const home = named ?? nodeDirectory(environment, genesis.chainId);
  if (isHome(home)) return continueHome(home, { flags, node, given });
  const { checkpoint, bootstrap } = await trustNetwork({ flags, node, given }, genesis);
  // First: a home without its checkpoint would start, and believe any history.
  writeCheckpoint(home, checkpoint);
  writeHome(home, { flags, url, genesis, bootstrap });
  return home;
}

/** What a home is made of. */
export type Network = {
  readonly genesis: Genesis;
  readonly checkpoint: Checkpoint | null;
  readonly bootstrap: readonly string[];
};

/** What a running node tells for a new home: its genesis under a checkpoint from elsewhere, and addresses. Throws as {@link joinNetwork} does. */
export async function askNetwork(flags: Pick<JoinFlags, 'join' | 'checkpoint' | 'trustGenesis'>): Promise<Network> {
  const node = createNodeClient(parseUrl(flags.join, '--join'));
  const { checkpoint } = flags;
  const given = checkpoint === undefined ? null : (await readTrustedBlock(checkpoint)).checkpoint;
  const genesis = await fetchGenesis(node);
  return { genesis, ...(await trustNetwork({ flags, node, given }, genesis)) };
}

async function trustNetwork({ flags, node, given }: Join, genesis: Genesis) {
  const checkpoint = requireGiven(given, genesis, flags);
  await checkAgainst(node, genesis, checkpoint);
  return { checkpoint, bootstrap: await fetchAddresses(node) };
}

type Join = {
  readonly flags: Pick<JoinFlags, 'join' | 'trustGenesis'> & Partial<JoinFlags>;
  readonly node: NodeClient;
  readonly given: Checkpoint | null;
};

/** After a stop or a kill: the same command goes on where it was. The joined node need not answer any more. */
async function continueHome(home: string, { flags, node, given }: Join): Promise<string> {
  const { node: file, keys, genesisFile } = readNodeHome(home);
  if (keys.operator !== null) {
    throw new SynodError(
      'HOME_INVALID',
      `${home} is the home of a validator, which --join does not change. Name another folder for the new node, or leave --join out to run what is there.`,
      { facts: { home } },
    );
  }
  const stored = readGenesisFile(genesisFile);
  if (given === null && readCheckpoint(home) === null) requireGiven(null, stored, flags);
  if (given !== null) requireUsable(given, stored, flags);
  const bootstrap = new Set(file.p2p.bootstrap);
  try {
    const genesis = await fetchGenesis(node);
    requireSameChain(genesis, stored, home, flags.join);
    if (given !== null) await checkAgainst(node, genesis, given);
    for (const address of await fetchAddresses(node)) bootstrap.add(address);
  } catch (error) {
    if (!(error instanceof SynodError) || error.code !== 'NODE_UNREACHABLE') throw error;
    note(`${flags.join} does not answer; going on with the ${bootstrap.size} addresses known from before.`);
  }
  const listen = flags.p2pPort === undefined ? file.p2p.listen : withPort(file.p2p.listen, p2pPortOf(flags));
  const rpc = flags.rpcPort === undefined ? file.rpc : { ...file.rpc, port: rpcPortOf(flags) };
  writeNodeHome(
    home,
    { ...file, rpc, p2p: { ...file.p2p, listen, bootstrap: [...bootstrap].slice(0, 2 * ADDRESSES_MAX) } },
    keys,
  );
  if (given !== null) writeCheckpoint(home, given);
  return home;
}

async function fetchGenesis(node: NodeClient): Promise<Genesis> {
  return readGenesisAnswer(await node.call('chain_getGenesis'), node.url);
}

async function fetchAddresses(node: NodeClient): Promise<readonly string[]> {
  const addresses = readAddresses(await node.call('node_addresses'));
  if (addresses.length > 0) return addresses;
  throw new SynodError('NO_PEERS', `${node.url} knows no address that could be dialled. Join through another node.`, {
    facts: { url: node.url },
  });
}

function requireGiven(given: Checkpoint | null, genesis: Genesis, flags: Pick<JoinFlags, 'trustGenesis'>): Checkpoint {
  if (given !== null) return requireUsable(given, genesis, flags);
  throw new SynodError(
    'CHECKPOINT_REQUIRED',
    'A new node needs a block to trust, or it could be shown a forged history. ' +
      'Ask somebody you trust for the checkpoint line of "synod status", and give it as --checkpoint HEIGHT@HASH.',
  );
}

/** Height 0 says "I trust whatever follows from genesis": only where nothing is at stake, or said in so many words. */
function requireUsable(checkpoint: Checkpoint, genesis: Genesis, flags: Pick<JoinFlags, 'trustGenesis'>): Checkpoint {
  if (checkpoint.height > 0 || genesis.devnet || flags.trustGenesis === true) return checkpoint;
  throw new SynodError(
    'CHECKPOINT_REQUIRED',
    'A checkpoint at height 0 proves nothing about an old chain: keys that have left could have forged its history. ' +
      'Give a recent HEIGHT@HASH, or add --trust-genesis if the chain has only just begun.',
  );
}

/** What the joined node itself can already refute, before anything is downloaded. Its agreement proves nothing. */
async function checkAgainst(node: NodeClient, genesis: Genesis, checkpoint: Checkpoint): Promise<void> {
  if (checkpoint.height === 0) return requireCheckpoint(checkpoint, 0, genesisHash(genesis));
  try {
    const answer = await node.call('chain_getBlock', { height: checkpoint.height });
    requireCheckpoint(checkpoint, checkpoint.height, readBlockHash(answer, node.url));
  } catch (error) {
    // It has forgotten that block: the check at its height in the sync decides alone.
    if (error instanceof SynodError && error.code === 'PRUNED') return;
    throw error;
  }
}

function requireSameChain(found: Genesis, stored: Genesis, home: string, url: string): void {
  if (genesisHash(found) === genesisHash(stored)) return;
  throw new SynodError(
    'DATA_OF_ANOTHER_CHAIN',
    `${home} holds chain "${stored.chainId}", but ${url} runs "${found.chainId}" with another genesis. Name another folder.`,
    { facts: { home, url } },
  );
}

function writeHome(
  home: string,
  parts: { flags: JoinFlags; url: string; genesis: Genesis; bootstrap: readonly string[] },
): void {
  const { flags, url, genesis, bootstrap } = parts;
  const address = LOOPBACK.test(new URL(url).host) ? '127.0.0.1' : '0.0.0.0';
  const file: NodeFile = {
    formatVersion: 1,
    name: 'observer',
    rpc: { host: '127.0.0.1', port: rpcPortOf(flags) },
    p2p: { listen: `/ip4/${address}/tcp/${p2pPortOf(flags)}`, bootstrap },
    modelDirectory: null,
  };
  writeJsonAtomic(join(home, 'genesis.json'), genesisToJson(genesis));
  writeNodeHome(home, file, {
    operator: null,
    consensusSeed: null,
    vrfSeed: null,
    rotated: [],
    networkSeed: randomBytes(32),
    experts: [],
    devAccounts: [],
  });
}

/** keys.json is written last, so a folder that has it is complete. */
export function isHome(directory: string): boolean {
  return existsSync(join(directory, 'keys.json'));
}

function rpcPortOf({ rpcPort }: JoinFlags): number {
  return rpcPort === undefined ? RPC_PORT_DEFAULT : parsePort(rpcPort, '--rpc-port');
}

function p2pPortOf(flags: JoinFlags): number {
  return flags.p2pPort === undefined ? rpcPortOf(flags) + 1 : parsePort(flags.p2pPort, '--p2p-port');
}

function withPort(listen: string, port: number): string {
  return listen.replace(/\/tcp\/\d+/, `/tcp/${port}`);
}
