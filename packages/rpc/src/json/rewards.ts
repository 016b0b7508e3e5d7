/**
 * Epoch rewards as JSON: the table of an epoch and the explanation of one account. Billionths are whole numbers (a million of
 * them is 0.001), amounts nano. Owns schemas and conversions.
 */
import {
  type EpochRewards,
  type ExpertExplanation,
  type RewardExplanation,
  type RewardRecord,
  type RewardSettings,
  renderReward,
  type ScorerExplanation,
} from '@synod/chain';
import { z } from 'zod';
import { AddressText, Count, Decimal, decimal, Ratio, ratio } from './scalars.ts';

/** An epoch that is kept. */
export const EpochJson = z.strictObject({
  epoch: Count,
  /** Its last block, which paid it. */
  height: Decimal,
  /** The most it could issue, nano. */
  emission: Decimal,
  experts: Count,
  scorers: Count,
});

export const RewardSettingsJson = z.strictObject({
  kappa: Ratio,
  bondsPenalty: Ratio,
  columnShare: z.enum(['stakedBonds', 'bonds']),
  priorAnswers: Count,
  expertsShare: Ratio,
  alphaLow: Ratio,
  alphaHigh: Ratio,
  alphaSteepnessHundredths: Count,
});

/** Experts by incentive, scorers by dividend, the greatest first. */
export const EpochTableJson = z.strictObject({
  ...EpochJson.shape,
  /** Sum of all payments, nano: what was issued. */
  issued: Decimal,
  settings: RewardSettingsJson,
  experts: z.array(
    z.strictObject({ expert: AddressText, collateral: Decimal, consensus: Count, incentive: Count, payment: Decimal }),
  ),
  scorers: z.array(
    z.strictObject({
      operator: AddressText,
      stake: Decimal,
      accuracy: Ratio,
      attendance: Ratio,
      dividend: Count,
      payment: Decimal,
    }),
  ),
});

const OpinionJson = z.strictObject({
  scorer: AddressText,
  power: Decimal,
  sum: Decimal,
  count: Count,
  weight: Count,
  clipped: Count,
});

const ExpertExplanationJson = z.strictObject({
  collateral: Decimal,
  opinions: z.array(OpinionJson),
  power: Decimal,
  consensus: Count,
  rank: Decimal,
  rankSum: Decimal,
  incentive: Count,
  pot: Decimal,
  payment: Decimal,
});

const BondJson = z.strictObject({
  expert: AddressText,
  weight: Count,
  consensus: Count,
  target: Count,
  bondBefore: Count,
  alpha: Count,
  bond: Count,
  incentive: Count,
  over: Decimal,
  part: Decimal,
});

const ScorerExplanationJson = z.strictObject({
  stake: Decimal,
  accuracy: Ratio,
  attendance: Ratio,
  power: Decimal,
  active: z.boolean(),
  bonds: z.array(BondJson),
  dividend: Decimal,
  dividendSum: Decimal,
  pot: Decimal,
  payment: Decimal,
});

export const RewardExplanationJson = z.strictObject({
  epoch: Count,
  height: Decimal,
  address: AddressText,
  emission: Decimal,
  settings: RewardSettingsJson,
  asExpert: ExpertExplanationJson.nullable(),
  asScorer: ScorerExplanationJson.nullable(),
  /** Each formula with its numbers, for people. */
  text: z.string(),
});

export function epochJson({ epoch, height, input }: RewardRecord): z.output<typeof EpochJson> {
  return {
    epoch,
    height: decimal(height),
    emission: decimal(input.emission),
    experts: input.experts.length,
    scorers: input.scorers.length,
  };
}

export function epochTableJson(record: RewardRecord, rewards: EpochRewards): z.output<typeof EpochTableJson> {
  const { input } = record;
  const collaterals = new Map(input.experts.map(({ expert, collateral }) => [expert, collateral]));
  const scorers = new Map(input.scorers.map((scorer) => [scorer.operator, scorer]));
  return {
    ...epochJson(record),
    issued: decimal(rewards.paid),
    settings: settingsJson(input.settings),
    experts: rewards.experts
      .toSorted((a, b) => b.incentive - a.incentive)
      .map((reward) => ({
        ...reward,
        collateral: decimal(collaterals.get(reward.expert) ?? 0n),
        payment: decimal(reward.payment),
      })),
    scorers: rewards.scorers
      .toSorted((a, b) => b.dividend - a.dividend)
      .map(({ operator, dividend, payment }) => ({
        operator,
        stake: decimal(scorers.get(operator)?.stake ?? 0n),
        accuracy: ratio(scorers.get(operator)?.accuracy ?? 0),
        attendance: ratio(scorers.get(operator)?.attendance ?? 0),
        dividend,
        payment: decimal(payment),
      })),
  };
}

export function rewardExplanationJson(explanation: RewardExplanation): z.output<typeof RewardExplanationJson> {
  const { epoch, height, address, emission, settings, asExpert, asScorer } = explanation;
  return {
    epoch,
    height: decimal(height),
    address,
    emission: decimal(emission),
    settings: settingsJson(settings),
    asExpert: asExpert === null ? null : expertJson(asExpert),
    asScorer: asScorer === null ? null : scorerJson(asScorer),
    text: renderReward(explanation),
  };
}

function settingsJson({ alpha, ...settings }: RewardSettings): z.output<typeof RewardSettingsJson> {
  const { low, high, steepnessHundredths } =
    typeof alpha === 'number' ? { low: alpha, high: alpha, steepnessHundredths: 0 } : alpha;
  return {
    kappa: ratio(settings.kappa),
    bondsPenalty: ratio(settings.bondsPenalty),
    columnShare: settings.columnShare,
    priorAnswers: settings.priorAnswers,
    expertsShare: ratio(settings.expertsShare),
    alphaLow: ratio(low),
    alphaHigh: ratio(high),
    alphaSteepnessHundredths: steepnessHundredths,
  };
}

function expertJson(expert: ExpertExplanation): z.output<typeof ExpertExplanationJson> {
  return {
    collateral: decimal(expert.collateral),
    opinions: expert.opinions.map((line) => ({ ...line, power: decimal(line.power), sum: decimal(line.sum) })),
    power: decimal(expert.power),
    consensus: expert.consensus,
    rank: decimal(expert.rank),
    rankSum: decimal(expert.rankSum),
    incentive: expert.incentive,
    pot: decimal(expert.pot),
    payment: decimal(expert.payment),
  };
}

function scorerJson(scorer: ScorerExplanation): z.output<typeof ScorerExplanationJson> {
  return {
    stake: decimal(scorer.stake),
    accuracy: ratio(scorer.accuracy),
    attendance: ratio(scorer.attendance),
    power: decimal(scorer.power),
    active: scorer.active,
    bonds: scorer.bonds.map((line) => ({ ...line, over: decimal(line.over), part: decimal(line.part) })),
    dividend: decimal(scorer.dividend),
    dividendSum: decimal(scorer.dividendSum),
    pot: decimal(scorer.pot),
    payment: decimal(scorer.payment),
  };
}
