/**
 * `synod slashing-protection export|import|show`: a key's signing record taken from one home to another. Owns what is refused — a running
 * node, another chain, a record that the key did not sign — and the words; the rule that nothing is lowered is the node's.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Genesis, genesisHash, type PublicKey, publicKeyOf, SynodError } from '@synod/chain';
import { acquireLock } from '@synod/node/lock';
import {
  type FoundSignState,
  isSignedBy,
  listSignStates,
  raiseSignState,
  rotatedSignState,
  signingRecordOf,
  WHOLE_HEIGHT_ROUND,
} from '@synod/node/signing';
import { readJson, writeJsonAtomic } from '../files/write-file.ts';
import { readGenesisFile } from '../join/genesis-file.ts';
import { type ProtectionFile, parseProtection, protectionToJson } from '../keys/protection-file.ts';
import { readKeysIfAny } from '../node-home.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, table, tell } from '../terminal/output.ts';

export type ProtectionFlags = CommonOptions & { readonly home: string };
export type ProtectionExportFlags = ProtectionFlags & { readonly out?: string; readonly minimal?: boolean };

const KEY_SHOWN = 18;

export async function runProtectionShow(flags: ProtectionFlags): Promise<void> {
  tell(flags, showProtection(resolve(flags.home)));
}

export async function runProtectionExport(flags: ProtectionExportFlags): Promise<void> {
  tell(flags, exportProtection(resolve(flags.home), flags));
}

export async function runProtectionImport(file: string, flags: ProtectionFlags): Promise<void> {
  tell(flags, importProtection(resolve(file), resolve(flags.home)));
}

/** What each key of the home signed last. */
export function showProtection(home: string): Told {
  const { genesis, states } = readHome(home);
  const rows = states.map(({ publicKey, state }) => [`0x${publicKey.slice(0, KEY_SHOWN)}…`, lastText(state)]);
  const keys = states.map(({ publicKey, state: { height, round, step } }) => ({
    publicKey: `0x${publicKey}`,
    height,
    ...(height === 0 || round === WHOLE_HEIGHT_ROUND ? {} : { round, step }),
  }));
  const lines = rows.length === 0 ? ['No key of this home has a signing record.'] : table(rows, '');
  return { json: { home, chainId: genesis.chainId, genesisHash: `0x${genesisHash(genesis)}`, keys }, lines };
}

/** Throws `DATA_DIR_IN_USE` while a node runs: what it signs next would be missing. */
export function exportProtection(
  home: string,
  { out, minimal = false }: Pick<ProtectionExportFlags, 'out' | 'minimal'>,
): Told {
  return whileLocked(home, () => {
    const { genesis, states } = readHome(home);
    const keys = states.flatMap(({ publicKey, state }) => {
      const record = signingRecordOf(state);
      return record === null ? [] : [{ publicKey, record }];
    });
    const file: ProtectionFile = { chainId: genesis.chainId, genesisHash: genesisHash(genesis), keys };
    const document = protectionToJson(file, minimal ? 'minimal' : 'complete');
    if (out === undefined) return { json: document, lines: JSON.stringify(document, null, 2).split('\n') };
    const target = resolve(out);
    if (existsSync(target))
      throw new SynodError('FILE_EXISTS', `${target} exists already. Choose another name with --out.`, {
        facts: { file: target },
      });
    writeJsonAtomic(target, document, 'secret');
    return {
      json: {
        file: target,
        keys: keys.map(({ publicKey, record }) => ({ publicKey: `0x${publicKey}`, height: record.height })),
      },
      lines: [
        `✔ ${displayPath(target)} holds what ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} of ${displayPath(home)} signed last`,
        '  From now on this home must not sign: the record is true only as long as nothing is added to it.',
        `  On the other machine:  ${SYNOD} slashing-protection import FILE --home FOLDER`,
      ],
    };
  });
}

/**
 * Raises every key's sign state to the record. Throws `PROTECTION_FOREIGN` for another chain, `PROTECTION_FILE_INVALID`, `DATA_DIR_IN_USE`,
 * `SIGN_STATE_DAMAGED`; nothing is changed then.
 */
export function importProtection(source: string, home: string): Told {
  return whileLocked(home, () => {
    const { genesis } = readHome(home);
    const value = readJson(source, 'Export it again where the key signed.');
    if (value === null)
      throw new SynodError('PROTECTION_FILE_MISSING', `${source} does not exist. Name the file that was exported.`, {
        facts: { file: source },
      });
    const file = parseProtection(value, source);
    requireChain(file, genesis, source);
    for (const { publicKey, record } of file.keys) {
      const owner = { chainId: genesis.chainId, height: record.height, publicKey: publicKey as PublicKey };
      if (record.messages.every((message) => isSignedBy(message, owner))) continue;
      throw new SynodError(
        'PROTECTION_FILE_INVALID',
        `${source} says what key 0x${publicKey.slice(0, KEY_SHOWN)}… did not sign: it was changed or damaged. Export it again where the key signed.`,
        { facts: { file: source, publicKey } },
      );
    }
    const own = ownKeys(home);
    const outcomes = file.keys.map(({ publicKey, record }) => {
      const key = publicKey as PublicKey;
      const fallback = own[0] === key ? join(home, 'sign-state') : rotatedSignState(home, key);
      const isRaised = raiseSignState({ home, chainId: genesis.chainId, publicKey: key, record, fallback });
      return { publicKey: `0x${publicKey}`, height: record.height, isRaised, isOfHome: own.includes(key) };
    });
    const after = new Map(readHome(home).states.map(({ publicKey, state }) => [`0x${publicKey}`, state]));
    const rows = outcomes.map(({ publicKey, isRaised, isOfHome }) => [
      `${publicKey.slice(0, KEY_SHOWN + 2)}…`,
      `${isRaised ? 'raised' : 'kept'}: ${lastText(after.get(publicKey))}`,
      isOfHome ? '' : 'no key of this home yet',
    ]);
    return {
      json: { home, keys: outcomes },
      lines: [`✔ ${displayPath(home)} signs nothing that ${displayPath(source)} forbids`, ...table(rows)],
    };
  });
}

function requireChain({ chainId, genesisHash: hash }: ProtectionFile, genesis: Genesis, source: string): void {
  if (chainId === genesis.chainId && hash === genesisHash(genesis)) return;
  const same = chainId === genesis.chainId ? ' with another genesis' : '';
  throw new SynodError(
    'PROTECTION_FOREIGN',
    `${source} is of chain "${chainId}"${same}, this home of "${genesis.chainId}". A record protects on its own chain only: import the one of this chain.`,
    { facts: { file: source, found: chainId, expected: genesis.chainId } },
  );
}

function whileLocked<T>(home: string, run: () => T): T {
  requireHome(home);
  const release = acquireLock(home);
  try {
    return run();
  } finally {
    release();
  }
}

function readHome(home: string): { readonly genesis: Genesis; readonly states: readonly FoundSignState[] } {
  requireHome(home);
  return { genesis: readGenesisFile(join(home, 'genesis.json')), states: listSignStates(home) };
}

function requireHome(home: string): void {
  if (existsSync(join(home, 'genesis.json'))) return;
  throw new SynodError(
    'HOME_INCOMPLETE',
    `${home} has no genesis.json, so it is no home of a node or a signer. Name one with --home, or make it:  ${SYNOD} init`,
    { facts: { home } },
  );
}

/** Consensus keys of the home, the first one first. */
function ownKeys(home: string): readonly PublicKey[] {
  const keys = readKeysIfAny(home);
  if (keys === null || keys.consensusSeed === null) return [];
  return [keys.consensusSeed, ...keys.rotated.map(({ consensusSeed }) => consensusSeed)].map(publicKeyOf);
}

function lastText(state: FoundSignState['state'] | undefined): string {
  if (state === undefined || state.height === 0) return 'signed nothing yet';
  if (state.round === WHOLE_HEIGHT_ROUND) return `nothing up to the whole of height ${state.height}`;
  return `last signed height ${state.height}, round ${state.round}, ${state.step}`;
}
