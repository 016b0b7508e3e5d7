/**
 * How far a scorer's calibrations speak for it (spec: rewards §6). Owns the one number made of its two means.
 */
import { PPM, type Ppm } from '../types/index.ts';

/** A decayed sum of 1 − |score − truth| as a Beta pair, in millionths, starting at (1, 1). */
export type AccuracyPair = { readonly alpha: number; readonly beta: number };

/**
 * The mean of two means: of the accuracy on answers that gold calls right, and on those it calls wrong. Whoever gives everything the same
 * score has one half, however many of the answers are right.
 */
export function balancedAccuracy(right: AccuracyPair, wrong: AccuracyPair): Ppm {
  return (meanOf(right) + meanOf(wrong)) >> 1;
}

function meanOf({ alpha, beta }: AccuracyPair): Ppm {
  const total = BigInt(alpha) + BigInt(beta);
  return total === 0n ? 0 : Number((BigInt(alpha) * BigInt(PPM)) / total);
}
