/** `synod key list|show`: what is known of keys without showing any. Owns the words and lines; a password only proves that a keystore opens. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { addressOf, publicKeyOf, SynodError } from '@synod/chain';
import pc from 'picocolors';
import { isHome } from '../join/join-network.ts';
import { type KeyFileContent, readKeyFileContent } from '../keys/key-file.ts';
import { openKeystore } from '../keys/keystore.ts';
import { readPassword } from '../keys/password.ts';
import { readNodeHome } from '../node-home.ts';
import { displayPath, keysDirectory } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { describeFailure } from '../terminal/failure.ts';
import { type CommonOptions, print, printJson, type Told, table, tell } from '../terminal/output.ts';

export type KeyListFlags = CommonOptions & { readonly home?: string };
export type KeyShowFlags = CommonOptions & { readonly passwordFile?: string };

const FILES_MAX = 1_000;

/** The keystores of a folder, or the keys of a node's home. */
export async function runKeyList(folder: string | undefined, flags: KeyListFlags): Promise<void> {
  if (flags.home !== undefined && folder !== undefined) {
    throw new SynodError('USAGE', 'Name either a folder of key files or, with --home, the home of a node.');
  }
  const named = resolve(flags.home ?? folder ?? keysDirectory(process.env));
  tell(flags, flags.home !== undefined || isHome(named) ? listHome(named) : listFolder(named));
}

/** Public facts of one key file; with a password also whether it opens. */
export async function runKeyShow(file: string, flags: KeyShowFlags): Promise<void> {
  const content = readKeyFileContent(resolve(file));
  const opens = opensWith(content, file, flags.passwordFile);
  const facts = factsOf(content);
  if (flags.json) return printJson({ file: resolve(file), ...facts, opens });
  const rows: [string, string][] = [
    ['form', facts.form],
    ['address', facts.address],
    ['public key', `0x${facts.publicKey}`],
    ['path', facts.path || 'not derived from words'],
  ];
  if (content.form === 'keystore') {
    const { description, uuid, crypto } = content.keystore;
    rows.push(['made for', description ?? ''], ['uuid', uuid], ['derivation', crypto.kdf.function]);
    rows.push(['password', opens === null ? 'not tried (--password-file FILE)' : pc.green('opens it')]);
  } else
    rows.push([
      'password',
      pc.yellow(`none: put it under one with  ${SYNOD} key import ${displayPath(resolve(file))}`),
    ]);
  for (const line of table(rows, '')) print(line);
}

/** Null where no password was tried. Throws `PASSWORD_WRONG`. */
function opensWith(content: KeyFileContent, file: string, passwordFile: string | undefined): true | null {
  if (passwordFile === undefined || content.form === 'plain') return null;
  openKeystore(content.keystore, readPassword(passwordFile), file);
  return true;
}

function factsOf(content: KeyFileContent) {
  if (content.form === 'plain') {
    const publicKey = publicKeyOf(content.seed);
    return { form: 'plain', use: null, address: addressOf(publicKey), publicKey, path: content.path ?? '' };
  }
  const { pubkey, path, description = '' } = content.keystore;
  const use = /^synod (\w+) key$/.exec(description)?.[1] ?? null;
  const address = /^[0-9a-f]{64}$/.test(pubkey) ? addressOf(pubkey as ReturnType<typeof publicKeyOf>) : '';
  return { form: 'keystore', use, address, publicKey: pubkey, path };
}

function listFolder(folder: string): Told {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const keys = names
    .sort()
    .slice(0, FILES_MAX)
    .map((name) => {
      const file = join(folder, name);
      try {
        return { file, ...factsOf(readKeyFileContent(file)), problem: null };
      } catch (error) {
        return {
          file,
          form: null,
          use: null,
          address: '',
          publicKey: '',
          path: '',
          problem: describeFailure(error).message,
        };
      }
    });
  const rows = keys.map(({ file, form, use, address, problem }) =>
    problem === null ? [displayPath(file), use ?? form ?? '', address] : [displayPath(file), pc.yellow(problem), ''],
  );
  const none = [`No key lies in ${displayPath(folder)}. Make one:  ${SYNOD} key new --password-file FILE`];
  return { json: { folder, keys }, lines: rows.length === 0 ? none : table(rows, '') };
}

function listHome(home: string): Told {
  const { keys } = readNodeHome(home);
  const rows: { readonly use: string; readonly publicKey: string; readonly address: string }[] = [];
  const add = (use: string, seed: Uint8Array | null) => {
    if (seed === null) return;
    const publicKey = publicKeyOf(seed);
    rows.push({ use, publicKey, address: addressOf(publicKey) });
  };
  add('consensus', keys.consensusSeed);
  add('vrf', keys.vrfSeed);
  for (const pair of keys.rotated) {
    add('consensus, next', pair.consensusSeed);
    add('vrf, next', pair.vrfSeed);
  }
  add('network', keys.networkSeed);
  for (const { seed } of keys.experts) add('expert', seed);
  const operator: string[][] = keys.operator === null ? [] : [['operator', keys.operator]];
  const lines = table([...operator, ...rows.map(({ use, publicKey }) => [use, `0x${publicKey}`])], '');
  return { json: { home: resolve(home), operator: keys.operator, keys: rows }, lines };
}
