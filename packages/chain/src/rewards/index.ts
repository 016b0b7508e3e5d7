export { type AccuracyPair, balancedAccuracy } from './accuracy.ts';
export { epochRewards, REWARD_SETTINGS } from './epoch-rewards.ts';
export * from './explain.ts';
export { renderReward } from './render.ts';
export * from './types.ts';
