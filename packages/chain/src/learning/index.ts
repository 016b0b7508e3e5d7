export * from './blob.ts';
export * from './commitments.ts';
export * from './learning-records.ts';
