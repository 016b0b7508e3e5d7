/**
 * The rewards of one epoch (spec: rewards): from scores and bonds to payments. Owns the order of the steps and the payments' rounding;
 * gathering the input from state and paying belong to the caller.
 */
import { type Amount, PPM } from '../types/index.ts';
import { type BondedColumn, type DividendPart, moveBonds, shareColumn } from './bonds.ts';
import { findConsensus } from './consensus.ts';
import { PPB } from './logistic.ts';
import { buildMatrix, type Matrix } from './matrix.ts';
import type { EpochRewards, RewardBond, RewardInput } from './types.ts';

/** Every number on the way to the rewards, for explanations. */
export type RewardWorking = {
  readonly matrix: Matrix;
  readonly columns: readonly BondedColumn[];
  readonly rankSum: bigint;
  readonly incentives: readonly bigint[];
  readonly parts: readonly DividendPart[];
  readonly dividends: readonly bigint[];
  readonly dividendSum: bigint;
  readonly expertsPot: Amount;
  readonly scorersPot: Amount;
};

/**
 * The rewards of an epoch: a pure function of its input, whatever the order of its lists. Never pays more than the emission; every
 * payment is rounded down and the rest is not issued. Throws when a scorer or an expert is in the input twice.
 */
export function epochRewards(input: RewardInput): EpochRewards {
  const working = workRewards(input);
  const { matrix, columns, rankSum, incentives, dividends, dividendSum } = working;
  const experts = matrix.experts.map(({ expert }, index) => ({
    expert,
    consensus: Number(columns[index]!.consensus),
    incentive: Number(incentives[index]!),
    payment: capped(portion(working.expertsPot, columns[index]!.rank, rankSum), matrix.experts[index]!.cap),
  }));
  const scorers = matrix.scorers.map(({ operator }, index) => ({
    operator,
    dividend: Number(portion(PPB, dividends[index]!, dividendSum)),
    payment: portion(working.scorersPot, dividends[index]!, dividendSum),
  }));
  const paid = [...experts, ...scorers].reduce((sum, { payment }) => sum + payment, 0n);
  return { experts, scorers, bonds: listBonds(working), paid };
}

/** What is above the cap is not issued. */
export function capped(payment: Amount, cap: Amount | null): Amount {
  return cap !== null && cap < payment ? cap : payment;
}

/** The same, with every number on the way. */
export function workRewards(input: RewardInput): RewardWorking {
  const { settings } = input;
  const matrix = buildMatrix(input);
  const columns = moveBonds(findConsensus(matrix, settings.kappa), settings);
  const rankSum = columns.reduce((sum, { rank }) => sum + rank, 0n);
  const incentives = columns.map(({ rank }) => portion(PPB, rank, rankSum));
  const parts = columns.flatMap(({ cells }, index) => shareColumn(matrix, cells, incentives[index]!, settings));
  const dividends = matrix.scorers.map(() => 0n);
  for (const { scorer, part } of parts) dividends[scorer]! += part;
  const dividendSum = dividends.reduce((sum, dividend) => sum + dividend, 0n);
  const expertsPot = (input.emission * BigInt(settings.expertsShare)) / BigInt(PPM);
  const scorersPot = (input.emission * BigInt(PPM - settings.expertsShare)) / BigInt(PPM);
  return { matrix, columns, rankSum, incentives, parts, dividends, dividendSum, expertsPot, scorersPot };
}

/** ⌊whole × part / all⌋; 0 of nothing. */
function portion(whole: bigint, part: bigint, all: bigint): bigint {
  return all === 0n ? 0n : (whole * part) / all;
}

function listBonds({ matrix, columns }: RewardWorking): RewardBond[] {
  const cells = columns.flatMap((column) => column.cells).filter(({ bond }) => bond > 0n);
  return cells
    .sort((a, b) => a.scorer - b.scorer || a.expert - b.expert)
    .map(({ scorer, expert, bond }) => ({
      scorer: matrix.scorers[scorer]!.operator,
      expert: matrix.experts[expert]!.expert,
      bond: Number(bond),
    }));
}
