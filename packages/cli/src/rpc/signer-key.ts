/**
 * Whose key signs a command: a key file, a devnet account, or the operator of a devnet validator (`val-2`), whose key follows
 * from the devnet's seed. Owns that choice and the validators' names.
 */
import { type Address, SynodError } from '@synod/chain';
import { devnetKeys, type ValidatorKeys } from '../devnet/keys.ts';
import type { DevnetRecord } from '../devnet/record.ts';
import { type AccountKey, readKeyFile } from '../keys/key-file.ts';
import { devnetKey, resolveAddress } from './dev-accounts.ts';

export type SignerFlags = {
  readonly from?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Of a key file that is a keystore; `-` for standard input. */
  readonly passwordFile?: string | undefined;
};

/** Throws `USAGE` where neither a name nor a file is given, `ACCOUNT_UNKNOWN` for a name nobody has. */
export function signerKey({ from, keyFile, passwordFile }: SignerFlags, record: DevnetRecord | null): AccountKey {
  if (keyFile !== undefined) return readKeyFile(keyFile, passwordFile);
  if (from === undefined) {
    throw new SynodError(
      'USAGE',
      'Who signs? Name a devnet account or validator with --from, or a key with --key-file.',
    );
  }
  const validator = validatorKeys(record).find(({ name, operator }) => name === from || operator === from);
  if (validator !== undefined) {
    return { name: validator.name, address: validator.operator, seed: validator.operatorSeed };
  }
  return devnetKey(from, record);
}

/** Operator of a validator by the name of its devnet node, a devnet account that made one, or an address. */
export function resolveValidator(text: string, record: DevnetRecord | null): Address {
  const named = validatorKeys(record).find(({ name }) => name === text);
  if (named !== undefined) return named.operator;
  if (record !== null && /^val-\d+$/.test(text)) {
    const names = validatorKeys(record).map(({ name }) => name);
    throw new SynodError('ACCOUNT_UNKNOWN', `The devnet has no validator "${text}". Known here: ${names.join(', ')}.`, {
      facts: { validator: text },
    });
  }
  return resolveAddress(text, record);
}

/** The name people know an address by on this devnet, or null. */
export function nameOf(address: string, record: DevnetRecord | null): string | null {
  const validator = validatorKeys(record).find(({ operator }) => operator === address);
  return validator?.name ?? record?.accounts.find((account) => account.address === address)?.name ?? null;
}

/** Derived once: a list of validators asks for every name. */
const derived = new WeakMap<DevnetRecord, readonly ValidatorKeys[]>();

function validatorKeys(record: DevnetRecord | null): readonly ValidatorKeys[] {
  if (record === null) return [];
  const known = derived.get(record) ?? devnetKeys(record.seed, record.nodes.length).validators;
  derived.set(record, known);
  return known;
}
