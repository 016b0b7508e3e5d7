export * from './rfc6962.ts';
export { StateTree } from './sparse-tree.ts';
export { type PartLeaf, type PartRoot, prefixOf, rootOfParts, StatePart } from './state-part.ts';
export { type StateProof, verifyStateProof } from './state-proof.ts';
