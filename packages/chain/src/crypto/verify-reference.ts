/**
 * The chain's signature rule, stated on curve points (spec: codec §10, consensus §2). Owns the rule: the fast paths beside
 * must agree with it on every input. Slow; for tests and for settling doubts.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from './hash.ts';

const Point = ed25519.Point;
const ORDER = Point.Fn.ORDER;

/** True exactly when the six conditions of consensus §2 hold. Never throws, whatever the lengths. */
export function verifyReference(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= ORDER) return false;
  const key = pointOrNull(publicKey);
  if (key === null || key.isSmallOrder()) return false;
  const k = littleEndian(sha512(Buffer.concat([r, publicKey, message]))) % ORDER;
  const q = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
  return Buffer.compare(q.toBytes(), r) === 0 && !q.isSmallOrder();
}

/** A point from its one canonical encoding, or null. */
export function pointOrNull(bytes: Uint8Array): InstanceType<typeof Point> | null {
  try {
    return Point.fromBytes(Uint8Array.from(bytes), false);
  } catch {
    // The library says "no point" by throwing; the input is a peer's, so this is a verdict and not a failure.
    return null;
  }
}

/** An unsigned integer from little-endian bytes. */
export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);
}
