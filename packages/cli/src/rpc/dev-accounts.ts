/**
 * Accounts that people call by name. Owns the look-up in devnet.json; secrets never leave this process.
 */
import { type Address, fromHex, parseAddress, SynodError } from '@synod/chain';
import { layoutOf } from '../devnet/layout.ts';
import { type DevnetRecord, readDevnetRecord } from '../devnet/record.ts';
import type { AccountKey } from '../keys/key-file.ts';
import { dataDirectory } from '../settings/settings.ts';

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

function unknownAccount(text: string, record: DevnetRecord | null): SynodError {
  const names = record?.accounts.map(({ name }) => name).join(', ');
  const next =
    names === undefined
      ? 'No devnet is ready in the data directory, so names mean nothing; use an address or --key-file.'
      : `Known here: ${names}. Or use an address, or --key-file.`;
  return new SynodError('ACCOUNT_UNKNOWN', `No account "${text}" is known. ${next}`, { facts: { account: text } });
}
