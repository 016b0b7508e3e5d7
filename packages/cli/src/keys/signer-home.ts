/**
 * The home of a signer: keys.json, genesis.json, sign states and the token. Owns moving a validator's keys there from its node's home, in the
 * order in which a crash leaves no moment with two homes that sign.
 */
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyOf, SynodError } from '@synod/chain';
import { acquireLock } from '@synod/node/lock';
import { makeDirectory } from '@synod/node/make-directory';
import { beginSignState, listSignStates, raiseSignState, rotatedSignState, signingRecordOf } from '@synod/node/signing';
import { readGenesisFile } from '../join/genesis-file.ts';
import { type KeyFile, readKeysAt, readKeysIfAny, readNodeHome, writeKeys, writeNodeHome } from '../node-home.ts';
import { ownToken, readToken, TOKEN_FILE, tokenFileOf } from './remote-signer.ts';

const HOME_MODE = 0o700;

/** Throws `HOME_INCOMPLETE` for a folder without a genesis. */
export function requireSignerHome(home: string): void {
  if (existsSync(join(home, 'genesis.json'))) return;
  throw new SynodError(
    'HOME_INCOMPLETE',
    `${home} is no signer's home. Make it from the home of a node:  synod key move --from NODE_HOME --to ${home}`,
    { facts: { home } },
  );
}

/**
 * Moves a validator's keys and signing records from a node's home. First the node's home stops being able to sign — its keys lie under another
 * name, for the case of a crash — and only then the signer's is finished. Run again, it goes on. Throws `DATA_DIR_IN_USE`, `HOME_INVALID`.
 */
export function takeKeys(
  signerHome: string,
  nodeHome: string,
  url: string,
): { readonly publicKey: string; readonly tokenFile: string } {
  const release = acquireLock(nodeHome);
  try {
    const { node, keys } = readNodeHome(nodeHome);
    const moving = join(nodeHome, 'moving-keys.json');
    const own = keys.consensusSeed === null ? readMoving(moving) : keys;
    if (own === null || own.consensusSeed === null || own.vrfSeed === null) {
      throw new SynodError(
        'HOME_INVALID',
        `${nodeHome} holds no validator's keys, so there is nothing to move. Name the home whose keys.json has them with --from.`,
        { facts: { home: nodeHome } },
      );
    }
    requireNoOther(signerHome, own.consensusSeed);
    if (keys.consensusSeed !== null) {
      writeKeys(moving, keys);
      writeNodeHome(
        nodeHome,
        { ...node, signer: { url, tokenFile: TOKEN_FILE } },
        { ...keys, consensusSeed: null, vrfSeed: null, rotated: [] },
      );
    }
    fillHome(signerHome, { nodeHome, keys: own });
    const tokenFile = join(nodeHome, TOKEN_FILE);
    const token = ownToken(tokenFileOf(signerHome));
    if (!existsSync(tokenFile) || readToken(tokenFile) !== token)
      writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
    removeMoving(moving);
    return { publicKey: publicKeyOf(own.consensusSeed), tokenFile };
  } finally {
    release();
  }
}

/** Keys of an attempt that did not end. */
function readMoving(file: string): KeyFile | null {
  return existsSync(file) ? readKeysAt(file) : null;
}

function requireNoOther(signerHome: string, consensusSeed: Uint8Array): void {
  const there = readKeysIfAny(signerHome);
  if (there === null || there.consensusSeed === null) return;
  if (publicKeyOf(there.consensusSeed) === publicKeyOf(consensusSeed)) return;
  throw new SynodError(
    'HOME_EXISTS',
    `${signerHome} holds the keys of another validator. Name another folder with --to; one signer home holds one validator.`,
    { facts: { home: signerHome } },
  );
}

/** Records before keys: no key is ever there without what it signed. */
function fillHome(signerHome: string, { nodeHome, keys }: { readonly nodeHome: string; readonly keys: KeyFile }): void {
  makeDirectory(signerHome, HOME_MODE);
  const release = acquireLock(signerHome);
  try {
    const { chainId } = readGenesisFile(join(nodeHome, 'genesis.json'));
    copyFileSync(join(nodeHome, 'genesis.json'), join(signerHome, 'genesis.json'));
    const records = new Map(
      listSignStates(nodeHome).map(({ publicKey, state }) => [publicKey, signingRecordOf(state)]),
    );
    const seeds = [keys.consensusSeed, ...keys.rotated.map(({ consensusSeed }) => consensusSeed)];
    for (const [index, consensusSeed] of seeds.entries()) {
      if (consensusSeed === null) continue;
      const publicKey = publicKeyOf(consensusSeed);
      const stateFile = index === 0 ? join(signerHome, 'sign-state') : rotatedSignState(signerHome, publicKey);
      beginSignState({ stateFile, chainId, consensusSeed });
      const record = records.get(publicKey) ?? null;
      if (record !== null) raiseSignState({ home: signerHome, chainId, publicKey, record, fallback: stateFile });
    }
    writeKeys(join(signerHome, 'keys.json'), { ...keys, networkSeed: randomBytes(32), experts: [], devAccounts: [] });
  } finally {
    release();
  }
}

function removeMoving(file: string): void {
  rmSync(file, { force: true });
}
