export * from './block.ts';
export { briefBytes } from './byte-buffers.ts';
export * from './decoded.ts';
export * from './ids.ts';
export {
  decodeAskedQuery,
  decodeFeedback,
  decodeGateReport,
  decodeLearningLine,
  decodeLineageUse,
  decodeModelVersion,
  decodePendingBlobs,
  decodeTrainingRound,
  encodeAskedQuery,
  encodeFeedback,
  encodeGateReport,
  encodeLearningLine,
  encodeLineageUse,
  encodeModelVersion,
  encodePendingBlobs,
  encodeTrainingRound,
} from './learning.ts';
export * from './limits.ts';
export * from './once-per-object.ts';
export * from './rewards.ts';
export * from './sealed.ts';
export * from './sign-bytes.ts';
export * from './staking.ts';
export * from './state.ts';
export * from './transaction.ts';
export { decodeParamsProposal, encodeParamsProposal } from './voting.ts';
