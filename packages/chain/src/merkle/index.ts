export * from './rfc6962.ts';
export { StateTree } from './sparse-tree.ts';
export { type StateProof, verifyStateProof } from './state-proof.ts';
