/** One fact of a knowledge folder and how a line of `passages.jsonl` becomes one. Owns the shape and its limits; the folder is read-folder.ts. */
import { limits } from './limits.ts';

/** A quotable fact: one sentence that names its subject, and where it comes from. */
export type Passage = {
  readonly text: string;
  /** Title and licence, for people. */
  readonly source: string;
  /** Canonical name of what the fact is about. */
  readonly subject: string;
  /** Property in kebab-case, e.g. `capital`; `document` for passages of a user's documents. */
  readonly relation: string;
  /** The part of `text` that answers the relation; null for free text. */
  readonly value: string | null;
};

/** Relation of passages that come from a user's documents. */
export const DOCUMENT_RELATION = 'document';

/** The passage a JSON line holds, or what is wrong with it (a phrase that follows "line n"). Total: never throws. */
export function parsePassage(line: string): Passage | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: 'is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: 'is not an object' };
  const { text, source, subject, relation, value: answer } = value as Record<string, unknown>;
  const problem =
    problemOf('text', text, limits.textBytesMax) ??
    problemOf('source', source, limits.sourceBytesMax) ??
    problemOf('subject', subject, limits.nameBytesMax) ??
    problemOf('relation', relation, limits.nameBytesMax) ??
    problemOfValue(answer, text as string);
  if (problem !== null) return { problem };
  return { text, source, subject, relation, value: answer } as Passage;
}

function problemOf(field: string, value: unknown, bytesMax: number): string | null {
  if (typeof value !== 'string' || value.trim() === '') return `has no ${field}`;
  if (!value.isWellFormed() || value.normalize('NFC') !== value)
    return `has a ${field} that is not in Unicode form NFC`;
  if (/\p{Cc}/u.test(value)) return `has a control character in its ${field}`;
  const bytes = Buffer.byteLength(value);
  return bytes > bytesMax ? `has a ${field} of ${bytes} bytes; at most ${bytesMax} are allowed` : null;
}

function problemOfValue(value: unknown, text: string): string | null {
  if (value === null) return null;
  if (typeof value !== 'string' || value.trim() === '') return 'has a value that is neither null nor a text';
  return text.includes(value) ? null : `has the value "${value.slice(0, 60)}", which does not stand in its text`;
}
