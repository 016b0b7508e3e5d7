/**
 * The token that a node and its signer share, and where the node finds the signer. Owns the token's file in both homes; what is said with
 * it is the node's.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import type { RemoteSignerConfig } from '@synod/node';
import type { NodeFile, SignerPlace } from '../node-home.ts';
import { parseUrl } from '../settings/settings.ts';
import { readSecretFile } from './secret-file.ts';

export const TOKEN_FILE = 'signer-token';
export const SIGNER_PORT_DEFAULT = 9600;

const TOKEN_BYTES = 32;

/** The signer's token, drawn at its first start. */
export function ownToken(file: string): string {
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(TOKEN_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  return readToken(file);
}

/** Throws `SIGNER_TOKEN_INVALID`, and what an unsafe secret file throws. */
export function readToken(file: string): string {
  const token = readSecretFile(file, 'Copy the file "signer-token" of the signer\'s home there.').trim();
  if (/^[0-9a-f]{64}$/.test(token)) return token;
  throw new SynodError(
    'SIGNER_TOKEN_INVALID',
    `${file} holds no token of 64 hexadecimal digits. Copy the file "signer-token" of the signer's home there.`,
    { facts: { file } },
  );
}

/** Null where the home holds its keys itself. `flag` is `--signer`, which goes before node.json. */
export function remoteSignerOf(
  home: string,
  { signer }: NodeFile,
  flag: string | undefined,
): RemoteSignerConfig | null {
  if (signer === undefined && flag === undefined) return null;
  const place: SignerPlace = { tokenFile: TOKEN_FILE, url: '', ...signer };
  const url = parseUrl(flag ?? place.url, flag === undefined ? '"signer" of node.json' : '--signer');
  const token = readToken(resolve(home, place.tokenFile));
  const { caFile, answerMs } = place;
  return {
    url,
    token,
    ...(caFile === undefined ? {} : { ca: readPem(resolve(home, caFile)) }),
    ...(answerMs === undefined ? {} : { answerMs }),
  };
}

/** Throws `FILE_MISSING`. */
export function readPem(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new SynodError('FILE_MISSING', `${file} does not exist. Name the PEM file of the certificate or key.`, {
    facts: { file },
  });
}

/** Where a signer's token lies. */
export function tokenFileOf(home: string): string {
  return join(home, TOKEN_FILE);
}
