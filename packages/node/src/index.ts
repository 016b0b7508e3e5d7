export { peerIdOfSeed as peerIdOf } from './adapters/index.ts';
export { createNode, type NodeConfig, type RunningNode } from './node.ts';
export { NodeService } from './service/node-service.ts';
