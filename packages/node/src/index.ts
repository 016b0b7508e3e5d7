export { peerIdOfSeed as peerIdOf } from './adapters/index.ts';
export { type Checkpoint, checkpointText, requireCheckpoint } from './host/index.ts';
export { createNode, type NodeConfig, type RunningNode } from './node.ts';
export { NodeService } from './service/node-service.ts';
