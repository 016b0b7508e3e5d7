/** Signing and checking with hex keys as the rest of the chain holds them. Owns neither the rule nor the secrets. */
import { crypto_sign_detached, crypto_sign_seed_keypair } from 'sodium-native';
import { SynodError } from '../errors.ts';
import type { PublicKey } from '../types/index.ts';
import { isHex, toHex } from './hex.ts';
import { verifySodium } from './verify-sodium.ts';

/** Decoded keys kept; a full memo starts over. */
const KEYS_MAX = 8192;
const keyBytes = new Map<string, Uint8Array>();

/** The chain's verdict on a signature (consensus §2). Never throws: a malformed key or length is a false. */
export function verifySignature(publicKey: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  let key = keyBytes.get(publicKey);
  if (key === undefined) {
    if (!isHex(publicKey, 32)) return false;
    // A buffer of its own: one out of Node's pool would keep 8 KiB alive for 32 bytes.
    key = new Uint8Array(Buffer.from(publicKey, 'hex'));
    if (keyBytes.size >= KEYS_MAX) keyBytes.clear();
    keyBytes.set(publicKey, key);
  }
  return verifySodium(key, message, signature);
}

/** A deterministic RFC 8032 signature of 64 bytes. `secretSeed` has 32 bytes, else `SECRET_LENGTH`. */
export function sign(secretSeed: Uint8Array, message: Uint8Array): Uint8Array {
  const { secretKey } = keyPairOf(secretSeed);
  const signature = new Uint8Array(64);
  crypto_sign_detached(signature, message, secretKey);
  return signature;
}

/** The public key of a 32-byte secret seed (RFC 8032 §5.1.5), else `SECRET_LENGTH`. */
export function publicKeyOf(secretSeed: Uint8Array): PublicKey {
  return toHex(keyPairOf(secretSeed).publicKey) as PublicKey;
}

function keyPairOf(secretSeed: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
  if (secretSeed.length !== 32) {
    throw new SynodError('SECRET_LENGTH', 'An Ed25519 secret seed has 32 bytes. Check the key file it comes from.', {
      facts: { length: secretSeed.length },
    });
  }
  const publicKey = new Uint8Array(32);
  const secretKey = new Uint8Array(64);
  crypto_sign_seed_keypair(publicKey, secretKey, secretSeed);
  return { publicKey, secretKey };
}
