export { balancedAccuracy, updateAccuracy } from './accuracy.ts';
export { epochRewards } from './epoch-rewards.ts';
export * from './explain.ts';
export { gatherRewards } from './gather.ts';
export { renderReward } from './render.ts';
export {
  epochUnderWay,
  listEpochs,
  listTallied,
  readAttendance,
  readEpoch,
  readEpochs,
  readTally,
} from './reward-records.ts';
export { REWARD_SETTINGS, rewardSettings } from './settings.ts';
export * from './types.ts';
