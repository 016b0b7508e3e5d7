/** Signing without a node: what commands about keys and the remote signer's process need. Owns nothing; libp2p and LevelDB are not loaded by it. */
export { systemFiles } from './durable-files.ts';
export { type PossessionProof, provePossession } from './possession.ts';
export { openRemoteKeys, type RemoteKeys } from './remote-keys.ts';
export { NOTHING_SIGNED, type OwnMessage, type SignState, WHOLE_HEIGHT_ROUND } from './sign-state-file.ts';
export * from './sign-state-transfer.ts';
export { beginSignState, createConsensusSigner, type SignerKeys } from './signer-file.ts';
export { requireRoomForKey, type SignerKeyring } from './signer-keys.ts';
export { openSignerRing, rotatedSignState, signStateOf, type ValidatorSeeds } from './signer-ring.ts';
export { createSignerServer, type SignerServer } from './signer-server.ts';
