export { type Attestation, type AwaitedBlob, awaitBlob, blobRoom } from './attest.ts';
export * from './blob.ts';
export * from './commitments.ts';
export { settleDeposit } from './deposit.ts';
export * from './feedback-blob.ts';
export * from './learning-records.ts';
