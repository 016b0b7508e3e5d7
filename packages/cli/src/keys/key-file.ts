/**
 * Key files of every form: a plain one (`account new`, `key export`), or an EIP-2335 keystore with its password. Owns telling them
 * apart, so that every `--key-file` takes both.
 */
import { type Address, addressOf, fromHex, isHex, publicKeyOf, SynodError } from '@synod/chain';
import { type Keystore, looksLikeKeystore, openKeystore, parseKeystore } from './keystore.ts';
import { readPassword } from './password.ts';
import { readSecretFile } from './secret-file.ts';

/** A key that signs, and what people call it. */
export type AccountKey = { readonly name: string; readonly address: Address; readonly seed: Uint8Array };

/** A key file as it lies there: a keystore is still closed. */
export type KeyFileContent =
  | {
      readonly form: 'plain';
      readonly seed: Uint8Array;
      readonly path: string | null;
      readonly mnemonic: string | null;
    }
  | { readonly form: 'keystore'; readonly keystore: Keystore };

const NEXT = 'Make one with:  synod key new';
const SECRET_BYTES = 32;

/**
 * The key of a file. Throws `KEY_FILE_MISSING`, `KEY_FILE_OPEN`, `KEY_FILE_UNSAFE`, `KEY_FILE_INVALID`, `FILE_DAMAGED` for what is no JSON; of a
 * keystore `PASSWORD_REQUIRED`, `PASSWORD_WRONG`, `KEYSTORE_DAMAGED` or `KEYSTORE_FOREIGN`.
 */
export function readKeyFile(file: string, passwordFile?: string): AccountKey {
  const content = readKeyFileContent(file);
  const seed =
    content.form === 'plain' ? content.seed : openKeystore(content.keystore, readPassword(passwordFile), file);
  return { name: file, address: addressOf(publicKeyOf(seed)), seed };
}

/** What the file holds, without a password. Throws as {@link readKeyFile} does. */
export function readKeyFileContent(file: string): KeyFileContent {
  const value = parseJson(file, readSecretFile(file, NEXT));
  if (looksLikeKeystore(value)) return { form: 'keystore', keystore: parseKeystore(value, file) };
  const { privateKey, path, mnemonic } = (value ?? {}) as { privateKey?: unknown; path?: unknown; mnemonic?: unknown };
  const hex = typeof privateKey === 'string' ? privateKey.replace(/^0x/, '').toLowerCase() : '';
  if (!isHex(hex, SECRET_BYTES)) {
    throw new SynodError(
      'KEY_FILE_INVALID',
      `${file} holds neither a keystore nor a private key of 64 hexadecimal digits. ${NEXT}`,
      { facts: { file } },
    );
  }
  return {
    form: 'plain',
    seed: fromHex(hex),
    path: typeof path === 'string' ? path : null,
    mnemonic: typeof mnemonic === 'string' ? mnemonic : null,
  };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SynodError('FILE_DAMAGED', `${file} cannot be read as JSON. ${NEXT}`, { facts: { file }, cause });
  }
}
