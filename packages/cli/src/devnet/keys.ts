/**
 * Every key of a devnet, derived from its seed alone: anyone who knows the seed knows them all, which is the point of a
 * devnet and the reason never to use one for anything of value.
 */
import { type Address, addressOf, deriveKey, type PublicKey, publicKeyOf, sha256 } from '@synod/chain';
import { GENERAL } from './experts.ts';

export type DevAccountKey = { readonly name: string; readonly seed: Uint8Array; readonly address: Address };

export type ValidatorKeys = {
  readonly name: string;
  /** Account that owns the stake. */
  readonly operatorSeed: Uint8Array;
  readonly operator: Address;
  readonly consensusSeed: Uint8Array;
  readonly vrfSeed: Uint8Array;
  readonly networkSeed: Uint8Array;
};

export type ExpertKey = { readonly seed: Uint8Array; readonly publicKey: PublicKey; readonly address: Address };

/** The last account is the faucet. */
export type DevnetKeys = { readonly accounts: readonly DevAccountKey[]; readonly validators: readonly ValidatorKeys[] };

const ACCOUNT_NAMES = [
  ...['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy', 'karl', 'lena'],
  ...['mike', 'nina', 'olga', 'paul', 'quinn', 'ruth', 'sven', 'tina'],
];
export const ACCOUNTS_MAX: number = ACCOUNT_NAMES.length;
const ACCOUNTS_DEFAULT = 3;

/** Who gives away money on a devnet. */
export const FAUCET = 'faucet';

/** Path of one use of a key: purpose 44', coin type of tests 1', then the use and its index. */
const USES = {
  account: 0,
  operator: 1,
  consensus: 2,
  vrf: 3,
  network: 4,
  expert: 5,
  domainExpert: 6,
  faucet: 7,
} as const;

/** The same seed gives the same keys on every machine; more validators leave the first ones' keys as they are. */
export function devnetKeys(seed: string, validators: number, accounts: number = ACCOUNTS_DEFAULT): DevnetKeys {
  const key = keysOf(seed);
  const account = (name: string, accountSeed: Uint8Array): DevAccountKey => {
    return { name, seed: accountSeed, address: addressOfSeed(accountSeed) };
  };
  return {
    accounts: [
      ...ACCOUNT_NAMES.slice(0, accounts).map((name, index) => account(name, key('account', index))),
      account(FAUCET, key('faucet', 0)),
    ],
    validators: Array.from({ length: validators }, (_, index) => {
      const operatorSeed = key('operator', index);
      return {
        name: `val-${index}`,
        operatorSeed,
        operator: addressOfSeed(operatorSeed),
        consensusSeed: key('consensus', index),
        vrfSeed: key('vrf', index),
        networkSeed: key('network', index),
      };
    }),
  };
}

/** Key of the expert that validator `index` hosts for a domain; the same whatever other domains there are. */
export function expertKey(seed: string, index: number, domain: string): ExpertKey {
  const key = keysOf(seed);
  const expertSeed =
    domain === GENERAL ? key('expert', index) : key('domainExpert', index, `/${numberOfName(domain)}'`);
  const publicKey = publicKeyOf(expertSeed);
  return { seed: expertSeed, publicKey, address: addressOf(publicKey) };
}

function keysOf(seed: string): (use: keyof typeof USES, index: number, below?: string) => Uint8Array {
  const master = sha256(new TextEncoder().encode(`synod devnet seed ${seed}`));
  return (use, index, below = '') => deriveKey(master, `m/44'/1'/${USES[use]}'/${index}'${below}`);
}

/** 31 bits of the name's hash: a step of a path that names the domain. */
function numberOfName(name: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = sha256(new TextEncoder().encode(name));
  return ((a & 0x7f) * 256 + b) * 65_536 + c * 256 + d;
}

function addressOfSeed(seed: Uint8Array): Address {
  return addressOf(publicKeyOf(seed));
}
