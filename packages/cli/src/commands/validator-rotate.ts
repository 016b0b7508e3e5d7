/**
 * `synod validator rotate`: gives a validator new keys. Owns the order that survives a crash: sign state and keys are on disk
 * before the transaction leaves, and keys that were stored but never given are given the next time. The node goes over to them
 * by itself; the chain owns when (staking §4.7).
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { type PublicKey, publicKeyOf, SynodError } from '@synod/chain';
import type { PossessionProof, RemoteKeys } from '@synod/node/signing';
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import type { AccountKey } from '../keys/key-file.ts';
import { openHeldKeys } from '../keys/remote-signer.ts';
import { type KeyFile, type NodeHome, readNodeHome, writeNodeHome } from '../node-home.ts';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { nameOf, signerKey } from '../rpc/signer-key.ts';
import { displayPath } from '../settings/paths.ts';
import { rpcUrl } from '../settings/settings.ts';
import { whenText } from '../staking/validator-text.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type Told, tell } from '../terminal/output.ts';
import type { ValidatorFlags } from './validator.ts';

export type ValidatorRotateFlags = ValidatorFlags & { readonly home: string; readonly signer?: string };

type Seeds = KeyFile['rotated'][number];

const SEED_BYTES = 32;
const KEY_SHOWN = 18;

export async function runValidatorRotate(flags: ValidatorRotateFlags): Promise<void> {
  tell(flags, await rotateKeys(flags));
}

/** Throws `HOME_INVALID` where the home is no validator's or another one's, or the chain's code. */
export async function rotateKeys(flags: ValidatorRotateFlags): Promise<Told> {
  const record = devnetRecordOf(flags.dataDir);
  const key = signerKey(flags, record);
  const home = resolve(flags.home);
  const name = nameOf(key.address, record) ?? key.address;
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const found = readNodeHome(home);
  const { chainId } = await node.status();
  const held = openHeldKeys(home, found, { flag: flags.signer, operator: key.address, chainId });
  const proof = await nextProof(home, { found, held, node, key, chainId, name });
  const { publicKey: given } = proof;
  const sent = await signAndSubmit(node, { key, payload: { type: 'validator.rotate', ...proof }, what: 'new keys' });
  const [info, clock] = await Promise.all([
    node.call('staking_validator', { address: key.address }),
    node.call('staking_params'),
  ]);
  const actsFrom = info.rotation?.actsFrom ?? null;
  const when =
    actsFrom === null ? 'They act already.' : `They act ${whenText(actsFrom, clock)}; until then the old ones sign.`;
  const publicKey = `0x${given}`;
  const kept = held === null ? `kept in ${displayPath(home)}` : 'made and kept by the signer';
  const lines = [
    `${pc.green('✔')} ${name} has given itself new keys   block ${sent.height}`,
    `  ${when}`,
    `  key     ${publicKey.slice(0, KEY_SHOWN)}…, ${kept} beside the old ones, which still answer for what they signed`,
    '  node    a node that runs on this home goes over by itself at that block: no restart is needed.',
    '          One that observes (it says so in its status) has to be started again once the keys act.',
    `  Then look:  ${SYNOD} validator status ${name}`,
  ];
  return { json: { ...sent, operator: key.address, home, publicKey, actsFrom }, lines };
}

type Rotating = {
  readonly found: NodeHome;
  /** Null where the home holds its keys itself. */
  readonly held: RemoteKeys | null;
  readonly node: NodeClient;
  readonly key: AccountKey;
  readonly chainId: string;
  readonly name: string;
};

/** Of keys that the chain has not seen, durable where they will sign before this returns. */
async function nextProof(home: string, rotating: Rotating): Promise<PossessionProof> {
  const { found, held, node, key, chainId, name } = rotating;
  try {
    if (held === null) requireHomeOf(home, found, key);
    await requireRotatable(node, key.address, name);
    if (held !== null) {
      const info = await node.call('staking_validator', { address: key.address });
      return held.possession(held.successor(newestGiven(info)));
    }
    const seeds = await nextKeys(home, found, { node, key, chainId });
    const { provePossession } = await import('@synod/node/signing');
    return provePossession(seeds, { chainId, operator: key.address });
  } finally {
    await held?.close();
  }
}

/** Throws `HOME_INVALID` for a home that holds no keys of this operator. */
function requireHomeOf(home: string, { keys: { operator, consensusSeed } }: NodeHome, key: AccountKey): void {
  if (operator === key.address && consensusSeed !== null) return;
  const whose = operator === null ? 'no validator' : `the validator of ${operator}`;
  throw new SynodError(
    'HOME_INVALID',
    `${displayPath(home)} is the home of ${whose}, not of ${key.name}. Name the validator's own --home, and sign as its operator.`,
    { facts: { home, operator } },
  );
}

/** What the chain would refuse is said before keys are made and a fee is paid. */
async function requireRotatable(node: NodeClient, address: string, name: string): Promise<void> {
  const [info, clock] = await Promise.all([node.call('staking_validator', { address }), node.call('staking_params')]);
  if (info.status === 'exited' || info.status === 'tombstoned') {
    throw new SynodError('VALIDATOR_GONE', `${name} is out for good, with all its keys. ${info.reason}`, {
      facts: { operator: address, status: info.status },
    });
  }
  const from = Number(info.keysSetAt) + clock.epochHeights;
  // A transaction sent now stands in the next block at the earliest.
  if (Number(clock.head) + 1 >= from) return;
  throw new SynodError(
    'ROTATION_TOO_SOON',
    `The keys of ${name} were given in block ${info.keysSetAt}, less than an epoch ago: new ones can be given ${whenText(String(from), clock)}. Nothing was sent.`,
    { facts: { operator: address, fromHeight: from } },
  );
}

/** Keys that the chain has not seen: those of an attempt that did not end, or new ones, durable when this returns. */
async function nextKeys(
  home: string,
  { node: file, keys }: NodeHome,
  { node, key, chainId }: { readonly node: NodeClient; readonly key: AccountKey; readonly chainId: string },
): Promise<Seeds> {
  const last = keys.rotated.at(-1);
  const info = await node.call('staking_validator', { address: key.address });
  if (last !== undefined && !isGiven(last, `0x${newestGiven(info)}`, info.publicKey)) return last;
  const seeds = { consensusSeed: randomBytes(SEED_BYTES), vrfSeed: randomBytes(SEED_BYTES) };
  const { beginSignState, rotatedSignState } = await import('@synod/node');
  const { consensusSeed } = seeds;
  beginSignState({ stateFile: rotatedSignState(home, publicKeyOf(consensusSeed)), chainId, consensusSeed });
  writeNodeHome(home, file, { ...keys, rotated: [...keys.rotated, seeds] });
  return seeds;
}

/** The consensus key that the chain was given last, whether it acts already or not. */
function newestGiven({ rotation, publicKey }: RpcMethodMap['staking_validator']['result']): PublicKey {
  return (rotation?.publicKey ?? publicKey).replace(/^0x/, '') as PublicKey;
}

function isGiven({ consensusSeed }: Seeds, ...keys: readonly string[]): boolean {
  return keys.includes(`0x${publicKeyOf(consensusSeed)}`);
}
