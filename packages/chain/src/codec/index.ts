export * from './block.ts';
export * from './decoded.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './sign-bytes.ts';
export * from './staking.ts';
export * from './state.ts';
export * from './transaction.ts';
export { decodeParamsProposal, encodeParamsProposal } from './voting.ts';
