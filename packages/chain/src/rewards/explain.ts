/**
 * Why an account was paid what it was paid in an epoch (spec: rewards §7). Owns the numbers of the explanation; its text is render.ts.
 */
import type { Address, Amount } from '../types/index.ts';
import type { DividendPart } from './bonds.ts';
import { activePower } from './consensus.ts';
import { capped, type RewardWorking, workRewards } from './epoch-rewards.ts';
import type { Ppb, RewardRecord, RewardScorer, RewardSettings } from './types.ts';

/** One scorer's opinion of the expert. */
export type OpinionLine = {
  readonly scorer: Address;
  readonly power: bigint;
  readonly sum: number;
  readonly count: number;
  readonly weight: Ppb;
  readonly clipped: Ppb;
};

/** What an expert's incentive is made of: incentive = rank / rankSum, payment = ⌊pot · rank / rankSum⌋, `cap` at most. */
export type ExpertExplanation = {
  readonly collateral: Amount;
  readonly opinions: readonly OpinionLine[];
  /** Power that may score the expert; more than κ of it supports the consensus. */
  readonly power: bigint;
  readonly consensus: Ppb;
  readonly rank: bigint;
  readonly rankSum: bigint;
  readonly incentive: Ppb;
  readonly pot: Amount;
  readonly cap: Amount | null;
  readonly payment: Amount;
};

/** One expert that the scorer is bonded to: part = incentive · power · bond · 10⁹ / over. */
export type BondLine = {
  readonly expert: Address;
  readonly weight: Ppb;
  readonly consensus: Ppb;
  readonly target: Ppb;
  readonly bondBefore: Ppb;
  readonly alpha: Ppb;
  readonly bond: Ppb;
  readonly incentive: Ppb;
  readonly over: bigint;
  readonly part: bigint;
};

/** What a scorer's dividend is made of: dividend = Σ parts, payment = ⌊pot · dividend / dividendSum⌋. */
export type ScorerExplanation = {
  readonly stake: bigint;
  readonly accuracy: number;
  readonly attendance: number;
  readonly power: bigint;
  /** Has a row; without one it gets no dividends. */
  readonly active: boolean;
  readonly bonds: readonly BondLine[];
  readonly dividend: bigint;
  readonly dividendSum: bigint;
  readonly pot: Amount;
  readonly payment: Amount;
};

/** Null where the account had no such role in the epoch; one account may have both. */
export type RewardExplanation = {
  readonly epoch: number;
  /** The block that ended it. */
  readonly height: number;
  readonly address: Address;
  readonly emission: Amount;
  readonly settings: RewardSettings;
  readonly asExpert: ExpertExplanation | null;
  readonly asScorer: ScorerExplanation | null;
};

/** Works the epoch out again and shows every number that the account's payments depend on. */
export function explainReward({ epoch, height, input }: RewardRecord, address: Address): RewardExplanation {
  const working = workRewards(input);
  const { matrix } = working;
  const expert = matrix.experts.findIndex((entry) => entry.expert === address);
  const scorer = matrix.scorers.findIndex(({ operator }) => operator === address);
  const given = input.scorers.find(({ operator }) => operator === address);
  return {
    epoch,
    height,
    address,
    emission: input.emission,
    settings: input.settings,
    asExpert: expert === -1 ? null : explainExpert(working, expert),
    asScorer: given === undefined ? null : explainScorer(working, scorer, given),
  };
}

function explainExpert(working: RewardWorking, index: number): ExpertExplanation {
  const { matrix, rankSum, expertsPot: pot } = working;
  const { cells, power, consensus, rank } = working.columns[index]!;
  return {
    collateral: matrix.experts[index]!.collateral,
    opinions: cells
      .filter(({ count }) => count > 0)
      .map(({ scorer, sum, count, weight, clipped }) => ({
        scorer: matrix.scorers[scorer]!.operator,
        power: activePower(matrix, scorer),
        sum,
        count,
        weight: Number(weight),
        clipped: Number(clipped),
      })),
    power,
    consensus: Number(consensus),
    rank,
    rankSum,
    incentive: Number(working.incentives[index]!),
    pot,
    cap: matrix.experts[index]!.cap,
    payment: capped(rankSum === 0n ? 0n : (pot * rank) / rankSum, matrix.experts[index]!.cap),
  };
}

function explainScorer(
  working: RewardWorking,
  index: number,
  { stake, accuracy, attendance }: RewardScorer,
): ScorerExplanation {
  const { matrix, dividendSum, scorersPot: pot } = working;
  const dividend = working.dividends[index]!;
  const parts = new Map(working.parts.filter(({ scorer }) => scorer === index).map((part) => [part.expert, part]));
  return {
    stake,
    accuracy,
    attendance,
    power: matrix.scorers[index]!.power,
    active: matrix.scorers[index]!.active,
    bonds: working.columns.flatMap((_, expert) => explainBond(working, index, expert, parts.get(expert))),
    dividend,
    dividendSum,
    pot,
    payment: dividendSum === 0n ? 0n : (pot * dividend) / dividendSum,
  };
}

function explainBond(
  working: RewardWorking,
  scorer: number,
  expert: number,
  part: DividendPart | undefined,
): BondLine[] {
  const { cells, consensus } = working.columns[expert]!;
  const cell = cells.find((entry) => entry.scorer === scorer);
  if (cell === undefined) return [];
  return [
    {
      expert: working.matrix.experts[expert]!.expert,
      weight: Number(cell.weight),
      consensus: Number(consensus),
      target: Number(cell.target),
      bondBefore: Number(cell.bondBefore),
      alpha: Number(cell.alpha),
      bond: Number(cell.bond),
      incentive: Number(working.incentives[expert]!),
      over: part?.over ?? 0n,
      part: part?.part ?? 0n,
    },
  ];
}
