/**
 * What lies on a node's disk, without the disk: the log's framing, the database's checksums and the rule of what may be
 * signed. The simulator runs these over disks of its own. Owns nothing; libp2p and LevelDB are not loaded by it.
 */
export { type FileOperations, systemFiles } from './durable-files.ts';
export { NOTHING_SIGNED, openSignStateFile, type SignState, type SignStateFile } from './sign-state-file.ts';
export { createConsensusSigner, deriveSecret, type SignerKeys } from './signer-file.ts';
export { frameValue, unframeValue } from './store-format.ts';
export { frameRecord, openWal, scanSegment, type WalDamage } from './wal-file.ts';
