/**
 * Accounts that people call by name. Owns the look-up in devnet.json and in key files; secrets never leave this process.
 */
import { type Address, addressOf, fromHex, isHex, parseAddress, publicKeyOf, SynodError } from '@synod/chain';
import { layoutOf } from '../devnet/layout.ts';
import { type DevnetRecord, readDevnetRecord } from '../devnet/record.ts';
import { readJson, requireOwnerOnly } from '../files/write-file.ts';
import { dataDirectory } from '../settings/settings.ts';

export type AccountKey = { readonly name: string; readonly address: Address; readonly seed: Uint8Array };

/** Null where no devnet is ready in the data directory. */
export function devnetRecordOf(dataDir: string | undefined): DevnetRecord | null {
  return readDevnetRecord(layoutOf(dataDirectory(dataDir, process.env)));
}

/** Address of `syn1…` or of a devnet account's name. Throws `ADDRESS_INVALID` or `ACCOUNT_UNKNOWN`. */
export function resolveAddress(text: string, record: DevnetRecord | null): Address {
  const named = record?.accounts.find(({ name }) => name === text);
  if (named !== undefined) return named.address as Address;
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.value;
  if (!/^[a-z][a-z0-9-]*$/.test(text) || text.startsWith('syn1')) {
    throw new SynodError(
      'ADDRESS_INVALID',
      `"${text}" is not an address: ${parsed.reason}. Addresses look like syn1…`,
      {
        facts: { address: text },
      },
    );
  }
  throw unknownAccount(text, record);
}

/** The key of a devnet account by name or address. Throws `ACCOUNT_UNKNOWN`. */
export function devnetKey(text: string, record: DevnetRecord | null): AccountKey {
  const found = record?.accounts.find(({ name, address }) => name === text || address === text);
  if (found === undefined) throw unknownAccount(text, record);
  return { name: found.name, address: found.address as Address, seed: fromHex(found.privateKey.replace(/^0x/, '')) };
}

/** A key written by `synod account new`. Refuses a file that others may read. */
export function readKeyFile(file: string): AccountKey {
  const next = 'Make one with:  synod account new --out FILE';
  const value = readJson(file, next) as { privateKey?: unknown } | null;
  if (value === null) throw new SynodError('KEY_FILE_MISSING', `${file} does not exist. ${next}`, { facts: { file } });
  requireOwnerOnly(file);
  const hex = typeof value.privateKey === 'string' ? value.privateKey.replace(/^0x/, '') : '';
  if (!isHex(hex, 32))
    throw new SynodError('KEY_FILE_INVALID', `${file} holds no private key of 64 hexadecimal digits. ${next}`, {
      facts: { file },
    });
  const seed = fromHex(hex);
  return { name: file, address: addressOf(publicKeyOf(seed)), seed };
}

function unknownAccount(text: string, record: DevnetRecord | null): SynodError {
  const names = record?.accounts.map(({ name }) => name).join(', ');
  const next =
    names === undefined
      ? 'No devnet is ready in the data directory, so names mean nothing; use an address or --key-file.'
      : `Known here: ${names}. Or use an address, or --key-file.`;
  return new SynodError('ACCOUNT_UNKNOWN', `No account "${text}" is known. ${next}`, { facts: { account: text } });
}
