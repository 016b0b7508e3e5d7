/**
 * Keys of simulated networks, in two tiers: real Ed25519 and ECVRF, and a keyed hash in their place that costs a
 * hundredth. Owns the tiers; both go through the ports that production uses. Nobody outside a simulation may trust
 * the keyed hash: who knows the secrets' table can sign for all, which is what the checks inside need.
 */
import {
  type Address,
  addressOf,
  fromHex,
  type KeyAgreement,
  keyAgreement,
  oncePerObject,
  type PublicKey,
  privateSlot,
  publicKeyOf,
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
  /** 32 secret bytes, the same for the same label. */
  deriveSecret(key: KeyPair, label: string): Uint8Array;
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

/** Verdicts and proofs kept; a full memo starts over, which costs time and changes no result. */
const MEMO_MAX = 4_096;

/** A pure function of a key and bytes, computed once for all the nodes that ask. */
function shared<R>(compute: (key: PublicKey, ...parts: Uint8Array[]) => R): typeof compute {
  const known = new Map<string, R>();
  return (key, ...parts) => {
    const name = [key, ...parts.map(textOf)].join('|');
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= MEMO_MAX) known.clear();
    const result = compute(key, ...parts);
    known.set(name, result);
    return result;
  };
}

/** Bytes as text, one character a byte, behind their number: no two rows of parts have the same text. */
function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return `${length}:${Buffer.from(buffer as ArrayBuffer, byteOffset, length).toString('latin1')}`;
}

const sharedProof = shared((publicKey, alpha) => vrfProve(secrets.get(publicKey) as Uint8Array, alpha));

export const realTier: Tier = {
  name: 'ed25519',
  crypto: { verifySignature: shared(verifySignature), verifyBeacon: shared(vrfVerify) },
  sign: ({ seed }, message) => sign(seed, message),
  prove: ({ publicKey }, alpha) => sharedProof(publicKey, alpha),
  deriveSecret: ({ seed }, label) => deriveSecret(seed, label),
};

/** The one good signature of the key that a message was last compared with: votes are looked at by all nodes as the same bytes. */
const signed = privateSlot<Uint8Array, { readonly secret: Uint8Array; readonly signature: Uint8Array }>();

/** A signature is the keyed hash of secret, domain and message; a proof is the same with 16 bytes behind it. */
export const keyedHashTier: Tier = {
  name: 'keyed-hash',
  crypto: {
    verifySignature(publicKey, message, signature) {
      const secret = secrets.get(publicKey);
      if (secret === undefined) return false;
      const known = signed.read(message);
      if (known?.secret === secret) return isEqual(known.signature, signature);
      const expected = keyedHash(secret, 1, message);
      signed.write(message, { secret, signature: expected });
      return isEqual(expected, signature);
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
  deriveSecret: ({ seed }, label) => keyedHash(seed, 4, utf8.encode(label)).slice(0, 32),
};

/** A pair's part in sealed boxes; the same for every node and every life that has the pair. */
export const agreementOf: (pair: KeyPair) => KeyAgreement = oncePerObject(({ seed }: KeyPair) => keyAgreement(seed));

/** The key of an expert that a simulated node runs. */
export function expertSigner(tier: Tier, pair: KeyPair): ExpertSigner {
  return {
    address: pair.address,
    publicKey: pair.publicKey,
    sign: (message) => tier.sign(pair, message),
    deriveSecret: (label) => tier.deriveSecret(pair, label),
    agree: agreementOf(pair),
  };
}

/**
 * 64 bytes that depend on every bit of secret, domain and message: four lanes of 32-bit multiplications and rotations. Not a
 * cryptographic hash, which nothing in a simulation searches against; it costs a tenth of one.
 */
function keyedHash(secret: Uint8Array, domain: number, message: Uint8Array): Uint8Array {
  laneA = 0x9e3779b1 ^ domain;
  laneB = 0x85ebca77 ^ message.length;
  laneC = 0xc2b2ae3d | 0;
  laneD = 0x27d4eb2f;
  absorb(secret);
  absorb(message);
  const bytes = new Uint8Array(64);
  for (let at = 0; at < 64; at += 4) {
    const word = stir(at);
    bytes[at] = word;
    bytes[at + 1] = word >>> 8;
    bytes[at + 2] = word >>> 16;
    bytes[at + 3] = word >>> 24;
  }
  return bytes;
}

/** The lanes of the hash under way. */
let laneA = 0;
let laneB = 0;
let laneC = 0;
let laneD = 0;

function absorb(bytes: Uint8Array): void {
  const whole = bytes.length & ~3;
  let at = 0;
  for (; at < whole; at += 4) stir(wordAt(bytes, at));
  // Bytes behind the end are undefined and count as 0; the length is in the lanes already.
  if (at < bytes.length) stir(wordAt(bytes, at));
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Takes one word in and gives one that depends on all before. */
function stir(word: number): number {
  const a = Math.imul(laneA ^ word, 0x85ebca6b);
  const b = Math.imul(laneB ^ ((a << 13) | (a >>> 19)), 0xc2b2ae35);
  const c = Math.imul(laneC + ((b << 17) | (b >>> 15)), 0x9e3779b1);
  const d = Math.imul(laneD ^ ((c << 11) | (c >>> 21)), 0x27d4eb2f);
  laneA = d ^ (d >>> 15);
  laneB = (a + (d >>> 3)) | 0;
  laneC = b ^ (a >>> 7);
  laneD = (c + (b >>> 11)) | 0;
  return laneA ^ laneC;
}

/** In a loop: for Buffer's comparison short arrays would first need memory that others may look at. */
function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let differing = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) differing |= (one[index] as number) ^ (other[index] as number);
  return differing === 0;
}
