/**
 * `synod account show|new`: balances, and new keys. Owns the key file's form: a mnemonic and the key derived from it.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import {
  ACCOUNT_PATH,
  addressOf,
  deriveKey,
  mnemonicFromEntropy,
  mnemonicToSeed,
  publicKeyOf,
  toHex,
} from '@synod/chain';
import { createSecretJson } from '../files/write-file.ts';
import { devnetRecordOf, resolveAddress } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import { displayPath } from '../settings/paths.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson, table } from '../terminal/output.ts';

export type AccountFlags = CommonOptions & { readonly rpc?: string; readonly dataDir?: string };

const ENTROPY_BYTES = 32;

/** Balance of one account, or of every devnet account. */
export async function runAccountShow(account: string | undefined, flags: AccountFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const wanted =
    account === undefined
      ? (record?.accounts ?? []).map(({ name, address }) => ({ name, address }))
      : [
          {
            name: record?.accounts.find(({ name, address }) => [name, address].includes(account))?.name ?? null,
            address: resolveAddress(account, record),
          },
        ];
  const accounts = await Promise.all(
    wanted.map(async ({ name, address }) => ({
      name,
      address,
      balance: (await node.call('state_getAccount', { address })).balance,
    })),
  );
  if (flags.json) return printJson(account === undefined ? { accounts } : accounts[0]!);
  if (accounts.length === 0)
    print(`No devnet is ready in the data directory. Name an address:  ${SYNOD} account show syn1…`);
  for (const line of table(
    accounts.map(({ name, address, balance }) => [name ?? '', address, formatSyn(BigInt(balance))]),
  ))
    print(line);
}

/** Makes a key from fresh randomness (BIP-39 words, SLIP-10 path) and writes it for its owner alone. */
export async function runAccountNew(flags: CommonOptions & { readonly out: string }): Promise<void> {
  const file = resolve(flags.out);
  const mnemonic = mnemonicFromEntropy(randomBytes(ENTROPY_BYTES));
  const seed = deriveKey(mnemonicToSeed(mnemonic), ACCOUNT_PATH);
  const address = addressOf(publicKeyOf(seed));
  createSecretJson(file, { address, path: ACCOUNT_PATH, mnemonic, privateKey: `0x${toHex(seed)}` });
  if (flags.json) return printJson({ address, file });
  print(`✔ new account ${address}`);
  print(
    `  key and words are in ${displayPath(file)}, readable by you alone. Whoever has them has the money: keep a copy offline.`,
  );
}
