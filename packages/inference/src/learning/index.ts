/** Learning from users: files of versions and deltas, aggregation, and the learner's process. What a node does with them is its own. */
export {
  AGGREGATION_RULES,
  type AggregateOptions,
  type AggregationRule,
  addChange,
  aggregate,
  aggregationRule,
  boundNorm,
  findCopies,
  outliersOf,
} from './aggregate.ts';
export { createLearner, type Learner, type LearnerOptions } from './client.ts';
export { type Delta, type DeltaAbout, decodeDelta, deltaBytes, encodeDelta } from './delta-file.ts';
export {
  adapterFromFixed,
  decodeFixedFactors,
  encodeFixedFactors,
  type FactorsAbout,
  type FixedFactors,
  factorsAbout,
  factorsHash,
  fixedFromAdapter,
  fixedFromFloats,
  floatsFromFixed,
  LEARNING_FACTOR_SEED,
  UNITS_PER_ONE,
  zeroFactors,
} from './fixed-factors.ts';
export type {
  AggregateJob,
  BaseVersion,
  EvaluateJob,
  LearnerEvent,
  LearnerJob,
  LearnerReport,
  LearningContext,
  LearningExample,
  TrainDeltaJob,
} from './protocol.ts';
export {
  candidateOf,
  type DeltaStanding,
  NO_CANDIDATE_HASH,
  openRound,
  readDeltas,
  writeCandidate,
} from './round-files.ts';
