/**
 * The beacon's verifiable random function: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (suite 0x03).
 * Owns the proof format and its checks; what goes in as alpha is the block's business. Section numbers are the RFC's.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { SynodError } from '../errors.ts';
import type { PublicKey } from '../types/index.ts';
import { sha512 } from './hash.ts';
import { fromHex, isHex } from './hex.ts';
import { multiplyFast, subtractMultiplesFast } from './point-sodium.ts';
import { littleEndian, pointOrNull } from './verify-reference.ts';

const Point = ed25519.Point;
type Point = InstanceType<typeof Point>;
const ORDER = Point.Fn.ORDER;

const SUITE = 0x03;
const CHALLENGE_BYTES = 16;
/** Bytes of a proof: a point, a challenge and a scalar (§5.5). */
export const VRF_PROOF_BYTES = 80;

type Proof = { readonly gamma: Point; readonly c: bigint; readonly s: bigint };

/** Proves the output for `alpha` (§5.1). The same seed and alpha give the same 80 bytes. */
export function vrfProve(secretSeed: Uint8Array, alpha: Uint8Array): Uint8Array {
  if (secretSeed.length !== 32) {
    throw new SynodError('SECRET_LENGTH', 'A beacon secret has 32 bytes. Check the key file it comes from.', {
      facts: { length: secretSeed.length },
    });
  }
  const { scalar: x, prefix, point: y } = ed25519.utils.getExtendedPublicKey(secretSeed);
  const h = encodeToCurve(y.toBytes(), alpha);
  const gamma = multiply(x, h);
  // §5.4.2.2: the nonce is RFC 8032's, over the encoded H.
  const k = littleEndian(sha512(Buffer.concat([prefix, h.toBytes()]))) % ORDER;
  const c = challengeOf([y.toBytes(), h.toBytes(), gamma, multiply(k, Point.BASE), multiply(k, h)]);
  const s = (k + c * x) % ORDER;
  return Uint8Array.from([...gamma, ...toLittleEndian(c, CHALLENGE_BYTES), ...toLittleEndian(s, 32)]);
}

/** Encoding of [s]A. */
function multiply(s: bigint, a: Point): Uint8Array {
  return multiplyFast(toLittleEndian(s, 32), a.toBytes()) ?? a.multiply(s).toBytes();
}

/**
 * The 64-byte output when `proof` is the one for this key and `alpha`, else null (§5.3, with key validation §5.4.5).
 * Never throws.
 */
export function vrfVerify(publicKey: PublicKey, alpha: Uint8Array, proof: Uint8Array): Uint8Array | null {
  const y = isHex(publicKey, 32) ? pointOrNull(fromHex(publicKey)) : null;
  if (y === null || y.isSmallOrder()) return null;
  const parts = decodeProof(proof);
  if (parts === null) return null;
  const { gamma, c, s } = parts;
  const h = encodeToCurve(y.toBytes(), alpha);
  const u = subtractMultiples(s, null, c, y);
  const v = subtractMultiples(s, h, c, gamma);
  return challengeOf([y.toBytes(), h.toBytes(), gamma.toBytes(), u, v]) === c ? outputOf(gamma) : null;
}

/** The output that a proof of one's own carries (§5.2), or null for bytes that are no proof. Checks no key. */
export function vrfProofToHash(proof: Uint8Array): Uint8Array | null {
  const parts = decodeProof(proof);
  return parts === null ? null : outputOf(parts.gamma);
}

/** Encoding of [s]A − [c]B; `a` null is the base point. */
function subtractMultiples(s: bigint, a: Point | null, c: bigint, b: Point): Uint8Array {
  const fast = subtractMultiplesFast(
    toLittleEndian(s, 32),
    a === null ? null : a.toBytes(),
    toLittleEndian(c, 32),
    b.toBytes(),
  );
  return fast ?? (a ?? Point.BASE).multiplyUnsafe(s).subtract(b.multiplyUnsafe(c)).toBytes();
}

function outputOf(gamma: Point): Uint8Array {
  return sha512(Buffer.concat([Uint8Array.of(SUITE, 0x03), gamma.clearCofactor().toBytes(), Uint8Array.of(0)]));
}

/** §5.4.4. */
function decodeProof(proof: Uint8Array): Proof | null {
  if (proof.length !== VRF_PROOF_BYTES) return null;
  const gamma = pointOrNull(proof.subarray(0, 32));
  const c = littleEndian(proof.subarray(32, 32 + CHALLENGE_BYTES));
  const s = littleEndian(proof.subarray(32 + CHALLENGE_BYTES));
  return gamma === null || s >= ORDER ? null : { gamma, c, s };
}

/** Try and increment (§5.4.1.1) with the public key as salt. Each try succeeds with probability about one half. */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array): Point {
  for (let counter = 0; counter < 256; counter++) {
    const digest = sha512(
      Buffer.concat([Uint8Array.of(SUITE, 0x01), salt, alpha, Uint8Array.of(counter), Uint8Array.of(0)]),
    );
    const point = pointOrNull(digest.subarray(0, 32))?.clearCofactor();
    if (point !== undefined && !point.is0()) return point;
  }
  throw new SynodError(
    'VRF_NO_POINT',
    'No curve point in 256 tries, which chance does not do. Check the SHA-512 in use.',
  );
}

/** §5.4.3. */
function challengeOf(encoded: readonly Uint8Array[]): bigint {
  const digest = sha512(Buffer.concat([Uint8Array.of(SUITE, 0x02), ...encoded, Uint8Array.of(0)]));
  return littleEndian(digest.subarray(0, CHALLENGE_BYTES));
}

function toLittleEndian(value: bigint, length: number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex').reverse();
}
