/**
 * The learnt passages of a version as a file (learning §9.2): what users corrected, in the order of the leaves of the version's learnt root.
 * Owns the file's form and bounds. Whether the passages hash to that root is checked by whoever has the tree; how they are found is
 * retrieval/learnt-index.ts.
 */
import { readFile, stat } from 'node:fs/promises';
import { writeWhole } from '../files/whole-file.ts';
import { KnowledgeError } from './errors.ts';
import { limits } from './limits.ts';

/** A correction as it is kept. */
export type LearntPassage = {
  /** What is quoted, byte for byte. */
  readonly text: string;
  readonly source: string;
  /** The question whose answer it corrected. */
  readonly prompt: string;
  /** Number of the feedback in its domain. */
  readonly number: number;
};

const REMEDY = 'Restart the node: it composes the file again from the feedback that it keeps.';

/** The passages in leaf order; an empty list is sound. Throws KnowledgeError KNOWLEDGE_NOT_FOUND or KNOWLEDGE_DAMAGED. */
export async function readLearnt(path: string): Promise<readonly LearntPassage[]> {
  const list = parse(path, await readText(path));
  if (!Array.isArray(list)) throw damaged(path, 'is not a list');
  if (list.length > limits.learntMax)
    throw damaged(path, `has ${list.length} passages; at most ${limits.learntMax} are allowed`);
  return list.map((one, i) => passageOf(one, (what) => damaged(path, `has at place ${i} ${what}`, { place: i })));
}

/** Writes the file whole or not at all; it is on the disk when this resolves. Throws KNOWLEDGE_DAMAGED for a list that could not be read again, DISK_FULL. */
export async function writeLearnt(path: string, list: readonly LearntPassage[]): Promise<void> {
  const kept = list.map((one, i) => passageOf(one, (what) => damaged(path, `would have at place ${i} ${what}`)));
  const text = JSON.stringify(kept);
  if (list.length > limits.learntMax || Buffer.byteLength(text) > limits.learntFileBytesMax)
    throw damaged(path, `would hold ${list.length} passages, more than its bounds allow`);
  await writeWhole(path, text);
}

function passageOf(value: unknown, wrong: (what: string) => KnowledgeError): LearntPassage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('something that is no passage');
  const { text, source, prompt, number } = value as Record<string, unknown>;
  const fields = { text, source, prompt };
  for (const [name, field] of Object.entries(fields)) {
    if (typeof field !== 'string' || field === '' || !field.isWellFormed()) throw wrong(`a passage without ${name}`);
    const bytes = Buffer.byteLength(field);
    if (bytes > limits.learntTextBytesMax)
      throw wrong(`a ${name} of ${bytes} bytes; at most ${limits.learntTextBytesMax} are allowed`);
  }
  if (!Number.isSafeInteger(number) || (number as number) < 0) throw wrong('a passage without a number');
  return { ...(fields as Omit<LearntPassage, 'number'>), number: number as number };
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > limits.learntFileBytesMax)
      throw damaged(path, `has ${size} bytes; at most ${limits.learntFileBytesMax} are allowed`);
    bytes = await readFile(path);
  } catch (cause) {
    if (cause instanceof KnowledgeError) throw cause;
    const message = `The file of learnt passages ${path} cannot be read. ${REMEDY}`;
    throw new KnowledgeError('KNOWLEDGE_NOT_FOUND', message, { facts: { path }, cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw damaged(path, 'is not UTF-8', {}, cause);
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'is not JSON', {}, cause);
  }
}

function damaged(path: string, what: string, facts: Readonly<Record<string, number>> = {}, cause?: unknown) {
  const message = `The file of learnt passages ${path} is damaged: it ${what}. ${REMEDY}`;
  return new KnowledgeError('KNOWLEDGE_DAMAGED', message, { facts: { path, ...facts }, cause });
}
