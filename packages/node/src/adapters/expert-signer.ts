/**
 * The key of one expert, held in memory. Owns nothing on disk: an expert's transactions carry nonces and salts of
 * their own, so signing twice costs it nothing.
 */
import { addressOf, keyAgreement, publicKeyOf, sign } from '@synod/chain';
import type { ExpertSigner } from '../host/ports.ts';
import { deriveSecret } from './signer-file.ts';

/** Signer over a 32-byte Ed25519 seed. */
export function createExpertSigner(seed: Uint8Array): ExpertSigner {
  const publicKey = publicKeyOf(seed);
  return {
    address: addressOf(publicKey),
    publicKey,
    sign: (message) => sign(seed, message),
    deriveSecret: (label) => deriveSecret(seed, label),
    agree: keyAgreement(seed),
  };
}
