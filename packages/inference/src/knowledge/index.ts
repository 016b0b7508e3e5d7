/** Knowledge as builders, nodes and judges see it: reading a folder, and retrieval with an embedder of the caller's. Loads no runtime. */
export { KnowledgeError, type KnowledgeErrorCode } from './errors.ts';
export { type Knowledge, type OpenKnowledgeOptions, openKnowledge, type Retrieval } from './knowledge.ts';
export { type LearntPassage, readLearnt, writeLearnt } from './learnt.ts';
export { DOCUMENT_RELATION, type Passage, parsePassage } from './passage.ts';
export { type KnowledgeCard, type KnowledgeFolder, type KnowledgeSource, readKnowledgeFolder } from './read-folder.ts';
export type { Embed } from './vector-store.ts';
export { vectorsDirectory, vectorsFile } from './vectors-file.ts';
