/**
 * Proof that both keys of a validator are held (staking §3): made where the keys are, checked where they are not. Owns both; the bytes that are proven
 * are the codec's, in a domain of their own.
 */
import {
  type Address,
  type PublicKey,
  possessionSignBytes,
  publicKeyOf,
  sign,
  verifySignature,
  vrfProve,
  vrfVerify,
} from '@synod/chain';
import type { ValidatorSeeds } from './signer-ring.ts';

/** What `validator.create` and `validator.rotate` say of the keys: signature of 64 bytes, ECVRF proof of 80. */
export type PossessionProof = {
  readonly publicKey: PublicKey;
  readonly vrfKey: PublicKey;
  readonly keyProof: Uint8Array;
  readonly vrfProof: Uint8Array;
};

/** For whom, and on which chain: a proof is worth nothing elsewhere. */
export type PossessionPlace = { readonly chainId: string; readonly operator: Address };

/** Proves both keys for one operator. */
export function provePossession(
  { consensusSeed, vrfSeed }: ValidatorSeeds,
  { chainId, operator }: PossessionPlace,
): PossessionProof {
  const keys = { publicKey: publicKeyOf(consensusSeed), vrfKey: publicKeyOf(vrfSeed) };
  const message = possessionSignBytes(chainId, { operator, ...keys });
  return { ...keys, keyProof: sign(consensusSeed, message), vrfProof: vrfProve(vrfSeed, message) };
}

/** Whether the chain will take the proof for this operator. */
export function isPossessionProof(proof: PossessionProof, { chainId, operator }: PossessionPlace): boolean {
  const { publicKey, vrfKey, keyProof, vrfProof } = proof;
  const message = possessionSignBytes(chainId, { operator, publicKey, vrfKey });
  return verifySignature(publicKey, message, keyProof) && vrfVerify(vrfKey, message, vrfProof) !== null;
}
