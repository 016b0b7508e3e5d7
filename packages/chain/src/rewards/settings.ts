/**
 * The settings of the epoch rewards (spec: rewards §8). Owns what is fixed by the protocol version; the rest are chain parameters.
 */
import type { MarketParams } from '../types/index.ts';
import type { RewardSettings } from './types.ts';

/** What the chain starts with; figures of other choices are in rewards §8. */
export const REWARD_SETTINGS: RewardSettings = {
  kappa: 500_000,
  bondsPenalty: 1_250_000,
  alpha: { low: 100_000, high: 300_000, steepnessHundredths: 1000 },
  columnShare: 'stakedBonds',
  priorAnswers: 4,
  expertsShare: 500_000,
};

/** The chain's settings with its present parameters. */
export function rewardSettings({ kappa, bondAlphaLow, bondAlphaHigh, bondSteepness }: MarketParams): RewardSettings {
  const alpha = { low: bondAlphaLow, high: bondAlphaHigh, steepnessHundredths: bondSteepness };
  return { ...REWARD_SETTINGS, kappa, alpha };
}
