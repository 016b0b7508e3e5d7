/**
 * Bonds of scorers to experts and the dividends they earn (spec: rewards §4–§5). Owns the moving average, its step and the shares.
 */
import { PPM, type Ppm } from '../types/index.ts';
import { activePower, type Column, least } from './consensus.ts';
import { logistic, PPB } from './logistic.ts';
import type { Cell, Matrix } from './matrix.ts';
import type { LiquidAlpha, RewardSettings } from './types.ts';

const PPM_TO_PPB = PPB / BigInt(PPM);

/** One cell with what became of its bond; all in ppb. */
export type BondedCell = Cell & {
  readonly clipped: bigint;
  /** The weight that the bond follows: the weight less the penalty on what is above the consensus. */
  readonly target: bigint;
  readonly alpha: bigint;
  readonly bond: bigint;
};

/** bond = (1 − α) · bond before + α · target, each part rounded down. */
export function moveBond(cell: Cell, consensus: bigint, settings: RewardSettings): BondedCell {
  const clipped = least(cell.weight, consensus);
  const penalty = BigInt(settings.bondsPenalty);
  const followed = cell.weight - (penalty * (cell.weight - clipped)) / BigInt(PPM);
  const target = followed > 0n ? followed : 0n;
  const alpha = stepOf(settings.alpha, target, cell.bondBefore, consensus);
  const bond = ((PPB - alpha) * cell.bondBefore) / PPB + (alpha * target) / PPB;
  return { ...cell, clipped, target, alpha, bond };
}

/** The step in ppb: buying is fast above the consensus, selling is fast when the bond is far above the weight. */
function stepOf(alpha: Ppm | LiquidAlpha, target: bigint, bondBefore: bigint, consensus: bigint): bigint {
  if (typeof alpha === 'number') return BigInt(alpha) * PPM_TO_PPB;
  const distance = target >= bondBefore ? target - consensus : bondBefore - target;
  const centred = (distance > 0n ? distance : 0n) - PPB / 2n;
  const slope = logistic((centred * BigInt(alpha.steepnessHundredths)) / 100n);
  return BigInt(alpha.low) * PPM_TO_PPB + (slope * BigInt(alpha.high - alpha.low)) / BigInt(PPM);
}

/** What a cell earns its scorer: the expert's incentive (ppb) × the scorer's share in the column, on a scale of 10¹⁸ or with stake. */
export type DividendPart = {
  readonly scorer: number;
  readonly expert: number;
  readonly over: bigint;
  readonly part: bigint;
};

/** Parts of the dividends of one expert's incentive; empty when nobody active is bonded to it. */
export function shareColumn(
  matrix: Matrix,
  cells: readonly BondedCell[],
  incentive: bigint,
  settings: RewardSettings,
): DividendPart[] {
  const active = cells.filter(({ scorer, bond }) => bond > 0n && activePower(matrix, scorer) > 0n);
  const over = active.reduce((sum, { scorer, bond }) => sum + columnWeight(matrix, scorer, bond, settings), 0n);
  return active.map(({ scorer, expert, bond }) => ({
    scorer,
    expert,
    over,
    part: (incentive * activePower(matrix, scorer) * bond * PPB) / over,
  }));
}

function columnWeight(matrix: Matrix, scorer: number, bond: bigint, { columnShare }: RewardSettings): bigint {
  return columnShare === 'bonds' ? bond : bond * activePower(matrix, scorer);
}

/** Consensus columns with their bonds moved. */
export type BondedColumn = Omit<Column, 'cells'> & { readonly cells: readonly BondedCell[] };

export function moveBonds(columns: readonly Column[], settings: RewardSettings): readonly BondedColumn[] {
  return columns.map((column) => ({
    ...column,
    cells: column.cells.map((cell) => moveBond(cell, column.consensus, settings)),
  }));
}
