/**
 * `synod init`: makes the home of a node that may become a validator. Owns what a new home holds and what is said of it: keys from
 * words that are shown once, the chain's genesis, and a sign state that begins with the key.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Address, addressOf, genesisToJson, mnemonicFromEntropy, publicKeyOf, SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import { createWhole, writeJsonAtomic } from '../files/write-file.ts';
import { writeCheckpoint } from '../join/checkpoint.ts';
import { readGenesisFile } from '../join/genesis-file.ts';
import { askNetwork, type Network } from '../join/join-network.ts';
import { keyOfMnemonic, keyPath, parseKeyIndex } from '../keys/key-paths.ts';
import { readPassword } from '../keys/password.ts';
import { readSecretFile } from '../keys/secret-file.ts';
import { wordLines } from '../keys/words.ts';
import { isUnfinishedHome, MAKING, type NodeFile, writeNodeHome } from '../node-home.ts';
import { displayPath, nodeDirectory } from '../settings/paths.ts';
import { parsePort } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, tell } from '../terminal/output.ts';

export type InitFlags = CommonOptions & {
  readonly home?: string;
  readonly chain?: string;
  readonly join?: string;
  readonly checkpoint?: string;
  readonly trustGenesis?: boolean;
  readonly mnemonicFile?: string;
  readonly account?: string;
  readonly name?: string;
  readonly rpcPort?: string;
  readonly p2pPort?: string;
};

const ENTROPY_BYTES = 32;
const RPC_PORT_DEFAULT = 9645;
const HOME_MODE = 0o700;

export async function runInit(flags: InitFlags): Promise<void> {
  tell(flags, await initHome(flags));
}

/** Throws `HOME_EXISTS` before anything is asked or written; then `GENESIS_INVALID`, `MNEMONIC_INVALID`, or as joining does. */
export async function initHome(flags: InitFlags): Promise<Told> {
  const named = flags.home === undefined ? null : resolve(flags.home);
  if (named !== null) requireNoHome(named);
  const account = parseKeyIndex(flags.account, '--account');
  const ports = portsOf(flags);
  const network = await networkOf(flags);
  const { chainId } = network.genesis;
  const home = named ?? nodeDirectory(process.env, chainId);
  requireNoHome(home);
  const given = flags.mnemonicFile === undefined ? null : readWords(flags.mnemonicFile);
  const mnemonic = given ?? mnemonicFromEntropy(randomBytes(ENTROPY_BYTES));
  const keys = keysOf(mnemonic, account);
  await writeHome(home, { network, keys, file: nodeFile(flags, ports, network) });
  const paths = { operator: keyPath('account', { account }), consensus: keyPath('consensus', { account }) };
  const publicKey = publicKeyOf(keys.consensusSeed);
  const shown = given === null ? { mnemonic } : {};
  return {
    json: { home, chainId, operator: keys.operator, publicKey: `0x${publicKey}`, paths, ...shown },
    lines: [
      `✔ ${displayPath(home)} is the home of a node of ${chainId}`,
      `  operator   ${keys.operator}   at ${paths.operator}; its key is not in the home`,
      `  consensus  0x${publicKey}`,
      ...(given === null ? wordLines(mnemonic) : oldWordLines(home)),
      ...nextLines(home, account, network),
    ],
  };
}

async function networkOf(flags: InitFlags): Promise<Network> {
  const { chain, join: url } = flags;
  if ((chain === undefined) === (url === undefined)) {
    throw new SynodError(
      'USAGE',
      'Which chain? Name either its genesis with --chain FILE, or a node of it with --join URL and a --checkpoint HEIGHT@HASH.',
    );
  }
  if (url !== undefined) return askNetwork({ ...flags, join: url });
  const file = resolve(chain ?? '');
  if (!existsSync(file)) {
    throw new SynodError('GENESIS_INVALID', `${file} does not exist. Name the chain's genesis.json with --chain.`, {
      facts: { file },
    });
  }
  if (flags.checkpoint !== undefined)
    throw new SynodError('USAGE', '--checkpoint goes with --join. With --chain, give it to "synod start".');
  return { genesis: readGenesisFile(file), checkpoint: null, bootstrap: [] };
}

function requireNoHome(home: string): void {
  if (!existsSync(home) || readdirSync(home).length === 0) return;
  const shown = displayPath(home);
  if (isUnfinishedHome(home)) {
    throw new SynodError(
      'HOME_INCOMPLETE',
      `Another "synod init" is making ${shown}, or was cut short there. If none runs, delete it, for nothing in it was used, and run this again:  rm -r ${shown}`,
      { facts: { home } },
    );
  }
  throw new SynodError(
    'HOME_EXISTS',
    `${displayPath(home)} is there already and is left as it is. Name another --home, or start what is there:  ${SYNOD} start --home ${displayPath(home)}`,
    { facts: { home } },
  );
}

/** The words of a file for the owner alone, or of standard input, where they are read as a password is. */
function readWords(file: string): string {
  if (file === '-') return readPassword('-', '--mnemonic-file');
  return readSecretFile(resolve(file), 'Name the file that holds the words with --mnemonic-file.');
}

function keysOf(mnemonic: string, account: number) {
  const key = (use: 'account' | 'consensus' | 'vrf' | 'network') => keyOfMnemonic(mnemonic, keyPath(use, { account }));
  const operator: Address = addressOf(publicKeyOf(key('account')));
  return { operator, consensusSeed: key('consensus'), vrfSeed: key('vrf'), networkSeed: key('network') };
}

function portsOf({ rpcPort, p2pPort }: InitFlags): { readonly rpc: number; readonly p2p: number } {
  const rpc = rpcPort === undefined ? RPC_PORT_DEFAULT : parsePort(rpcPort, '--rpc-port');
  return { rpc, p2p: p2pPort === undefined ? rpc + 1 : parsePort(p2pPort, '--p2p-port') };
}

/** A node that only knows peers on this machine listens there alone. */
function nodeFile(flags: InitFlags, ports: { readonly rpc: number; readonly p2p: number }, network: Network): NodeFile {
  const isLocal = network.bootstrap.length > 0 && network.bootstrap.every((address) => address.startsWith('/ip4/127.'));
  return {
    formatVersion: 1,
    name: flags.name ?? 'node',
    rpc: { host: '127.0.0.1', port: ports.rpc },
    p2p: { listen: `/ip4/${isLocal ? '127.0.0.1' : '0.0.0.0'}/tcp/${ports.p2p}`, bootstrap: [...network.bootstrap] },
    modelDirectory: null,
  };
}

/** keys.json last: a folder that has it is whole. The sign state begins before the key can be used. */
async function writeHome(
  home: string,
  parts: { readonly network: Network; readonly keys: ReturnType<typeof keysOf>; readonly file: NodeFile },
): Promise<void> {
  const { network, keys, file } = parts;
  const { beginSignState } = await import('@synod/node/signing');
  makeDirectory(home, HOME_MODE);
  markMaking(home);
  writeJsonAtomic(join(home, 'genesis.json'), genesisToJson(network.genesis));
  if (network.checkpoint !== null) writeCheckpoint(home, network.checkpoint);
  const { consensusSeed } = keys;
  beginSignState({ stateFile: join(home, 'sign-state'), chainId: network.genesis.chainId, consensusSeed });
  writeNodeHome(home, file, { ...keys, rotated: [], experts: [], devAccounts: [] });
  rmSync(join(home, MAKING), { force: true });
}

/** One making at a time: of two at once the words of one would be shown for the keys of the other. */
function markMaking(home: string): void {
  try {
    createWhole(join(home, MAKING), new Uint8Array(0));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    requireNoHome(home);
  }
}

function oldWordLines(home: string): readonly string[] {
  return [
    '',
    '  These words were given, so their keys may have signed before. If they have, on any machine:',
    '    1. stop the node there, and never start it again',
    `    2. bring its record over:  ${SYNOD} slashing-protection import FILE --home ${displayPath(home)}`,
    '',
  ];
}

function nextLines(home: string, account: number, { bootstrap }: Network): readonly string[] {
  const words = `${SYNOD} key import WORDS --account ${account} --password-file PASSWORD --out operator.json`;
  const shown = displayPath(home);
  return [
    '  Next:',
    ...(bootstrap.length > 0 ? [] : [`    write addresses of peers into "bootstrap" of ${join(shown, 'node.json')}`]),
    `    ${SYNOD} start --home ${shown}`,
    `    ${words}`,
    `    ${SYNOD} validator create --home ${shown} --bond AMOUNT --key-file operator.json --password-file PASSWORD`,
  ];
}
