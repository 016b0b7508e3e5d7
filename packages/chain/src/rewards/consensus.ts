/**
 * The weight that a majority supports, expert by expert (spec: rewards §3). Owns consensus and ranks; bonds are elsewhere.
 */
import { PPM, type Ppm } from '../types/index.ts';
import type { Cell, Matrix } from './matrix.ts';

export type Column = {
  readonly cells: readonly Cell[];
  /** Power of the active scorers that may score the expert. */
  readonly power: bigint;
  /** The greatest weight that more than κ of `power` supports, in ppb. */
  readonly consensus: bigint;
  /** Σ power × min(weight, consensus). */
  readonly rank: bigint;
};

/** Consensus and rank of every expert. A scorer that may score an expert and did not supports the weight 0. */
export function findConsensus(matrix: Matrix, kappa: Ppm): readonly Column[] {
  const active = matrix.scorers.reduce((sum, scorer) => sum + (scorer.active ? scorer.power : 0n), 0n);
  const masked = new Map(
    matrix.scorers.filter((scorer) => scorer.active).map((scorer) => [scorer.operator, scorer.power]),
  );
  return matrix.columns.map((cells, index) => {
    const { expert, operator } = matrix.experts[index]!;
    const own = (masked.get(operator) ?? 0n) + (expert === operator ? 0n : (masked.get(expert) ?? 0n));
    const power = active - own;
    const consensus = supportedWeight(matrix, cells, power, kappa);
    return { cells, power, consensus, rank: rankOf(matrix, cells, consensus) };
  });
}

function supportedWeight(matrix: Matrix, cells: readonly Cell[], power: bigint, kappa: Ppm): bigint {
  const falling = [...cells].sort((a, b) => (a.weight < b.weight ? 1 : a.weight > b.weight ? -1 : a.scorer - b.scorer));
  let support = 0n;
  for (const { scorer, weight } of falling) {
    support += activePower(matrix, scorer);
    if (support * BigInt(PPM) > power * BigInt(kappa)) return weight;
  }
  return 0n;
}

function rankOf(matrix: Matrix, cells: readonly Cell[], consensus: bigint): bigint {
  return cells.reduce((sum, { scorer, weight }) => sum + activePower(matrix, scorer) * least(weight, consensus), 0n);
}

/** Power that counts in this epoch: none without a row. */
export function activePower(matrix: Matrix, scorer: number): bigint {
  const { power, active } = matrix.scorers[scorer]!;
  return active ? power : 0n;
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
