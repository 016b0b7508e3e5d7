export { type Answering, answerProblem, type LearntPassages } from './answer-check.ts';
export { answerIdentity } from './answer-identity.ts';
export { linkOf } from './answers.ts';
export { type Bill, type BillLine, bill } from './bill.ts';
export { type BreakerState, breakerState } from './breaker.ts';
export { sealHash } from './calibration.ts';
export { drawByPower } from './committee.ts';
export { type Consolidated, type ConsolidatedSegment, consolidate } from './consolidate.ts';
export {
  contractProblem,
  DEFAULT_WINDOWS,
  isName,
  PLAIN_TERMS,
  profileProblem,
  promptBytesOf,
  utf8Bytes,
} from './contract-check.ts';
export { expertBehind, isInOffice } from './expert-life.ts';
export { goldWords, saysGold } from './gold.ts';
export * from './knowledge-bundle.ts';
export { listLoads, nextFactor, readLoad, utilisation } from './load.ts';
export * from './outcomes.ts';
export * from './passage-rules.ts';
export * from './passage-tree.ts';
export { groupDue, payFor } from './payments.ts';
export * from './pending-work.ts';
export * from './pricing.ts';
export { committeeKeys, privatePromptHash, sealAnswer } from './privacy.ts';
export { newQuery } from './query-open.ts';
export * from './quote.ts';
export { recheckReceipt } from './recheck.ts';
export * from './recipe.ts';
export * from './reputation.ts';
export { peerTexts, standingHash } from './rounds.ts';
export * from './selection.ts';
export { createReceipt, groupScore, PLAIN_FACTS, type SettlementFacts } from './settlement.ts';
export { groupsToVerify, groupVerdict, isCondemned } from './verification.ts';
export * from './weights.ts';
