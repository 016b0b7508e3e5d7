/**
 * Proves quotes: opens a knowledge folder once, checks that its passages add up to the root its card names, and keeps the tree; the same for a
 * file of learnt passages, whose indices follow the folder's (learning §9.2). Owns reading passages for proofs; finding the passage that answers is the worker's.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hash, isHex, PassageTree, type Segment, SynodError } from '@synod/chain';
import type { AnswerSegment } from '@synod/inference';
import { KnowledgeError, readLearnt } from '@synod/inference/knowledge';

/** Folders kept open, the one used longest ago goes first; bytes of one folder's passages, and their number. */
export const KNOWLEDGE_LIMITS = { foldersMax: 16, passagesBytesMax: 256 * 2 ** 20, passagesMax: 1_000_000 } as const;

/** What a registered expert states about its passages. */
export type KnowledgeRoot = { readonly root: Hash; readonly size: number };

/** What an answer may quote: a knowledge folder, the file of the learnt passages of a version, or both. */
export type QuotedFiles = { readonly knowledge: string | null; readonly learnt?: string | null };

type Quote = Extract<AnswerSegment, { kind: 'quote' }>;

export class KnowledgeProver {
  readonly #trees = new Map<string, Promise<PassageTree>>();

  /**
   * A quote of a learnt passage keeps its index, knowledge size + place, and is proved as leaf `place` under the learnt root.
   * Throws `KNOWLEDGE_MISSING`, `KNOWLEDGE_DAMAGED`, or `QUOTE_UNPROVEN` for a segment that is no passage of either.
   */
  async prove({ knowledge, learnt }: QuotedFiles, segments: readonly AnswerSegment[]): Promise<readonly Segment[]> {
    if (segments.every((segment): segment is Exclude<AnswerSegment, Quote> => segment.kind !== 'quote'))
      return segments;
    const published = knowledge === null ? null : await this.#tree(knowledge, openTree);
    const size = published?.size ?? 0;
    const proven: Segment[] = [];
    for (const segment of segments) {
      if (segment.kind !== 'quote') proven.push(segment);
      else if (segment.index < size)
        proven.push(provenBy(published, segment, { place: segment.index, file: knowledge }));
      else
        proven.push(provenBy(await this.#learntTree(learnt), segment, { place: segment.index - size, file: learnt }));
    }
    return proven;
  }

  async #learntTree(learnt: string | null | undefined): Promise<PassageTree | null> {
    return learnt === null || learnt === undefined ? null : await this.#tree(learnt, openLearntTree);
  }

  #tree(path: string, open: (path: string) => Promise<PassageTree>): Promise<PassageTree> {
    const known = this.#trees.get(path);
    this.#trees.delete(path);
    const tree = known ?? open(path);
    this.#trees.set(path, tree);
    const oldest = this.#trees.keys().next().value;
    if (this.#trees.size > KNOWLEDGE_LIMITS.foldersMax && oldest !== undefined) this.#trees.delete(oldest);
    // Whoever awaits it reports the failure; a folder that was repaired is opened anew.
    tree.catch(() => this.#trees.get(path) === tree && this.#trees.delete(path));
    return tree;
  }
}

/** Root and size as the folder's card states them; passages are not read. Throws `KNOWLEDGE_MISSING` or `KNOWLEDGE_DAMAGED`. */
export async function readKnowledgeRoot(folder: string): Promise<KnowledgeRoot> {
  const file = join(folder, 'card.json');
  const card = parse(await read(file), file) as Partial<KnowledgeRoot> | null;
  const { root, size } = card ?? {};
  if (typeof root === 'string' && isHex(root, 32) && Number.isSafeInteger(size)) return { root, size: size as number };
  throw damaged(file, 'it names no root and size');
}

function provenBy(
  tree: PassageTree | null,
  segment: Quote,
  { place, file }: { readonly place: number; readonly file: string | null | undefined },
): Segment {
  const proof = tree?.proof(place, segment) ?? null;
  if (proof !== null) return { ...segment, proof };
  const where = file ?? 'no file of learnt passages';
  throw new SynodError(
    'QUOTE_UNPROVEN',
    `The worker quoted passage ${segment.index} otherwise than ${where} has it. Restart the node, so that both read the same files.`,
    { facts: { folder: where, index: segment.index } },
  );
}

/** Whether its root is the version's is checked by whoever composes the file; a proof under another is refused on chain. */
async function openLearntTree(file: string): Promise<PassageTree> {
  try {
    return new PassageTree(await readLearnt(file));
  } catch (cause) {
    if (!(cause instanceof KnowledgeError)) throw cause;
    const code = cause.code === 'KNOWLEDGE_NOT_FOUND' ? 'KNOWLEDGE_MISSING' : 'KNOWLEDGE_DAMAGED';
    throw new SynodError(code, cause.message, { facts: { file }, cause });
  }
}

async function openTree(folder: string): Promise<PassageTree> {
  const { root, size } = await readKnowledgeRoot(folder);
  const file = join(folder, 'passages.jsonl');
  const lines = (await read(file)).split('\n').filter((line) => line !== '');
  if (lines.length !== size || size > KNOWLEDGE_LIMITS.passagesMax)
    throw damaged(file, `it has ${lines.length} passages where its card says ${size}`);
  const tree = new PassageTree(lines.map((line) => passageOf(line, file)));
  if (tree.root === root) return tree;
  throw damaged(file, `its passages have the root ${tree.root.slice(0, 12)}…, its card says ${root.slice(0, 12)}…`);
}

function passageOf(line: string, file: string): { readonly text: string; readonly source: string } {
  const { text, source } = (parse(line, file) ?? {}) as { text?: unknown; source?: unknown };
  if (typeof text === 'string' && typeof source === 'string') return { text, source };
  throw damaged(file, 'a line is no passage');
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, 'it is no JSON', cause);
  }
}

async function read(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > KNOWLEDGE_LIMITS.passagesBytesMax) throw damaged(file, `it has ${size} bytes, too many to read`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof SynodError) throw cause;
    throw new SynodError(
      'KNOWLEDGE_MISSING',
      `${file} cannot be read. Build the knowledge again:  synod expert build DOMAIN --out FOLDER`,
      { facts: { file }, cause },
    );
  }
}

function damaged(file: string, why: string, cause?: unknown): SynodError {
  return new SynodError(
    'KNOWLEDGE_DAMAGED',
    `${file} is damaged: ${why}. Build the knowledge again:  synod expert build DOMAIN --out FOLDER`,
    { facts: { file }, ...(cause === undefined ? {} : { cause }) },
  );
}
