/**
 * What a worker knows for a job: its knowledge folder with the learnt passages of a version. Owns which files of learnt passages stay open, and that
 * one which has changed, or whose folder has, is opened anew.
 */
import { stat } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import type { JobControl } from '../engine/control.ts';
import type { LearntIndex } from '../retrieval/learnt-index.ts';
import { KnowledgeError } from './errors.ts';
import type { Knowledge } from './knowledge.ts';
import { join, type Known, openLearntIndex, publishedAlone } from './known.ts';
import { readLearnt } from './learnt.ts';
import { limits } from './limits.ts';
import type { Embed } from './vector-store.ts';

/** Files that a job names: both may be absent. */
export type KnownFiles = { readonly knowledge: string | null; readonly learnt?: string | null | undefined };

export type KnownShelf = {
  /** Null where the job names neither. The first opening computes what vectors are missing. Throws KnowledgeError, CANCELLED. */
  open(files: KnownFiles, control: JobControl): Promise<Known | null>;
};

type Shelved = { readonly version: string; readonly knowledge: Knowledge | null; readonly known: Known };

export function createKnownShelf(
  openFolder: (folder: string) => Promise<Knowledge>,
  { embed, vectorsDirectory }: { embed: Embed; vectorsDirectory?: string },
): KnownShelf {
  /** In order of use, the latest last. */
  const shelf = new Map<string, Shelved>();
  // No domain has such a name.
  const vectorsFile = vectorsDirectory === undefined ? null : joinPath(vectorsDirectory, '_learnt.vectors');
  const openLearnt = async (knowledge: Knowledge | null, path: string, control: JobControl): Promise<LearntIndex> =>
    openLearntIndex(knowledge, await readLearnt(path), { embed, vectorsFile }, control);
  return {
    async open({ knowledge: folder, learnt }, control) {
      const knowledge = folder === null ? null : await openFolder(folder);
      if (learnt === null || learnt === undefined) return knowledge === null ? null : publishedAlone(knowledge);
      const key = `${folder ?? ''}\n${learnt}`;
      const version = await versionOf(learnt);
      const found = shelf.get(key);
      const isFresh = found?.version === version && found.knowledge === knowledge;
      const known = isFresh ? found.known : join(knowledge, await openLearnt(knowledge, learnt, control));
      shelf.delete(key);
      shelf.set(key, { version, knowledge, known });
      const [oldest] = shelf.keys();
      if (shelf.size > limits.learntOpenMax && oldest !== undefined) shelf.delete(oldest);
      return known;
    },
  };
}

/** Changes whenever the file is written anew. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (cause) {
    const message = `There is no file of learnt passages at ${path}. Restart the node: it composes it again.`;
    throw new KnowledgeError('KNOWLEDGE_NOT_FOUND', message, { facts: { path }, cause });
  }
}
