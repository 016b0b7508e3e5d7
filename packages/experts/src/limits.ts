/** Every bound of knowledge folders and of what they are made from. Owns the numbers; who breaks one is told where it is read. */
import { PASSAGE_LIMITS } from '@synod/chain';

export const limits = {
  /** Bytes of a passage's text (spec: knowledge §2.3). */
  textBytes: PASSAGE_LIMITS.textBytes,
  /** Bytes of a passage's source (spec: knowledge §2.4). */
  sourceBytes: PASSAGE_LIMITS.sourceBytes,
  subjectBytes: PASSAGE_LIMITS.subjectBytes,
  /** Passages of one folder. */
  passages: PASSAGE_LIMITS.passages,
  /** Bytes of any file of a folder. */
  fileBytes: 5 * 1024 * 1024,
  /** Unpacked bytes read from one archive, and of one file in it. */
  archiveBytes: 256 * 1024 * 1024,
  memberBytes: 64 * 1024 * 1024,
  /** Files looked at in a folder of documents, their depth, and bytes of each. */
  documents: 2_000,
  documentDepth: 8,
  documentBytes: 4 * 1024 * 1024,
  /** Sentences of one passage made from a document. */
  documentSentences: 3,
  /** Bytes kept of what a package client printed. */
  clientOutputBytes: 4_000,
  progressPollMs: 250,
  connectSeconds: 15,
} as const;
