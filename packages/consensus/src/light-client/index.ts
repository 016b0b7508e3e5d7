/** The light client's public face: trust in a height without the state that led to it (spec: light-client). */
export * from './attack-evidence.ts';
export * from './bisection.ts';
export * from './check-light-block.ts';
export {
  type AttackFault,
  type AttackVerdict,
  type Conflict,
  detectAttack,
  findConflict,
  type LightClientAttack,
} from './detect-attack.ts';
export type { LightClientConfig, LightFacts, LightFault, LightRefusal, LightVerdict } from './light-verdict.ts';
export { lightClientLimits } from './limits.ts';
export * from './narrow-conflict.ts';
export * from './trust-store.ts';
export {
  type Checkpoint,
  type LightStep,
  verifyAdjacent,
  verifyBackward,
  verifyCheckpoint,
  verifySkipping,
} from './verify-light-block.ts';
export * from './verify-receipt-proof.ts';
export * from './verify-state-at.ts';
export { type TrailRequest, verifyTrail } from './verify-trail.ts';
