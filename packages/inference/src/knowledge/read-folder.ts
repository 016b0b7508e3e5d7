/**
 * Reads a knowledge folder strictly: the first damage ends the reading with one error that names file and line. Owns the files'
 * format (knowledge spec); whether the passages hash to the card's root is checked by the caller, who has the hash tree.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KnowledgeError } from './errors.ts';
import { limits } from './limits.ts';
import { type Passage, parsePassage } from './passage.ts';

/** `card.json`: what a knowledge folder is. Further fields are kept by its readers, not here. */
export type KnowledgeCard = {
  readonly formatVersion: 1;
  /** Lower-case name, e.g. `geography`. */
  readonly domain: string;
  readonly title: string;
  /** Root of the tree over the passages, 64 hexadecimal digits. */
  readonly root: string;
  /** Number of passages. */
  readonly size: number;
  readonly sources: readonly KnowledgeSource[];
};

export type KnowledgeSource = {
  readonly id: string;
  readonly title: string;
  readonly licence: string;
  readonly version: string;
};

export type KnowledgeFolder = {
  readonly card: KnowledgeCard;
  /** By index: line n of the file, from 0. */
  readonly passages: readonly Passage[];
  /** Other names of subjects. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** How people ask for each relation. */
  readonly relations: ReadonlyMap<string, readonly string[]>;
};

const REMEDY = 'Build it again: synod expert build DOMAIN.';

/** Throws KnowledgeError KNOWLEDGE_NOT_FOUND or KNOWLEDGE_DAMAGED. */
export async function readKnowledgeFolder(folder: string): Promise<KnowledgeFolder> {
  const card = parseCard(await readJsonFile(folder, 'card.json'), folder);
  const passages = parsePassages(await readText(folder, 'passages.jsonl'), folder);
  if (passages.length !== card.size) {
    const message = `holds ${passages.length} passages, but card.json promises ${card.size}`;
    throw damaged(folder, 'passages.jsonl', message, { passages: passages.length, size: card.size });
  }
  const aliases = await readNames(folder, 'aliases.json', limits.aliasesPerSubjectMax);
  const relations = await readNames(folder, 'relations.json', limits.phrasesPerRelationMax);
  if (relations.size > limits.relationsMax) {
    throw damaged(
      folder,
      'relations.json',
      `names ${relations.size} relations; at most ${limits.relationsMax} are allowed`,
    );
  }
  return { card, passages, aliases, relations };
}

function parseCard(value: unknown, folder: string): KnowledgeCard {
  const card = value as Partial<Record<keyof KnowledgeCard, unknown>> | null;
  const wrong = (what: string) => damaged(folder, 'card.json', what);
  if (typeof card !== 'object' || card === null) throw wrong('is not an object');
  if (card.formatVersion !== 1) throw wrong('has a formatVersion other than 1');
  if (typeof card.domain !== 'string' || !/^[a-z0-9-]{1,64}$/.test(card.domain)) {
    throw wrong('has no domain of at most 64 lower-case letters, digits and hyphens');
  }
  if (typeof card.title !== 'string') throw wrong('has no title');
  if (typeof card.root !== 'string' || !/^[0-9a-f]{64}$/.test(card.root)) {
    throw wrong('has no root of 64 lower-case hexadecimal digits');
  }
  if (!Number.isSafeInteger(card.size) || (card.size as number) < 1) throw wrong('has no size of at least 1');
  if (!Array.isArray(card.sources) || !card.sources.every(isSource)) {
    throw wrong('has no list of sources with id, title, licence and version');
  }
  return card as KnowledgeCard;
}

function isSource(value: unknown): value is KnowledgeSource {
  const source = value as Partial<KnowledgeSource> | null;
  const fields = [source?.id, source?.title, source?.licence, source?.version];
  return fields.every((field) => typeof field === 'string');
}

function parsePassages(text: string, folder: string): Passage[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > limits.passagesMax) {
    throw damaged(folder, 'passages.jsonl', `has ${lines.length} lines; at most ${limits.passagesMax} are allowed`);
  }
  return lines.map((line, i) => {
    const passage = parsePassage(line);
    if ('problem' in passage)
      throw damaged(folder, 'passages.jsonl', `line ${i + 1} ${passage.problem}`, { line: i + 1 });
    return passage;
  });
}

/** An object of lists of texts. */
async function readNames(folder: string, file: string, listMax: number): Promise<Map<string, readonly string[]>> {
  const value = await readJsonFile(folder, file);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw damaged(folder, file, 'is not an object');
  const entries = Object.entries(value);
  for (const [key, list] of entries) {
    const isList = Array.isArray(list) && list.every((item) => typeof item === 'string');
    if (!isList) throw damaged(folder, file, `has under "${key.slice(0, 60)}" something that is not a list of texts`);
    if (list.length > listMax) {
      throw damaged(
        folder,
        file,
        `has ${list.length} texts under "${key.slice(0, 60)}"; at most ${listMax} are allowed`,
      );
    }
  }
  return new Map(entries);
}

async function readJsonFile(folder: string, file: string): Promise<unknown> {
  const text = await readText(folder, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(folder, file, 'is not JSON', {}, cause);
  }
}

async function readText(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > limits.fileBytesMax)
      throw damaged(folder, file, `has ${size} bytes; at most ${limits.fileBytesMax} are allowed`);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof KnowledgeError) throw cause;
    const message = `The knowledge file ${path} cannot be read. ${REMEDY}`;
    throw new KnowledgeError('KNOWLEDGE_NOT_FOUND', message, { facts: { path }, cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw damaged(folder, file, 'is not UTF-8', {}, cause);
  }
}

function damaged(
  folder: string,
  file: string,
  what: string,
  facts: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): KnowledgeError {
  const path = join(folder, file);
  const message = `The knowledge file ${path} is damaged: it ${what}. ${REMEDY}`;
  return new KnowledgeError('KNOWLEDGE_DAMAGED', message.replace('it line', 'line'), {
    facts: { path, ...facts },
    cause,
  });
}
