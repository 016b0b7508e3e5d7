/**
 * The token that a node and its signer share, and where the node finds the signer. Owns the token's file in both homes; what is said with
 * it is the node's.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Address, genesisHash, SynodError } from '@synod/chain';
import type { RemoteSignerConfig } from '@synod/node';
import { openRemoteKeys, type RemoteKeys } from '@synod/node/signing';
import { readGenesisFile } from '../join/genesis-file.ts';
import type { NodeFile, NodeHome, SignerPlace } from '../node-home.ts';
import { displayPath } from '../settings/paths.ts';
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
    ...(caFile === undefined ? {} : { ca: readCertificate(resolve(home, caFile)) }),
    ...(answerMs === undefined ? {} : { answerMs }),
  };
}

/**
 * The keys of a home whose signer holds them, for registering them under an operator; null where the home holds its keys itself. `flag` is
 * `--signer`. Throws as {@link remoteSignerOf}, `HOME_INVALID` for another operator's home, and what reaching a signer throws.
 */
export function openHeldKeys(
  home: string,
  { node, keys, genesisFile }: NodeHome,
  {
    flag,
    operator,
    chainId,
  }: { readonly flag: string | undefined; readonly operator: Address; readonly chainId: string },
): RemoteKeys | null {
  const config = remoteSignerOf(home, node, flag);
  if (config === null) return null;
  if (keys.operator === operator)
    return openRemoteKeys(config, { chainId, genesisHash: genesisHash(readGenesisFile(genesisFile)), operator });
  const whose = keys.operator === null ? 'no validator' : `the validator of ${keys.operator}`;
  throw new SynodError(
    'HOME_INVALID',
    `${displayPath(home)} is the home of ${whose}, whose keys a signer holds. Sign with its operator's key, or name another --home.`,
    { facts: { home, operator: keys.operator } },
  );
}

/** A certificate. Throws `FILE_MISSING`, `SIGNER_TLS_INVALID`. */
export function readCertificate(file: string): string {
  if (!existsSync(file)) {
    throw new SynodError('FILE_MISSING', `${file} does not exist. Name the PEM file of the certificate.`, {
      facts: { file },
    });
  }
  const text = readFileSync(file, 'utf8');
  try {
    new X509Certificate(text).toString();
    return text;
  } catch (cause) {
    throw invalidTls(`${file} holds no certificate in PEM form`, cause);
  }
}

/** A certificate with its key, which only its owner may read. Throws `SIGNER_TLS_INVALID`, `FILE_MISSING`, or as an unsafe secret file does. */
export function readTls(certFile: string, keyFile: string): { readonly cert: string; readonly key: string } {
  const tls = {
    cert: readCertificate(certFile),
    key: readSecretFile(keyFile, "Name the PEM file of the certificate's key with --tls-key."),
  };
  try {
    createSecureContext(tls);
    return tls;
  } catch (cause) {
    throw invalidTls(`${keyFile} is not the key of the certificate in ${certFile}`, cause);
  }
}

function invalidTls(what: string, cause: unknown): SynodError {
  return new SynodError('SIGNER_TLS_INVALID', `${what}. See what is in it:  openssl x509 -noout -text -in FILE`, {
    cause,
  });
}

/** Where a signer's token lies. */
export function tokenFileOf(home: string): string {
  return join(home, TOKEN_FILE);
}
