export { type AccuracyPair, balancedAccuracy } from './accuracy.ts';
export { epochRewards } from './epoch-rewards.ts';
export * from './explain.ts';
export { renderReward } from './render.ts';
export { REWARD_SETTINGS, rewardSettings } from './settings.ts';
export * from './types.ts';
