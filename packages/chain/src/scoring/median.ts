/**
 * The lower stake-weighted median (spec: market §6). Owns the arithmetic; who may score what is masks.ts.
 */
import type { Power, Ppm } from '../types/index.ts';

export type WeightedScore = { readonly score: Ppm; readonly power: Power };

/** The least score at which half of the power or more lies at or below it; null when there is no power. */
export function lowerWeightedMedian(scores: readonly WeightedScore[]): Ppm | null {
  const sorted = [...scores].sort((a, b) => a.score - b.score);
  const total = sorted.reduce((sum, { power }) => sum + power, 0n);
  let below = 0n;
  for (const { score, power } of sorted) {
    below += power;
    if (power > 0n && 2n * below >= total) return score;
  }
  return null;
}
