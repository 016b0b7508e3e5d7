/** Signature checks by libsodium, whose behaviour is the chain's rule (consensus §2): the fast path. Owns no rule. */
import { crypto_sign_verify_detached } from 'sodium-native';

/** Agrees with `verifyReference`. The binding takes longer signatures and throws on shorter ones: lengths come first. */
export function verifySodium(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return crypto_sign_verify_detached(signature, message, publicKey);
}
