/**
 * The files of a knowledge folder and their bytes (spec: knowledge §1–§4). Owns encoding, reading and checking; where
 * passages come from is build-knowledge.ts, searching them is the worker's.
 */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { merkleRoot, passageLeaf, SynodError } from '@synod/chain';
import { withRoomFor } from './disk-full.ts';
import { limits } from './limits.ts';
import { type Passage, passageProblem } from './passage.ts';
import type { Aliases } from './recipe.ts';
import { replaceFolder, withWorkFolder } from './work-folder.ts';

export type KnowledgeCard = {
  readonly formatVersion: 1;
  readonly domain: string;
  readonly title: string;
  /** RFC 6962 root over the passages' leaves, 64 hex digits. */
  readonly root: string;
  /** Number of passages. */
  readonly size: number;
  readonly sources: readonly {
    readonly id: string;
    readonly title: string;
    readonly licence: string;
    readonly version: string;
  }[];
};

export type KnowledgeFolder = {
  readonly card: KnowledgeCard;
  readonly passages: readonly Passage[];
  readonly aliases: Aliases;
  readonly relations: Readonly<Record<string, readonly string[]>>;
};

/** The root that a chain profile names for these passages. */
export function knowledgeRootOf(passages: readonly Passage[]): string {
  return merkleRoot(passages.map(({ text, source }) => passageLeaf({ text, source })));
}

/** Checks every passage and that none stands twice. Errors: KNOWLEDGE_PASSAGE, naming the line. */
export function checkPassages(passages: readonly Passage[]): void {
  if (passages.length === 0 || passages.length > limits.passages) {
    throw passageError(`a folder holds 1 to ${limits.passages} passages, not ${passages.length}`, 0);
  }
  const seen = new Map<string, number>();
  for (const [index, passage] of passages.entries()) {
    const problem = passageProblem(passage);
    if (problem !== undefined) throw passageError(`line ${index + 1}: ${problem}`, index + 1);
    const earlier = seen.get(passage.text);
    if (earlier !== undefined)
      throw passageError(`line ${index + 1} repeats line ${earlier}: ${passage.text}`, index + 1);
    seen.set(passage.text, index + 1);
  }
}

/** The folder's files by name. The same content gives the same bytes. */
export function encodeFolder({ card, passages, aliases, relations }: KnowledgeFolder): ReadonlyMap<string, string> {
  const lines = passages.map(({ text, source, subject, relation, value }) =>
    JSON.stringify({ text, source, subject, relation, value }),
  );
  return new Map([
    ['passages.jsonl', `${lines.join('\n')}\n`],
    ['aliases.json', jsonTable(aliases)],
    ['relations.json', jsonTable(relations)],
    ['card.json', `${JSON.stringify(card, null, 2)}\n`],
  ]);
}

/** One line a key, keys in code-unit order. */
function jsonTable(table: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.keys(table)
    .sort()
    .map((key) => `  ${JSON.stringify(key)}: ${JSON.stringify(table[key])}`);
  return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`;
}

/** What may stand in a folder that another takes the place of: a knowledge folder's own files (spec: knowledge §1). */
const OWN_FILES: readonly string[] = ['passages.jsonl', 'aliases.json', 'relations.json', 'card.json', 'scores.json'];

/** Nothing of a user's is ever removed: throws KNOWLEDGE_IN_THE_WAY where `out` is a file or holds anything that no build made. */
export async function requireReplaceable(out: string): Promise<void> {
  const found = await stat(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return;
  const other = found.isDirectory() ? (await readdir(out)).find((name) => !OWN_FILES.includes(name)) : null;
  if (other === undefined) return;
  const why =
    other === null ? 'it is a file' : `it holds ${JSON.stringify(other)}, which is no part of a knowledge folder`;
  throw new SynodError(
    'KNOWLEDGE_IN_THE_WAY',
    `${out} cannot be replaced: ${why}. Nothing was changed. Name a folder that does not exist yet, or one that was built before.`,
    { facts: { directory: out } },
  );
}

/**
 * Writes a folder beside its final place and renames it there; what stands there goes only when the new one has its place. Errors:
 * KNOWLEDGE_PASSAGE, KNOWLEDGE_FORMAT, KNOWLEDGE_IN_THE_WAY, DISK_FULL.
 */
export async function writeFolder(out: string, folder: KnowledgeFolder): Promise<void> {
  const files = encodeFolder(folder);
  await withWorkFolder(dirname(out), async (work) => {
    const made = join(work, 'made');
    await mkdir(made);
    for (const [name, content] of files) {
      const bytes = Buffer.byteLength(content);
      if (bytes > limits.fileBytes)
        throw formatError(out, `${name} would have ${bytes} bytes, above ${limits.fileBytes}`);
      await withRoomFor(join(out, name), bytes, () => writeFile(join(made, name), content, { flush: true }));
    }
    await requireReplaceable(out);
    await replaceFolder(made, { out, work });
  });
}

/** Reads and checks a folder: its passages, and that its card states their root. Errors: KNOWLEDGE_FORMAT, KNOWLEDGE_PASSAGE, KNOWLEDGE_ROOT. */
export async function readFolder(directory: string): Promise<KnowledgeFolder> {
  const card = (await readJson(directory, 'card.json')) as KnowledgeCard;
  const passages = passagesOf(directory, await readText(directory, 'passages.jsonl'));
  const aliases = (await readJson(directory, 'aliases.json')) as Aliases;
  const relations = (await readJson(directory, 'relations.json')) as KnowledgeFolder['relations'];
  if (card.formatVersion !== 1) throw formatError(directory, 'card.json has another format version');
  checkPassages(passages);
  const root = knowledgeRootOf(passages);
  if (root !== card.root || passages.length !== card.size) {
    throw new SynodError(
      'KNOWLEDGE_ROOT',
      `${directory} has been changed: its passages have root ${root}, its card says ${card.root}. Build it anew with ./synod expert build ${card.domain}.`,
      { facts: { directory, root, stated: card.root } },
    );
  }
  return { card, passages, aliases, relations };
}

function passagesOf(directory: string, text: string): readonly Passage[] {
  if (!text.endsWith('\n')) throw formatError(directory, 'passages.jsonl does not end with a line feed');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line, index) => {
      try {
        return JSON.parse(line) as Passage;
      } catch (cause) {
        throw formatError(directory, `line ${index + 1} of passages.jsonl is not JSON`, cause);
      }
    });
}

async function readJson(directory: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(directory, name)) as unknown;
  } catch (cause) {
    if (cause instanceof SynodError) throw cause;
    throw formatError(directory, `${name} is not JSON`, cause);
  }
}

async function readText(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  try {
    const { size } = await stat(path);
    if (size > limits.fileBytes) throw formatError(directory, `${name} has ${size} bytes, above ${limits.fileBytes}`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof SynodError) throw cause;
    throw formatError(directory, `${name} cannot be read: ${(cause as Error).message}`, cause);
  }
}

function passageError(why: string, line: number): SynodError {
  return new SynodError(
    'KNOWLEDGE_PASSAGE',
    `The knowledge breaks its own rules: ${why}. Mend the recipe or the document.`,
    {
      facts: { line },
    },
  );
}

function formatError(directory: string, why: string, cause?: unknown): SynodError {
  return new SynodError(
    'KNOWLEDGE_FORMAT',
    `${directory} is no knowledge folder: ${why}. Build it anew with ./synod expert build.`,
    {
      facts: { directory },
      cause,
    },
  );
}
