export { answerProblem } from './answer-check.ts';
export { linkOf } from './answers.ts';
export { type BreakerState, breakerState } from './breaker.ts';
export { sealHash } from './calibration.ts';
export {
  contractProblem,
  DEFAULT_WINDOWS,
  isName,
  PLAIN_TERMS,
  profileProblem,
  promptBytesOf,
  utf8Bytes,
} from './contract-check.ts';
export { goldWords, saysGold } from './gold.ts';
export * from './outcomes.ts';
export * from './passage-tree.ts';
export * from './pending-work.ts';
export { committeeKeys, privatePromptHash, sealAnswer } from './privacy.ts';
export * from './quote.ts';
export * from './reputation.ts';
export * from './selection.ts';
export { createReceipt, groupDue, groupScore, payFor } from './settlement.ts';
export * from './weights.ts';
