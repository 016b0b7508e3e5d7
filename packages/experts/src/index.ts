/** Experts' knowledge: how it is made from open data and documents, and the questions that measure it. */
export { type BuildOptions, buildKnowledge, verifyKnowledge } from './build-knowledge.ts';
export { documentPassages, readDocuments } from './documents/read-documents.ts';
export { type Curated, parseCurated, readCurated } from './domains/curated.ts';
export { DOMAINS } from './domains/index.ts';
export { below, findSynset, readNouns, type Synset, WORDNET_NOUNS } from './domains/wordnet.ts';
export { type KnowledgeCard, type KnowledgeFolder, knowledgeRootOf, readFolder } from './knowledge-folder.ts';
export { limits as expertLimits } from './limits.ts';
export { cleanText, type Passage, passageProblem } from './passage.ts';
export {
  makeQuestions,
  type Phrasings,
  type QuestionRecipe,
  type QuestionTemplate,
} from './questions/make-questions.ts';
export type { Question } from './questions/question.ts';
export { contains, f1, normalWords, strict } from './questions/scoring.ts';
export { type Split, splitOf } from './questions/split.ts';
export { type Aliases, type DomainRecipe, type KnowledgeSource, type ReadSource, sourceLine } from './recipe.ts';
export { type ArchiveFiles, archiveFiles, readArchive } from './sources/archive.ts';
export type { FetchPackage } from './sources/fetch-package.ts';
export { ensurePackage } from './sources/package-cache.ts';
export type { OnProgress, PinnedPackage, SourceProgress } from './sources/pinned-package.ts';
