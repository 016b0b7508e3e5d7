/**
 * What goes into an epoch's rewards and what comes out (spec: rewards). Owns shapes only. Masks, means and emissions are gathered
 * from state by the caller; nothing here knows of queries.
 */
import type { Address, Amount, Height, Power, Ppm } from '../types/index.ts';

/** Billionths: the scale of weights, consensus, bonds, incentives and dividends. */
export type Ppb = number;

/** One that scored: its operator account (unique in the input), its voting power and how it did. */
export type RewardScorer = {
  readonly operator: Address;
  readonly stake: Power;
  /** See `balancedAccuracy`. */
  readonly accuracy: Ppm;
  /** Part of the queries it was to score of which it revealed its scores. */
  readonly attendance: Ppm;
};

/** One that answered: its account (unique in the input), its operator, and the bond it has at risk, in nano. */
export type RewardExpert = {
  readonly expert: Address;
  readonly operator: Address;
  readonly collateral: Amount;
  /** The most it is paid, in nano (rewards §10); null: as much as its incentive earns. */
  readonly cap: Amount | null;
};

/** The scores that one scorer revealed of one expert's answers in the epoch: their sum in ppm, and how many. */
export type RewardTally = {
  readonly scorer: Address;
  readonly expert: Address;
  readonly sum: number;
  readonly count: number;
};

/** How far a scorer has bought into an expert over the epochs: kept from one epoch to the next. */
export type RewardBond = { readonly scorer: Address; readonly expert: Address; readonly bond: Ppb };

/** Between `low` and `high`, by a logistic of the given steepness (in hundredths; 1000 is a slope of 10). */
export type LiquidAlpha = { readonly low: Ppm; readonly high: Ppm; readonly steepnessHundredths: number };

/**
 * How an expert's incentive is shared among those bonded to it: by `stakedBonds` (stake × bond; splitting a scorer is neutral), or by
 * stake × bond over the plain sum of `bonds`, as the reference scenarios have it.
 */
export type ColumnShare = 'stakedBonds' | 'bonds';

export type RewardSettings = {
  /** More than this part of the power of the scorers must support a weight for it to be consensus. */
  readonly kappa: Ppm;
  /**
   * What of a weight above the consensus is taken from the weight that the bond follows. 0: nothing; 1 000 000: the excess, so that
   * bonds follow clipped weights; more: exaggerating costs.
   */
  readonly bondsPenalty: Ppm;
  /** A fixed step of the bonds' moving average, or one that depends on each bond. */
  readonly alpha: Ppm | LiquidAlpha;
  readonly columnShare: ColumnShare;
  /** Answers without any merit that every mean begins with: evidence counts, up to a point. */
  readonly priorAnswers: number;
  /** The experts' part of the emission; the rest is for scorers. */
  readonly expertsShare: Ppm;
};

export type RewardInput = {
  readonly scorers: readonly RewardScorer[];
  readonly experts: readonly RewardExpert[];
  readonly tally: readonly RewardTally[];
  readonly bonds: readonly RewardBond[];
  /** The most that may be issued, in nano. */
  readonly emission: Amount;
  readonly settings: RewardSettings;
};

export type ExpertReward = {
  readonly expert: Address;
  readonly consensus: Ppb;
  readonly incentive: Ppb;
  readonly payment: Amount;
};

export type ScorerReward = { readonly operator: Address; readonly dividend: Ppb; readonly payment: Amount };

/** All lists are in ascending address order; `bonds` by scorer, then expert, without zeros. `paid` ≤ the emission. */
export type EpochRewards = {
  readonly experts: readonly ExpertReward[];
  readonly scorers: readonly ScorerReward[];
  readonly bonds: readonly RewardBond[];
  readonly paid: Amount;
};

/** An epoch as it is kept for explanations: what went in is all that is needed. */
export type RewardRecord = { readonly epoch: number; readonly height: Height; readonly input: RewardInput };
