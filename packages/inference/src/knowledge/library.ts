/**
 * The knowledge folders that a worker has open. Owns how many stay open (by memory, least recently used first out) and that a folder
 * whose card has changed is opened anew.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KnowledgeError } from './errors.ts';
import { type Knowledge, openKnowledge } from './knowledge.ts';
import { createKnownShelf, type KnownShelf } from './known-shelf.ts';
import { limits } from './limits.ts';
import { remembering } from './remembered.ts';
import type { Embed } from './vector-store.ts';
import { vectorsFile } from './vectors-file.ts';

export type Library = {
  /** The folder, opened now or before. Throws KnowledgeError; a failure is not remembered. */
  open(folder: string): Promise<Knowledge>;
  /** The folder, the learnt passages, or both as a job names them; null for neither. Throws KnowledgeError, CANCELLED. */
  readonly openKnown: KnownShelf['open'];
};

export type LibraryOptions = {
  readonly embed: Embed;
  /** Without it vectors live in memory alone. */
  readonly vectorsDirectory?: string;
  readonly bytesMax?: number;
};

type Shelved = { readonly version: string; readonly knowledge: Promise<Knowledge>; bytes: number };

export function createLibrary({ embed, vectorsDirectory, bytesMax = limits.libraryBytesMax }: LibraryOptions): Library {
  /** In order of use, the latest last. */
  const shelf = new Map<string, Shelved>();
  const put = (folder: string, version: string): Shelved => {
    const knowledge = openKnowledge(folder, {
      embed,
      ...(vectorsDirectory === undefined ? {} : { vectorsFile: (card) => vectorsFile(vectorsDirectory, card) }),
    }).then(remembering);
    const shelved: Shelved = { version, knowledge, bytes: 0 };
    shelf.set(folder, shelved);
    return shelved;
  };
  const makeRoom = (): void => {
    let total = [...shelf.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [folder, { bytes }] of shelf) {
      if (total <= bytesMax || shelf.size === 1) return;
      shelf.delete(folder);
      total -= bytes;
    }
  };
  const open = async (folder: string): Promise<Knowledge> => {
    const version = await versionOf(folder);
    const found = shelf.get(folder);
    shelf.delete(folder);
    if (found?.version === version) shelf.set(folder, found);
    const shelved = found?.version === version ? found : put(folder, version);
    try {
      const knowledge = await shelved.knowledge;
      shelved.bytes = knowledge.memoryBytes();
      makeRoom();
      return knowledge;
    } catch (error) {
      if (shelf.get(folder) === shelved) shelf.delete(folder);
      throw error;
    }
  };
  const known = createKnownShelf(open, { embed, ...(vectorsDirectory === undefined ? {} : { vectorsDirectory }) });
  return { open, openKnown: known.open };
}

/** Changes whenever the folder is built anew: its card is written last. */
async function versionOf(folder: string): Promise<string> {
  const path = join(folder, 'card.json');
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (cause) {
    const message = `There is no knowledge folder at ${folder}. Build it: synod expert build DOMAIN.`;
    throw new KnowledgeError('KNOWLEDGE_NOT_FOUND', message, { facts: { path }, cause });
  }
}
