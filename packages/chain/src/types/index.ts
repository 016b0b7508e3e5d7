export * from './block.ts';
export * from './learning.ts';
export * from './market.ts';
export * from './primitives.ts';
export * from './staking.ts';
export * from './state.ts';
export * from './transaction.ts';
export * from './voting.ts';
