/**
 * Turns a user's folder of `.md` and `.txt` files into passages. Owns which files are read, what their headings and
 * licence lines mean, and the errors a user sees; cutting prose is sentences.ts's (spec: knowledge §5).
 */
import type { Dirent, PathLike } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { SynodError } from '@synod/chain';
import { limits } from '../limits.ts';
import { cleanText, type Passage } from '../passage.ts';
import type { OnProgress } from '../sources/pinned-package.ts';
import { passagesOf, sentencesOf } from './sentences.ts';

export type DocumentOptions = {
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Passages of every document under `directory`, in the order of their paths. Errors: KNOWLEDGE_DOCUMENT. */
export async function readDocuments(directory: string, options: DocumentOptions = {}): Promise<readonly Passage[]> {
  const paths = await documentPaths(directory);
  if (paths.length === 0) {
    throw documentError(directory, 'no .md or .txt file stands in it', 'Put documents there or leave --documents out.');
  }
  const passages: Passage[] = [];
  for (const [index, path] of paths.entries()) {
    options.signal?.throwIfAborted();
    const name = relative(directory, path).split(sep).join('/');
    options.onProgress?.({
      phase: 'documents',
      item: name,
      doneBytes: index,
      totalBytes: paths.length,
      message: `Reading ${name}`,
    });
    for (const passage of documentPassages(name, await readDocument(path))) passages.push(passage);
    if (passages.length > limits.passages) {
      throw documentError(
        directory,
        `its documents make more than ${limits.passages} passages`,
        'Take some of them out.',
      );
    }
  }
  return passages;
}

/** The passages of one document. Pure. */
export function documentPassages(name: string, content: string): readonly Passage[] {
  const source = sourceOf(name, content);
  let subject = fit(cleanText(basename(name, extname(name)).replace(/[-_]+/g, ' ')) || 'document', limits.subjectBytes);
  const passages: Passage[] = [];
  for (const { heading, text } of blocksOf(content, name.endsWith('.md'))) {
    if (heading) {
      subject = fit(text, limits.subjectBytes);
      continue;
    }
    for (const passage of passagesOf(sentencesOf(text))) {
      passages.push({ text: passage, source, subject, relation: 'document', value: null });
    }
  }
  return passages;
}

type Block = { readonly heading: boolean; readonly text: string };

/** Headings, list items and paragraphs. Fenced code and licence lines are left out. */
function blocksOf(content: string, markdown: boolean): readonly Block[] {
  const blocks: Block[] = [];
  let open: string[] = [];
  let fenced = false;
  const close = () => {
    const text = cleanText(markdown ? withoutMarks(open.join(' ')) : open.join(' '));
    if (text !== '') blocks.push({ heading: false, text });
    open = [];
  };
  for (const line of content.split(/\r\n|[\n\r\u2028\u2029]/)) {
    if (markdown && /^\s*(```|~~~)/.test(line)) {
      close();
      fenced = !fenced;
      continue;
    }
    if (fenced || LICENCE.test(line)) continue;
    const heading = markdown ? headingIn(line) : undefined;
    const item = /^\s*(?:[-*+•]|\d+[.)])\s+/.test(line);
    if (line.trim() === '' || heading !== undefined || item) close();
    const title = heading === undefined ? '' : cleanText(withoutMarks(heading));
    if (title !== '') blocks.push({ heading: true, text: title });
    else if (heading === undefined) open.push(line.replace(/^\s*(?:[-*+•>]|\d+[.)])\s+/, ''));
  }
  close();
  return blocks;
}

/** What a line of one to six `#` says, without those at its end. By hand: an expression for it takes hours on a hostile line. */
function headingIn(line: string): string | undefined {
  const start = /^#{1,6}\s+/.exec(line)?.[0].length;
  if (start === undefined || start === line.length) return undefined;
  const text = line.slice(start).trimEnd();
  let end = text.length;
  while (end > 0 && text[end - 1] === '#') end--;
  return text.slice(0, end).trimEnd();
}

const LICENCE = /^\s*(?:licen[cs]e|spdx-license-identifier)\s*:\s*(\S.*)$/i;

/** Links become their words; emphasis, code marks and images go. Each part is bounded, so that marks without end cost no more than others. */
function withoutMarks(text: string): string {
  return text
    .replace(/!\[[^\]]{0,500}\]\([^)]{0,1000}\)/g, '')
    .replace(/\[([^\]]{0,500})\]\([^)]{0,1000}\)/g, '$1')
    .replace(/(\*\*|__|`)/g, '')
    .replace(/(^|\s)[*_](\S[^*_]*)[*_](?=\W|$)/g, '$1$2');
}

function sourceOf(name: string, content: string): string {
  const stated = content
    .split('\n')
    .map((line) => LICENCE.exec(line)?.[1])
    .find((licence) => licence !== undefined);
  const licence = stated === undefined ? '' : ` (${cleanText(stated)})`;
  return fit(`${cleanText(name)}${licence}`, limits.sourceBytes);
}

/** The longest start of a text within a number of bytes, cut between characters. */
function fit(text: string, bytesMax: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) return kept.trimEnd();
    kept += character;
  }
  return kept;
}

async function documentPaths(directory: string, depth = 0): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !entry.name.startsWith('.')) {
      if (depth >= limits.documentDepth) {
        throw documentError(path, `folders are nested deeper than ${limits.documentDepth}`, 'Move the documents up.');
      }
      paths.push(...(await documentPaths(path, depth + 1)));
    } else if (entry.isFile() && /\.(md|txt)$/i.test(entry.name)) paths.push(path);
    if (paths.length > limits.documents) {
      throw documentError(
        directory,
        `it holds more than ${limits.documents} documents`,
        'Split it into several experts.',
      );
    }
  }
  return paths;
}

/** Entries in code-unit order of their names: the same on every file system. */
async function entriesOf(directory: PathLike & string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    throw documentError(
      directory,
      `it cannot be listed: ${(cause as Error).message}`,
      'Name an existing folder.',
      cause,
    );
  }
}

async function readDocument(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > limits.documentBytes) {
    throw documentError(path, `it has ${size} bytes, above ${limits.documentBytes}`, 'Split it.');
  }
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw documentError(path, 'it is not UTF-8 text', 'Save it as UTF-8.', cause);
  }
}

function documentError(path: string, why: string, next: string, cause?: unknown): SynodError {
  return new SynodError('KNOWLEDGE_DOCUMENT', `${path} cannot be added: ${why}. ${next}`, { facts: { path }, cause });
}
