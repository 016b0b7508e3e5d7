/**
 * `synod validator create`: makes the node of a home folder a validator. Owns its keys (made once, kept in keys.json before
 * anything is sent), or whose signer proves that it holds them; the stake is the sender's.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Payload, SynodError } from '@synod/chain';
import { requireUnlocked } from '@synod/node/lock';
import type { PossessionProof, RemoteKeys } from '@synod/node/signing';
import type { AccountKey } from '../keys/key-file.ts';
import { openHeldKeys } from '../keys/remote-signer.ts';
import { type KeyFile, type NodeHome, readNodeHome, writeNodeHome } from '../node-home.ts';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { nameOf, signerKey } from '../rpc/signer-key.ts';
import { formatSyn, parseSomeSyn } from '../settings/amounts.ts';
import { displayPath } from '../settings/paths.ts';
import { parseRatio } from '../settings/ratios.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { print, printJson } from '../terminal/output.ts';
import type { ValidatorFlags } from './validator.ts';

export type ValidatorCreateFlags = ValidatorFlags & {
  readonly home: string;
  readonly bond: string;
  readonly commission: string;
  readonly signer?: string;
};

const SEED_BYTES = 32;

export async function runValidatorCreate(flags: ValidatorCreateFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const bond = parseSomeSyn(flags.bond);
  const commission = parseRatio(flags.commission, '--commission');
  const key = signerKey(flags, record);
  const home = resolve(flags.home);
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const { chainId } = await node.status();
  const found = readNodeHome(home);
  const held = openHeldKeys(home, found, { flag: flags.signer, operator: key.address, chainId });
  const proof = held === null ? await ownProof(home, found, { key, chainId }) : await heldProof(held);
  const payload: Payload = { type: 'validator.create', ...proof, commission, bond };
  const submitted = await signAndSubmit(node, { key, payload, what: 'new validator' });
  const info = await node.call('staking_validator', { address: key.address });
  const name = nameOf(key.address, record) ?? key.address;
  if (flags.json)
    return printJson({
      ...submitted,
      operator: key.address,
      home,
      bond,
      standing: info.standing,
      nextActionHeight: info.nextActionHeight,
    });
  print(`✔ ${name} is a validator with ${formatSyn(bond)} of its own   block ${submitted.height}`);
  print(`  ${info.reason}`);
  if (held === null) print(`  Its keys are in ${displayPath(home)}: run the node with them, in one place only:`);
  else print('  Its signer holds its keys, and proved it. Let the signer run, and the node that asks it:');
  print(`    ${SYNOD} start --home ${displayPath(home)}`);
  print(`  Then look:  ${SYNOD} validator status ${name}`);
}

/** By the signer, with its first key: the one that its node takes too. */
async function heldProof(held: RemoteKeys): Promise<PossessionProof> {
  try {
    return held.possession(held.publicKeys[0]);
  } finally {
    await held.close();
  }
}

async function ownProof(home: string, found: NodeHome, place: KeyPlace): Promise<PossessionProof> {
  const seeds = await keysOfHome(home, found, place);
  const { provePossession } = await import('@synod/node/signing');
  return provePossession(seeds, { chainId: place.chainId, operator: place.key.address });
}

type KeyPlace = { readonly key: AccountKey; readonly chainId: string };

/** The home's own keys, or new ones written there first: a key that is staked on and lost would be stake lost. */
async function keysOfHome(
  home: string,
  { node, keys }: NodeHome,
  { key, chainId }: KeyPlace,
): Promise<{ readonly consensusSeed: Uint8Array; readonly vrfSeed: Uint8Array }> {
  if (keys.operator !== null && keys.operator !== key.address) {
    throw new SynodError(
      'HOME_INVALID',
      `${displayPath(home)} is the home of the validator of ${keys.operator}. Sign with its key, or name another --home.`,
      { facts: { home, operator: keys.operator } },
    );
  }
  const { operator, consensusSeed: held, vrfSeed: heldVrf } = keys;
  // A node that runs with its keys may become a validator as it is.
  if (operator !== null && held !== null && heldVrf !== null) return { consensusSeed: held, vrfSeed: heldVrf };
  requireUnlocked(home);
  const consensusSeed = keys.consensusSeed ?? randomBytes(SEED_BYTES);
  const vrfSeed = keys.vrfSeed ?? randomBytes(SEED_BYTES);
  const complete: KeyFile = { ...keys, operator: key.address, consensusSeed, vrfSeed };
  writeNodeHome(home, node, complete);
  if (keys.consensusSeed === null) {
    const { beginSignState } = await import('@synod/node');
    beginSignState({ stateFile: join(home, 'sign-state'), chainId, consensusSeed });
  }
  return { consensusSeed, vrfSeed };
}
