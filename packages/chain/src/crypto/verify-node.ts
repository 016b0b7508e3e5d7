/**
 * Signature checks by node:crypto with the checks that OpenSSL leaves out: the spare where libsodium's binding cannot be
 * loaded. Owns no rule: it must agree with `verifyReference` (consensus §2).
 */
import { createPublicKey, verify } from 'node:crypto';
import { littleEndian } from './verify-reference.ts';

const FIELD = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** DER of an Ed25519 public key up to the 32 key bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** y coordinates of the eight points of order 1, 2, 4 and 8; the sign bit tells those of one y apart. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  FIELD - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

/** Agrees with `verifyReference`. */
export function verifyNode(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!passesPreChecks(publicKey, signature)) return false;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  return verify(null, message, key, signature);
}

/**
 * Lengths, S < L, and neither key nor R of small order or non-canonical. Some OpenSSL versions check a part of this
 * themselves (Node 24 takes 43 of the 914 CCTV vectors without it, Node 20 takes 208), so none of it is left to them.
 */
export function passesPreChecks(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (littleEndian(signature.subarray(32)) >= ORDER) return false;
  return isCanonicalAndLarge(publicKey) && isCanonicalAndLarge(signature.subarray(0, 32));
}

/** y below the field's prime, and not a point of small order. Whether a point has that y is OpenSSL's to find out. */
function isCanonicalAndLarge(encoded: Uint8Array): boolean {
  const y = BigInt.asUintN(255, littleEndian(encoded));
  return y < FIELD && !SMALL_ORDER_Y.has(y);
}
