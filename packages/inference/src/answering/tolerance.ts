/** How far an honest answer may lie from what its verifier reads. Owns the distance and the numbers, measured by bench/market/substitution.ts. */
import { limits } from '../engine/limits.ts';

export const tolerance = {
  /** Nats by which a written token may lie under the greedy one: decoding and reading round otherwise, and near ties fall either way. */
  gap: 0.7,
  /** Largest distance, in thousandths. */
  distanceMilli: 200,
} as const;

/** A token's share is bounded, so that one alone says little. */
const SHARE_MAX = 1;
/** Added to 1 − p: below it, thousandths of a nat are rounding. */
const SCALE_LEAST = 0.02;

/**
 * Mean over the tokens of |claimed − recomputed| in nats, each divided by what a logit's error does to it (1 − p) and bounded; in thousandths.
 * `claimed` are −1000 · ln p, rounded; `recomputed` are ln p.
 */
export function distanceMilli(claimed: readonly number[], recomputed: readonly number[]): number {
  const shares = claimed.map((milli, i) => {
    const logProbability = recomputed[i]!;
    const exact = Math.min(limits.milliNatsMax / 1000, -logProbability);
    return Math.min(SHARE_MAX, Math.abs(milli / 1000 - exact) / (1 - Math.exp(logProbability) + SCALE_LEAST));
  });
  return Math.round((1000 * shares.reduce((sum, share) => sum + share, 0)) / Math.max(1, shares.length));
}
