/**
 * How far a scorer's calibrations speak for it (spec: rewards §6). Owns the two means, what moves them, and the one number
 * made of them.
 */
import { type Accuracy, type BetaPair, PPM, type Ppm } from '../types/index.ts';

/**
 * The mean of two means: of the accuracy on answers that gold calls right, and on those it calls wrong. Whoever gives everything the same
 * score has one half, however many of the answers are right.
 */
export function balancedAccuracy(right: BetaPair, wrong: BetaPair): Ppm {
  return (meanOf(right) + meanOf(wrong)) >> 1;
}

/** One score of an answer whose truth, 0 or a million, is known: y = 1 − |score − truth| goes into the truth's pair. */
export function updateAccuracy(
  { right, wrong, answers }: Accuracy,
  { score, truth, forgetting }: { readonly score: Ppm; readonly truth: Ppm; readonly forgetting: Ppm },
): Accuracy {
  const near = PPM - (score > truth ? score - truth : truth - score);
  const after = observe(truth === 0 ? wrong : right, near, forgetting);
  return truth === 0 ? { right, wrong: after, answers: answers + 1 } : { right: after, wrong, answers: answers + 1 };
}

function observe({ alpha, beta }: BetaPair, near: Ppm, forgetting: Ppm): BetaPair {
  return { alpha: forget(alpha, forgetting) + near, beta: forget(beta, forgetting) + (PPM - near) };
}

function forget(value: number, forgetting: Ppm): number {
  return Number((BigInt(value) * BigInt(forgetting)) / BigInt(PPM));
}

function meanOf({ alpha, beta }: BetaPair): Ppm {
  const total = BigInt(alpha) + BigInt(beta);
  return total === 0n ? 0 : Number((BigInt(alpha) * BigInt(PPM)) / total);
}
