export { epochRewards, REWARD_SETTINGS } from './epoch-rewards.ts';
export * from './types.ts';
