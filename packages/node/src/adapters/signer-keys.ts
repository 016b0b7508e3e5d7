/**
 * What a signer does with its keys beside signing for a node (keys §5.8): proves that it holds them, and makes the key that follows one. Owns these two
 * requests at the signer. They have paths of their own, carry no bytes to be signed, and give no signature that a vote or proposal could be.
 */
import { type PublicKey, SynodError, toHex } from '@synod/chain';
import type { ConsensusSigner } from '../host/ports.ts';
import type { PossessionProof } from './possession.ts';
import { SIGNER_LIMITS, signerPaths } from './signer-auth.ts';
import { isRecord, refusal, type SignerAnswer } from './signer-protocol.ts';

/** The keys that a signer holds. */
export type SignerKeyring = {
  /** Those held now, oldest first. */
  signers(): readonly ConsensusSigner[];
  /** Proof for the signer's own operator; null for a key that is not held. */
  provePossession(key: PublicKey): PossessionProof | null;
  /**
   * The key that follows, made where there is none: a key has one successor, however often it is asked for. Its sign state and then the key itself are
   * durable when it returns. Null for a key that is not held; throws `SIGNER_KEYS_FULL`.
   */
  successorOf(key: PublicKey): PublicKey | null;
};

/** The answer to a request about keys, or null where the path is another's. */
export function answerKeyRequest(keyring: SignerKeyring, path: string, body: unknown): SignerAnswer | null {
  const { possession, successor } = signerPaths;
  if (path.startsWith(possession)) return answerPossession(keyring, path.slice(possession.length), body);
  if (path.startsWith(successor)) return answerSuccessor(keyring, path.slice(successor.length), body);
  return null;
}

/** For the signer's operator alone: whoever has the token must not get the key registered under another's name. */
function answerPossession(keyring: SignerKeyring, text: string, body: unknown): SignerAnswer {
  const key = heldKey(keyring, text);
  if (key === null) return unknownKey();
  if (!isRecord(body) || body['type'] !== 'POSSESSION' || Object.keys(body).length !== 2)
    return refusal(400, 'SIGN_REQUEST_INVALID', 'the body is no request for a proof of possession');
  if (body['operator'] !== key.operator)
    return refusal(400, 'SIGN_REQUEST_INVALID', 'possession is proven for the operator of this signer, and no other');
  const proof = keyring.provePossession(key.publicKey);
  if (proof === null) return unknownKey();
  const { vrfKey, keyProof, vrfProof } = proof;
  return {
    status: 200,
    body: { vrfKey: `0x${vrfKey}`, keyProof: `0x${toHex(keyProof)}`, vrfProof: `0x${toHex(vrfProof)}` },
  };
}

function answerSuccessor(keyring: SignerKeyring, text: string, body: unknown): SignerAnswer {
  const key = heldKey(keyring, text);
  if (key === null) return unknownKey();
  if (!isRecord(body) || body['type'] !== 'SUCCESSOR' || Object.keys(body).length !== 1)
    return refusal(400, 'SIGN_REQUEST_INVALID', 'the body is no request for the key that follows');
  try {
    const next = keyring.successorOf(key.publicKey);
    return next === null ? unknownKey() : { status: 200, body: { publicKey: `0x${next}` } };
  } catch (error) {
    // The signer goes on with the keys it has.
    const code = error instanceof SynodError ? error.code : 'SIGNER_REFUSED';
    return refusal(503, code, error instanceof Error ? error.message : String(error));
  }
}

function heldKey(keyring: SignerKeyring, text: string): ConsensusSigner | null {
  return keyring.signers().find(({ publicKey }) => `0x${publicKey}` === text) ?? null;
}

function unknownKey(): SignerAnswer {
  return refusal(404, 'KEY_UNKNOWN', 'this signer does not hold the key');
}

/** Throws `SIGNER_KEYS_FULL` where one more key would be too many. */
export function requireRoomForKey(count: number): void {
  if (count < SIGNER_LIMITS.keysMax) return;
  throw new SynodError(
    'SIGNER_KEYS_FULL',
    `this signer holds ${count} keys, which is as many as it takes. Stop it, and take those out of force out of "rotated" in its keys.json`,
    { facts: { count } },
  );
}
