/** State in pieces that can be checked one by one (spec: snapshot). */
export * from './manifest.ts';
export * from './snapshot-chunk.ts';
export { snapshotLimits } from './snapshot-limits.ts';
