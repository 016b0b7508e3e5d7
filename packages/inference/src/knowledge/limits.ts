/** Named maxima of knowledge folders. Owns the numbers alone. */
export const limits = {
  textBytesMax: 600,
  sourceBytesMax: 200,
  nameBytesMax: 300,
  /** Passages of one folder: vectors take 404 bytes each. */
  passagesMax: 100_000,
  /** Size of any file of the folder. */
  fileBytesMax: 64 * 1024 * 1024,
  aliasesPerSubjectMax: 64,
  phrasesPerRelationMax: 64,
  relationsMax: 1_000,
  /** Passages embedded between two records on disk: what a crash costs of `embedAll`. */
  embedChunkTexts: 64,
  /** Open folders of a worker together, in bytes as `memoryBytes` estimates them; the least recently used is closed. */
  libraryBytesMax: 192 * 1024 * 1024,
  /** Questions of a folder whose findings are remembered, the latest ones: those of the queries that are open now. */
  questionsRemembered: 64,
  /** Passages of a file of learnt ones, bytes of one text of it, and of the file. */
  learntMax: 20_000,
  learntTextBytesMax: 64 * 1024,
  learntFileBytesMax: 64 * 1024 * 1024,
  /** Files of learnt passages that a worker keeps open; the least recently used is closed. */
  learntOpenMax: 16,
  /** Records of a vector file that belong to no passage any more, before the file is written anew. */
  staleRecordsMax: 65_536,
  /** Vector files that a user's cache keeps, and their bytes; those used longest ago go. A folder of the largest size has 40 MB. */
  vectorFilesMax: 256,
  vectorBytesMax: 512 * 1024 * 1024,
} as const;
