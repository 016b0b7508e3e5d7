export type { Violation, ViolationKind } from './checker.ts';
export { type FaultKind, faultKinds } from './fault-counts.ts';
export * from './mutation.ts';
export * from './run-simulation.ts';
export * from './schedule.ts';
