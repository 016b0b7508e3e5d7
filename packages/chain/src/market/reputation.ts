/**
 * The Beta reputation of an expert in a domain (spec: market §8). Owns its arithmetic, in millionths.
 */
import { type ChainParams, type Height, PPM, type Ppm, type Reputation } from '../types/index.ts';

/** α ← γα + y, β ← γβ + (1 − y), each forgotten part rounded down. `score` is y. */
export function updateReputation(before: Reputation, score: Ppm, height: Height, params: ChainParams): Reputation {
  return {
    alpha: forget(before.alpha, params.reputationForgetting) + score,
    beta: forget(before.beta, params.reputationForgetting) + (PPM - score),
    answers: before.answers + 1,
    updatedAt: height,
  };
}

/** α / (α + β), rounded down, in ppm. */
export function reputationMean({ alpha, beta }: Reputation): Ppm {
  const total = BigInt(alpha) + BigInt(beta);
  return total === 0n ? 0 : Number((BigInt(alpha) * BigInt(PPM)) / total);
}

function forget(value: number, forgetting: Ppm): number {
  return Number((BigInt(value) * BigInt(forgetting)) / BigInt(PPM));
}
