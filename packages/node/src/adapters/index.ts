export * from './blob-folder.ts';
export * from './clock.ts';
export * from './database-tools.ts';
export { type FileOperations, systemFiles } from './durable-files.ts';
export type { ExpertFault } from './expert-faults.ts';
export * from './expert-signer.ts';
export * from './fault-injection.ts';
export * from './home-storage.ts';
export * from './learner.ts';
export * from './level-store.ts';
export * from './libp2p-network.ts';
export * from './library-folder.ts';
export * from './lock-file.ts';
export * from './memory-store.ts';
export * from './network-limits.ts';
export * from './network-options.ts';
export * from './node-store.ts';
export { peerIdOfSeed } from './peer-id.ts';
export * from './private-feedback.ts';
export { openRemoteSigner } from './remote-signer.ts';
export * from './restore-files.ts';
export type { RemoteSignerConfig } from './signer-channel.ts';
export {
  beginSignState,
  type ConsensusSignerOptions,
  type SafelyOpenedSigner,
} from './signer-file.ts';
export * from './signer-ring.ts';
export * from './snapshot-files.ts';
export * from './snapshot-keeper.ts';
export * from './snapshot-read.ts';
export * from './timers.ts';
export * from './version-folder.ts';
export { type OpenedWal, openWal, WAL_LIMITS, type WalDamage } from './wal-file.ts';
