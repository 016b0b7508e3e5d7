export * from './masks.ts';
export * from './median.ts';
