export {
  type BucketStats,
  beginSignState,
  compactDatabase,
  type DatabaseStats,
  databaseStats,
  type ExpertFault,
  FAULT_LIMITS,
  FaultInjector,
  type FaultSettings,
  NO_FAULTS,
  peerIdOfSeed as peerIdOf,
  rotatedSignState,
} from './adapters/index.ts';
export { type CheckProgress, checkDatabase, type DatabaseCheck } from './database-check.ts';
export { type Checkpoint, checkpointText, type Pace, type PaceMode, requireCheckpoint } from './host/index.ts';
export { createNode, KEEP_BLOCKS_MIN, type NodeConfig, type P2pConfig, type RunningNode } from './node.ts';
export type { SyncMode } from './restore-node.ts';
export { NodeService } from './service/node-service.ts';
export { QueryRouter } from './service/query-router.ts';
export {
  type CheckedSnapshot,
  checkSnapshotFolder,
  createSnapshot,
  describeSnapshots,
  restoreSnapshotFolder,
  type SnapshotFacts,
  type SnapshotTrust,
  snapshotsOf,
} from './snapshot-tools.ts';
