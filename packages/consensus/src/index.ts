/** The consensus core's public face: one height's state machine, questions about it, and certificate verification. */
export * from './consensus.ts';
export type * from './consensus-types.ts';
export { timeoutDelayMs } from './driver.ts';
export { voteWanted, wantsProposal } from './inputs.ts';
export * from './light-client/index.ts';
export { limits as consensusLimits } from './limits.ts';
export type { RoundState, SignedPlace, Step, TimeoutKind } from './round-machine.ts';
export * from './verify-commit.ts';
export * from './views.ts';
export { isQuorum, isSkip } from './vote-keeper.ts';
