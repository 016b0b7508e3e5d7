export { type FaultKind, faultKinds } from './fault-counts.ts';
export * from './mutation.ts';
export * from './run-simulation.ts';
export * from './schedule.ts';
export type { Violation, ViolationKind } from './violation.ts';
