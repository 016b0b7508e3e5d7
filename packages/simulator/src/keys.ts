/**
 * Keys of simulated networks, in two tiers: real Ed25519 and ECVRF, and a keyed hash in their place that costs a
 * hundredth. Owns the tiers; both go through the ports that production uses. Nobody outside a simulation may trust
 * the keyed hash: who knows the secrets' table can sign for all, which is what the checks inside need.
 */
import {
  type Address,
  addressOf,
  fromHex,
  type PublicKey,
  publicKeyOf,
  sha512,
  sign,
  taggedHash,
  verifySignature,
  vrfProve,
  vrfVerify,
} from '@synod/chain';
import { deriveSecret } from '@synod/node/durable';
import type { Crypto, ExpertSigner } from '@synod/node/host';

const utf8 = new TextEncoder();

/** One key pair; the seed stays the same in both tiers, so genesis does too. */
export type KeyPair = { readonly seed: Uint8Array; readonly publicKey: PublicKey; readonly address: Address };

/** Signs and proves with a key pair, by the tier's rule. */
export type Tier = {
  readonly name: 'keyed-hash' | 'ed25519';
  readonly crypto: Crypto;
  sign(key: KeyPair, message: Uint8Array): Uint8Array;
  prove(key: KeyPair, alpha: Uint8Array): Uint8Array;
};

const pairs = new Map<string, KeyPair>();
const secrets = new Map<PublicKey, Uint8Array>();

/** The key pair of a name; every simulation has the same. */
export function keyPair(label: string): KeyPair {
  const known = pairs.get(label);
  if (known !== undefined) return known;
  const seed = fromHex(taggedHash('simulator/key', utf8.encode(label)));
  const publicKey = publicKeyOf(seed);
  const pair = { seed, publicKey, address: addressOf(publicKey) };
  pairs.set(label, pair);
  secrets.set(publicKey, seed);
  return pair;
}

export const realTier: Tier = {
  name: 'ed25519',
  crypto: { verifySignature, verifyBeacon: vrfVerify },
  sign: ({ seed }, message) => sign(seed, message),
  prove: ({ seed }, alpha) => vrfProve(seed, alpha),
};

/** A signature is SHA-512 over secret, domain and message; a proof is the same with 16 bytes behind it. */
export const keyedHashTier: Tier = {
  name: 'keyed-hash',
  crypto: {
    verifySignature(publicKey, message, signature) {
      const secret = secrets.get(publicKey);
      return secret !== undefined && isEqual(keyedHash(secret, 1, message), signature);
    },
    verifyBeacon(publicKey, alpha, proof) {
      const secret = secrets.get(publicKey);
      if (secret === undefined || proof.length !== 80) return null;
      const expected = keyedHash(secret, 2, alpha);
      return isEqual(expected, proof.subarray(0, 64)) ? keyedHash(secret, 3, expected) : null;
    },
  },
  sign: ({ seed }, message) => keyedHash(seed, 1, message),
  prove({ seed }, alpha) {
    const proof = new Uint8Array(80);
    proof.set(keyedHash(seed, 2, alpha));
    return proof;
  },
};

/** The key of an expert that a simulated node runs. */
export function expertSigner(tier: Tier, pair: KeyPair): ExpertSigner {
  return {
    address: pair.address,
    publicKey: pair.publicKey,
    sign: (message) => tier.sign(pair, message),
    deriveSecret: (label) => deriveSecret(pair.seed, label),
  };
}

function keyedHash(secret: Uint8Array, domain: number, message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(33 + message.length);
  bytes.set(secret);
  bytes[32] = domain;
  bytes.set(message, 33);
  return sha512(bytes);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
