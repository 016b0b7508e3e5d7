/**
 * `synod key new|import|export`: keystores made, taken over and opened. Owns the order in which nothing is lost: the file is on disk
 * before anything is said, and words are shown once, by the command that drew them.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { addressOf, fromHex, isHex, mnemonicFromEntropy, publicKeyOf, SynodError, toHex } from '@synod/chain';
import { createSecretJson } from '../files/write-file.ts';
import { readKeyFile, readKeyFileContent } from '../keys/key-file.ts';
import { type KeyUse, keyOfMnemonic, keyPath, parseKeyIndex, parseKeyUse } from '../keys/key-paths.ts';
import { encryptKeystore, type Kdf, openKeystore } from '../keys/keystore.ts';
import { readNewPassword, readPassword } from '../keys/password.ts';
import { readSecretFile } from '../keys/secret-file.ts';
import { wordLines } from '../keys/words.ts';
import { displayPath, keysDirectory } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type KeyPlaceFlags = { readonly use?: string; readonly account?: string; readonly index?: string };

export type KeyNewFlags = CommonOptions &
  KeyPlaceFlags & { readonly out?: string; readonly passwordFile?: string; readonly kdf?: string };

export type KeyImportFlags = KeyNewFlags & { readonly sourcePasswordFile?: string };

export type KeyExportFlags = CommonOptions & { readonly out?: string; readonly passwordFile?: string };

const ENTROPY_BYTES = 32;
const FILE_DIGITS = 8;

/** Draws words, derives the key at its path and puts it under the password. */
export async function runKeyNew(flags: KeyNewFlags): Promise<void> {
  const { use, path } = placeOf(flags);
  const kdf = parseKdf(flags.kdf);
  const password = readNewPassword(flags.passwordFile);
  const mnemonic = mnemonicFromEntropy(randomBytes(ENTROPY_BYTES));
  const written = writeKeystore({ secret: keyOfMnemonic(mnemonic, path), use, path, password, kdf }, flags.out);
  if (flags.json) return printJson({ ...written, mnemonic });
  print(`✔ new ${use} key ${use === 'account' ? written.address : `0x${written.publicKey}`}`);
  print(`  keystore  ${displayPath(written.file)}, which opens with the password only`);
  for (const line of wordLines(mnemonic)) print(line);
}

/** Puts a key that is there already, in any form, under the password. */
export async function runKeyImport(source: string, flags: KeyImportFlags): Promise<void> {
  if (flags.passwordFile === '-' && flags.sourcePasswordFile === '-') {
    throw new SynodError('USAGE', 'Standard input holds one password. Name a file for the other with --password-file.');
  }
  const { use, path } = placeOf(flags);
  const kdf = parseKdf(flags.kdf);
  const found = secretOf(resolve(source), { use, path, passwordFile: flags.sourcePasswordFile });
  const password = readNewPassword(flags.passwordFile);
  const written = writeKeystore({ ...found, use, password, kdf }, flags.out);
  if (flags.json) return printJson(written);
  print(`✔ ${use} key ${use === 'account' ? written.address : `0x${written.publicKey}`} imported`);
  print(`  keystore  ${displayPath(written.file)}, which opens with the password only`);
  print(`  ${displayPath(resolve(source))} still holds the key: delete it when you have tried the keystore:`);
  print(`    ${SYNOD} key show ${displayPath(written.file)} --password-file FILE`);
}

/** Writes the key of a keystore as it is, for the owner alone; a secret is never printed. */
export async function runKeyExport(source: string, flags: KeyExportFlags): Promise<void> {
  if (flags.out === undefined) {
    throw new SynodError('USAGE', 'A secret is written to a file, never shown. Name it with --out FILE.');
  }
  const { address, seed } = readKeyFile(resolve(source), flags.passwordFile);
  const file = resolve(flags.out);
  createSecretJson(file, { address, privateKey: `0x${toHex(seed)}` });
  if (flags.json) return printJson({ address, file });
  print(`✔ ${displayPath(file)} holds the key of ${address} in the open, readable by you alone`);
  print('  Whoever reads it has the key: delete it as soon as it has served.');
}

function placeOf(flags: KeyPlaceFlags): { readonly use: KeyUse; readonly path: string } {
  const use = parseKeyUse(flags.use);
  const account = parseKeyIndex(flags.account, '--account');
  const index = parseKeyIndex(flags.index, '--index');
  if (use === 'account' && flags.index !== undefined) {
    throw new SynodError('USAGE', 'Accounts are counted by --account; --index counts keys below one.');
  }
  return { use, path: keyPath(use, { account, index }) };
}

function parseKdf(text: string | undefined): Kdf {
  if (text === undefined || text === 'scrypt') return 'scrypt';
  if (text === 'pbkdf2') return 'pbkdf2';
  throw new SynodError('USAGE', `--kdf "${text}" is no key derivation. Choose scrypt or pbkdf2.`);
}

type Secret = { readonly secret: Uint8Array; readonly path: string };

/** A keystore, a plain key file, 64 hexadecimal digits or the words themselves, told apart by the content. */
function secretOf(
  file: string,
  { use, path, passwordFile }: { use: KeyUse; path: string; passwordFile: string | undefined },
): Secret {
  const text = readSecretFile(file, 'Name the file that holds the key or its words.').trim();
  const digits = text.replace(/^0x/, '').toLowerCase();
  if (isHex(digits, 32)) return { secret: fromHex(digits), path: '' };
  if (!text.startsWith('{')) return { secret: keyOfMnemonic(text, path), path };
  const content = readKeyFileContent(file);
  if (content.form === 'keystore') {
    const password = readPassword(passwordFile, '--source-password-file');
    return { secret: openKeystore(content.keystore, password, file), path: content.keystore.path };
  }
  // A file with words can give every key of them; without a wish it is the one that it names.
  const isOther = content.mnemonic !== null && use !== 'account';
  if (isOther) return { secret: keyOfMnemonic(content.mnemonic, path), path };
  return { secret: content.seed, path: content.path ?? '' };
}

function writeKeystore(
  key: Secret & { readonly use: KeyUse; readonly password: string; readonly kdf: Kdf },
  out: string | undefined,
) {
  const { secret, use, path } = key;
  const publicKey = publicKeyOf(secret);
  const file = resolve(out ?? join(keysDirectory(process.env), `${use}-${publicKey.slice(0, FILE_DIGITS)}.json`));
  createSecretJson(file, encryptKeystore({ ...key, description: `synod ${use} key` }));
  return { use, address: addressOf(publicKey), publicKey, path, file };
}
