/**
 * Sums of products of 32-bit integers without rounding: norms, scalar products and distances of deltas. Owns that exactness; what
 * is decided with it is aggregate.ts.
 */

/** Terms of a partial sum: 32 products of 16 and 32 bits stay below 2⁵³ together. */
const TERMS = 32;
const HALF = 1 << 16;

/** Σ a·b of arrays of equal length. */
export function dot(a: Int32Array, b: Int32Array): bigint {
  let sum = 0n;
  for (let start = 0; start < a.length; start += TERMS) {
    const end = Math.min(a.length, start + TERMS);
    let high = 0;
    let low = 0;
    for (let i = start; i < end; i++) {
      high += (a[i]! >> 16) * b[i]!;
      low += (a[i]! & (HALF - 1)) * b[i]!;
    }
    sum += BigInt(high) * BigInt(HALF) + BigInt(low);
  }
  return sum;
}

/** Σ (a − b)². */
export function squaredDistance(a: Int32Array, b: Int32Array): bigint {
  return dot(a, a) - 2n * dot(a, b) + dot(b, b);
}

/** The largest integer whose square is at most `value`. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
