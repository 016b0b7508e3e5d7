/**
 * Keystores of EIP-2335, version 4: a secret under a password, as JSON. Owns the format, its two key derivations and its one
 * cipher; where the file lies and where the password comes from is not known here.
 */
import {
  createCipheriv,
  createDecipheriv,
  pbkdf2Sync,
  randomBytes,
  randomUUID,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { fromHex, isHex, publicKeyOf, SynodError, sha256, toHex } from '@synod/chain';
import { passwordBytes } from './password.ts';

export type Scrypt = {
  readonly function: 'scrypt';
  readonly params: {
    readonly dklen: number;
    readonly n: number;
    readonly r: number;
    readonly p: number;
    readonly salt: string;
  };
};

export type Pbkdf2 = {
  readonly function: 'pbkdf2';
  readonly params: { readonly dklen: number; readonly c: number; readonly prf: 'hmac-sha256'; readonly salt: string };
};

export type Keystore = {
  readonly version: 4;
  readonly uuid: string;
  readonly description?: string;
  /** Where the key was derived; empty for one that was not. */
  readonly path: string;
  /** Bare hexadecimal; 64 digits for the Ed25519 keys of this chain. */
  readonly pubkey: string;
  readonly crypto: {
    readonly kdf: (Scrypt | Pbkdf2) & { readonly message: '' };
    readonly checksum: { readonly function: 'sha256'; readonly params: object; readonly message: string };
    readonly cipher: {
      readonly function: 'aes-128-ctr';
      readonly params: { readonly iv: string };
      readonly message: string;
    };
  };
};

export type Kdf = 'scrypt' | 'pbkdf2';

/** What a file may make this machine do before its password is known to be right. */
const limits = {
  /** 128 · n · r bytes. */
  scryptMemoryBytesMax: 1 << 30,
  scryptLanesMax: 16,
  pbkdf2RoundsMax: 10_000_000,
  derivedBytesMax: 64,
  secretBytesMax: 64,
  saltBytesMax: 64,
} as const;

const SALT_BYTES = 32;
const IV_BYTES = 16;
const DERIVED_BYTES = 32;
/** The standard's own strength: about a second and, of scrypt, 256 MiB. */
const ROUNDS = 262_144;

/** Puts a 32-byte Ed25519 seed under a password. */
export function encryptKeystore(options: {
  readonly secret: Uint8Array;
  readonly password: string;
  readonly description: string;
  readonly path: string;
  readonly kdf?: Kdf;
}): Keystore {
  const { secret, password, description, path } = options;
  const salt = toHex(randomBytes(SALT_BYTES));
  const iv = randomBytes(IV_BYTES);
  const kdf: Keystore['crypto']['kdf'] =
    options.kdf === 'pbkdf2'
      ? { function: 'pbkdf2', params: { dklen: DERIVED_BYTES, c: ROUNDS, prf: 'hmac-sha256', salt }, message: '' }
      : { function: 'scrypt', params: { dklen: DERIVED_BYTES, n: ROUNDS, r: 8, p: 1, salt }, message: '' };
  const derived = derive(kdf, passwordBytes(password));
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
  const message = Buffer.concat([cipher.update(secret), cipher.final()]);
  return {
    version: 4,
    uuid: randomUUID(),
    description,
    path,
    pubkey: publicKeyOf(secret),
    crypto: {
      kdf,
      checksum: { function: 'sha256', params: {}, message: toHex(checksum(derived, message)) },
      cipher: { function: 'aes-128-ctr', params: { iv: toHex(iv) }, message: toHex(message) },
    },
  };
}

/** The secret. Throws `PASSWORD_WRONG`, which a keystore whose checksum or cipher text was changed cannot be told from. */
export function decryptKeystore(keystore: Keystore, password: string, name: string): Uint8Array {
  const { kdf, checksum: expected, cipher } = keystore.crypto;
  const message = fromHex(cipher.message);
  const derived = derive(kdf, passwordBytes(password));
  if (!timingSafeEqual(checksum(derived, message), fromHex(expected.message))) {
    throw new SynodError(
      'PASSWORD_WRONG',
      `${name} does not open with this password. Try another; if you are sure of it, the file was damaged: restore it from a backup.`,
      { facts: { file: name } },
    );
  }
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), fromHex(cipher.params.iv));
  return new Uint8Array(Buffer.concat([decipher.update(message), decipher.final()]));
}

/** As {@link decryptKeystore}, for a key of this chain: throws `KEYSTORE_FOREIGN` for another kind of key, `KEYSTORE_DAMAGED` for a wrong public key. */
export function openKeystore(keystore: Keystore, password: string, name: string): Uint8Array {
  if (!isHex(keystore.pubkey, 32)) {
    const kind = isHex(keystore.pubkey, 48) ? 'a BLS12-381 key, as Ethereum validators have' : 'no Ed25519 key';
    throw new SynodError('KEYSTORE_FOREIGN', `${name} holds ${kind}. Name a keystore made by "synod key new".`, {
      facts: { file: name },
    });
  }
  const secret = decryptKeystore(keystore, password, name);
  if (secret.length === 32 && publicKeyOf(secret) === keystore.pubkey) return secret;
  throw damaged(name, 'its public key is not that of its secret');
}

/** Reads a parsed JSON value. Throws `KEYSTORE_DAMAGED`, naming the field. Members that are not known are left alone, as the standard asks. */
export function parseKeystore(value: unknown, name: string): Keystore {
  const top = record(value, name, 'it');
  if (top['version'] !== 4) throw damaged(name, '"version" is not 4');
  const crypto = record(top['crypto'], name, '"crypto"');
  const { checksum: sum, cipher } = {
    checksum: module(crypto, 'checksum', name),
    cipher: module(crypto, 'cipher', name),
  };
  if (sum.function !== 'sha256') throw damaged(name, '"crypto.checksum.function" is not sha256');
  if (cipher.function !== 'aes-128-ctr') throw damaged(name, '"crypto.cipher.function" is not aes-128-ctr');
  return {
    version: 4,
    uuid: textOf(top['uuid'], name, '"uuid"'),
    ...(typeof top['description'] === 'string' ? { description: top['description'] } : {}),
    path: textOf(top['path'], name, '"path"'),
    pubkey: textOf(top['pubkey'] ?? '', name, '"pubkey"')
      .replace(/^0x/, '')
      .toLowerCase(),
    crypto: {
      kdf: { ...parseKdf(module(crypto, 'kdf', name), name), message: '' },
      checksum: { function: 'sha256', params: {}, message: hex(sum.message, name, 'crypto.checksum.message', 32) },
      cipher: {
        function: 'aes-128-ctr',
        params: { iv: hex(cipher.params['iv'], name, 'crypto.cipher.params.iv', IV_BYTES) },
        message: hexUpTo(cipher.message, name, 'crypto.cipher.message', limits.secretBytesMax),
      },
    },
  };
}

/** True for JSON that means to be a keystore, whole or not. */
export function looksLikeKeystore(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'crypto' in value;
}

function derive(kdf: Scrypt | Pbkdf2, password: Uint8Array): Uint8Array {
  const { salt, dklen } = kdf.params;
  if (kdf.function === 'pbkdf2') return pbkdf2Sync(password, fromHex(salt), kdf.params.c, dklen, 'sha256');
  const { n, r, p } = kdf.params;
  return scryptSync(password, fromHex(salt), dklen, { N: n, r, p, maxmem: 2 * limits.scryptMemoryBytesMax });
}

/** SHA-256 of the second half of the derived key and the cipher text. */
function checksum(derived: Uint8Array, message: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([derived.subarray(16, 32), message]));
}

type Module = {
  readonly function: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: unknown;
};

function module(crypto: Readonly<Record<string, unknown>>, part: string, name: string): Module {
  const found = record(crypto[part], name, `"crypto.${part}"`);
  const params = record(found['params'], name, `"crypto.${part}.params"`);
  return { function: found['function'], params, message: found['message'] };
}

function parseKdf({ function: kind, params }: Module, name: string): Scrypt | Pbkdf2 {
  const at = (field: string, max: number): number => count(params[field], name, `crypto.kdf.params.${field}`, max);
  const dklen = at('dklen', limits.derivedBytesMax);
  if (dklen < DERIVED_BYTES) throw damaged(name, `"crypto.kdf.params.dklen" is below ${DERIVED_BYTES}`);
  const salt = hexUpTo(params['salt'], name, 'crypto.kdf.params.salt', limits.saltBytesMax);
  if (kind === 'pbkdf2') {
    if (params['prf'] !== 'hmac-sha256') throw damaged(name, '"crypto.kdf.params.prf" is not hmac-sha256');
    return { function: 'pbkdf2', params: { dklen, c: at('c', limits.pbkdf2RoundsMax), prf: 'hmac-sha256', salt } };
  }
  if (kind !== 'scrypt') throw damaged(name, '"crypto.kdf.function" is neither scrypt nor pbkdf2');
  const [n, r, p] = [at('n', 1 << 24), at('r', 1 << 10), at('p', limits.scryptLanesMax)];
  if (n < 2 || (n & (n - 1)) !== 0) throw damaged(name, '"crypto.kdf.params.n" is no power of two above 1');
  if (128 * n * r > limits.scryptMemoryBytesMax)
    throw damaged(name, 'its scrypt parameters ask for more memory than a keystore may');
  return { function: 'scrypt', params: { dklen, n, r, p, salt } };
}

function record(value: unknown, name: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw damaged(name, `${what} is no object`);
}

function textOf(value: unknown, name: string, what: string): string {
  if (typeof value === 'string') return value;
  throw damaged(name, `${what} is no text`);
}

function count(value: unknown, name: string, what: string, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw damaged(name, `"${what}" is no whole number from 1 to ${max}`);
}

function hex(value: unknown, name: string, what: string, bytes: number): string {
  if (typeof value === 'string' && isHex(value.toLowerCase(), bytes)) return value.toLowerCase();
  throw damaged(name, `"${what}" is not ${2 * bytes} hexadecimal digits`);
}

function hexUpTo(value: unknown, name: string, what: string, bytesMax: number): string {
  const isWhole = typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(value);
  if (isWhole && value.length <= 2 * bytesMax) return value.toLowerCase();
  throw damaged(name, `"${what}" is not 1 to ${bytesMax} bytes of hexadecimal digits`);
}

function damaged(name: string, what: string): SynodError {
  return new SynodError(
    'KEYSTORE_DAMAGED',
    `${name} is no whole keystore: ${what}. Restore it from a backup, or make it anew from its words:  synod key import`,
    { facts: { file: name } },
  );
}
