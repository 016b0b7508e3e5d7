export { provesPossession } from './apply-staking.ts';
export { wantedSet } from './epoch.ts';
export {
  evidenceProblem,
  isEvidenceOver,
  type Offence,
  offencesOf,
  offenders,
  slotOf,
  stripEvidence,
} from './evidence.ts';
export { type AttackKind, attackKind } from './light-attack.ts';
export { countMissed, missedHeights } from './missed-heights.ts';
export { powerOfPool, STAKE_PER_POWER, stakeOf, worthOf } from './pool-shares.ts';
export * from './proposer-rotation.ts';
export { applyUpdates, changeMax, totalPowerOf, type UpdatedSet, updatesTowards } from './set-updates.ts';
export {
  isKeyUsed,
  listBench,
  listCandidates as listValidatorCandidates,
  readMissed,
  readPool,
  readRedelegations,
  readShares,
  readUnbonding,
  readUnbondingPool,
  readUpdates,
} from './stake-records.ts';
export { unbondingWorth } from './unbonding-shares.ts';
export { readValidatorsAt, setSizeMax } from './validator-sets.ts';
