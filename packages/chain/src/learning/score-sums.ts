/**
 * Scores of two versions over the same time, and whether one is behind (spec: learning §9.3). Owns the arithmetic, in millionths and
 * whole numbers.
 */
import { PPM, type Ppm, type ScoreSum } from '../types/index.ts';

/** Answers of each side below which nothing is said. */
const ANSWERS_LEAST = 4;

/** Standard errors that a fall must exceed beyond the tolerance. */
const ERRORS = 2n;

/** Variance that a side has at least, in millionths of a score's square (a deviation of 0.1): few answers are alike by chance. */
const VARIANCE_LEAST = 10_000n;

const WHOLE = BigInt(PPM);

export function plusScore({ sum, squares, count }: ScoreSum, score: Ppm): ScoreSum {
  const square = Number((BigInt(score) * BigInt(score)) / WHOLE);
  return { sum: sum + score, squares: squares + square, count: count + 1 };
}

/**
 * True when the first mean lies below the other's by more than the tolerance and two standard errors of the difference: chance alone takes back one
 * good version in forty, whatever the tolerance.
 */
export function isBehind(own: ScoreSum, other: ScoreSum, tolerance: Ppm): boolean {
  if (own.count < ANSWERS_LEAST || other.count < ANSWERS_LEAST) return false;
  const fall = meanOf(other) - meanOf(own) - BigInt(tolerance);
  const variance = varianceOf(own) / BigInt(own.count) + varianceOf(other) / BigInt(other.count);
  return fall > 0n && fall * fall > ERRORS * ERRORS * variance * WHOLE;
}

function meanOf({ sum, count }: ScoreSum): bigint {
  return BigInt(sum) / BigInt(count);
}

function varianceOf(scores: ScoreSum): bigint {
  const mean = meanOf(scores);
  const variance = BigInt(scores.squares) / BigInt(scores.count) - (mean * mean) / WHOLE;
  return variance > VARIANCE_LEAST ? variance : VARIANCE_LEAST;
}
