export {
  type BucketStats,
  beginSignState,
  compactDatabase,
  type DatabaseStats,
  databaseStats,
  type ExpertFault,
  newestStoredBlock,
  peerIdOfSeed as peerIdOf,
  type RemoteSignerConfig,
  rotatedSignState,
  type StorageReport,
  storageOf,
} from './adapters/index.ts';
export { type CheckProgress, checkDatabase, type DatabaseCheck } from './database-check.ts';
export {
  type DoppelgangerSettings,
  limits as hostLimits,
  type Pace,
  type PaceMode,
  type RestoreProgress,
} from './host/index.ts';
export { createNode, type NodeConfig, type P2pConfig, type RunningNode } from './node.ts';
export { KEEP_BLOCKS_MIN } from './prune-at.ts';
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
  snapshotHeaders,
  snapshotsOf,
} from './snapshot-tools.ts';
