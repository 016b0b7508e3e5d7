/**
 * A backup: the files of a home in one, hashed, of one version, and sealed by a password where one is given. Owns the format and its checks;
 * which files go in and what becomes of them is home-backup.ts.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { SynodError } from '@synod/chain';

export type BackupEntry = {
  /** Relative to the home, with forward slashes. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
};

export type BackupHead = {
  readonly chainId: string;
  /** 64 hexadecimal digits. */
  readonly genesisHash: string;
  /** Of the node. */
  readonly name: string;
  /** ISO 8601. */
  readonly madeAt: string;
};

export type Backup = BackupHead & { readonly entries: readonly BackupEntry[] };

const FORMAT = 'synod-backup';
const FORMAT_VERSION = 1;
/** Interactive strength: about a quarter of a second and 128 MiB a guess. */
const SCRYPT = { N: 131_072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 } as const;
const KEY_BYTES = 32;
const PATH = /^(?!.*(^|\/)\.\.(\/|$))[\w.][\w./-]{0,255}$/;

type Sealing = {
  readonly cipher: 'aes-256-gcm';
  readonly kdf: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly iv: string;
  readonly tag: string;
};

/** The bytes of the file. The head is readable without the password, and bound to the content. */
export function encodeBackup({ entries, ...head }: Backup, password: Uint8Array | null): Uint8Array {
  const files = entries.map(({ path, mode, bytes }) => ({
    path,
    mode,
    sha256: sha256(bytes),
    data: Buffer.from(bytes).toString('base64'),
  }));
  const plain = Buffer.from(JSON.stringify({ head, files }));
  const sealed = password === null ? null : seal(plain, password);
  const content = sealed === null ? plain : sealed.bytes;
  const body = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    head,
    sealing: sealed?.sealing ?? null,
    sha256: sha256(content),
    content: content.toString('base64'),
  };
  return Buffer.from(`${JSON.stringify(body)}\n`);
}

/** Throws `BACKUP_DAMAGED`, `BACKUP_VERSION`, `PASSWORD_REQUIRED` or `PASSWORD_WRONG`. */
export function decodeBackup(file: Uint8Array, options: { readonly name: string; password(): Uint8Array }): Backup {
  const { name } = options;
  const body = parse(Buffer.from(file), name) as Record<string, unknown>;
  if (body['format'] !== FORMAT) throw damaged(name, 'it is no backup');
  if (body['formatVersion'] !== FORMAT_VERSION) throw otherVersion(name, body['formatVersion']);
  const content = Buffer.from(textOf(body['content'], name), 'base64');
  if (sha256(content) !== body['sha256']) throw damaged(name, 'its content does not have its hash');
  const sealing = body['sealing'] as Sealing | null;
  const plain = sealing === null ? content : open(content, sealing, options.password(), name);
  const { head, files } = parse(plain, name) as { readonly head: BackupHead; readonly files: readonly FileJson[] };
  if (JSON.stringify(head) !== JSON.stringify(body['head'])) throw damaged(name, 'its heading was changed');
  return { ...head, entries: files.map((each) => entryOf(each, name)) };
}

type FileJson = { readonly path: string; readonly mode: number; readonly sha256: string; readonly data: string };

function entryOf({ path, mode, sha256: digest, data }: FileJson, name: string): BackupEntry {
  const bytes = Buffer.from(textOf(data, name), 'base64');
  if (!PATH.test(path) || !Number.isSafeInteger(mode))
    throw damaged(name, `"${String(path).slice(0, 64)}" is no path in a home`);
  if (sha256(bytes) !== digest) throw damaged(name, `"${path}" does not have its hash`);
  return { path, mode: mode & 0o777, bytes };
}

function seal(plain: Buffer, password: Uint8Array): { readonly bytes: Buffer; readonly sealing: Sealing } {
  const [salt, iv] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', scryptSync(password, salt, KEY_BYTES, SCRYPT), iv);
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()]);
  const hex = { salt: salt.toString('hex'), iv: iv.toString('hex'), tag: cipher.getAuthTag().toString('hex') };
  return { bytes, sealing: { cipher: 'aes-256-gcm', kdf: 'scrypt', n: SCRYPT.N, r: SCRYPT.r, p: SCRYPT.p, ...hex } };
}

function open(content: Buffer, sealing: Sealing, password: Uint8Array, name: string): Buffer {
  const { cipher, kdf, n, r, p, salt, iv, tag } = sealing;
  // Other costs would let a file choose how much memory its reader takes.
  if (cipher !== 'aes-256-gcm' || kdf !== 'scrypt' || n !== SCRYPT.N || r !== SCRYPT.r || p !== SCRYPT.p)
    throw damaged(name, 'it is sealed in a way that this version does not know');
  try {
    const key = scryptSync(password, Buffer.from(salt, 'hex'), KEY_BYTES, SCRYPT);
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'hex'), { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(tag, 'hex'));
    return Buffer.concat([decipher.update(content), decipher.final()]);
  } catch (cause) {
    throw new SynodError('PASSWORD_WRONG', `The password does not open ${name}. Give the one it was made with.`, {
      cause,
    });
  }
}

function parse(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw damaged(name, 'it is not what was written', cause);
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw damaged(name, 'a part of it is missing');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function damaged(name: string, what: string, cause?: unknown): SynodError {
  return new SynodError(
    'BACKUP_DAMAGED',
    `${name} cannot be restored: ${what}. Nothing was changed. Use another copy of the backup.`,
    {
      facts: { file: name },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function otherVersion(name: string, version: unknown): SynodError {
  return new SynodError(
    'BACKUP_VERSION',
    `${name} is of format ${String(version)}; this version reads ${FORMAT_VERSION}. Restore it with the version of synod that made it.`,
    { facts: { file: name } },
  );
}
