/**
 * [s]A and [s]A − [c]B on Edwards25519 by libsodium: five times as fast as the reference arithmetic. Owns the fast path only:
 * where libsodium declines (points outside the main subgroup, zero scalars) the caller computes the same with the reference.
 */
import {
  crypto_core_ed25519_sub,
  crypto_scalarmult_ed25519_base_noclamp,
  crypto_scalarmult_ed25519_noclamp,
} from 'sodium-native';

const BYTES = 32;

/**
 * The canonical encoding of [s]A, or null when libsodium declines; in constant time, so `s` may be a secret. The point is a canonical
 * encoding, the scalar is 32 bytes little-endian below the order.
 */
export function multiplyFast(s: Uint8Array, a: Uint8Array): Uint8Array | null {
  const product = new Uint8Array(BYTES);
  try {
    crypto_scalarmult_ed25519_noclamp(product, s, a);
    return product;
  } catch {
    return null;
  }
}

/**
 * The canonical encoding of [s]A − [c]B, or null when libsodium declines. Points are canonical encodings, `a` null is the
 * base point, scalars are 32 bytes little-endian below the order.
 */
export function subtractMultiplesFast(
  s: Uint8Array,
  a: Uint8Array | null,
  c: Uint8Array,
  b: Uint8Array,
): Uint8Array | null {
  const left = new Uint8Array(BYTES);
  const right = new Uint8Array(BYTES);
  const difference = new Uint8Array(BYTES);
  try {
    if (a === null) crypto_scalarmult_ed25519_base_noclamp(left, s);
    else crypto_scalarmult_ed25519_noclamp(left, s, a);
    crypto_scalarmult_ed25519_noclamp(right, c, b);
    crypto_core_ed25519_sub(difference, left, right);
    return difference;
  } catch {
    // The library declines by throwing: a small-order part or an identity. The reference arithmetic decides these.
    return null;
  }
}
