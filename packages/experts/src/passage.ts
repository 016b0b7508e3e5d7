/** What a knowledge folder is made of. Owns the shape of a passage and the rules a passage must obey (spec: knowledge §2). */
import { limits } from './limits.ts';

/** One fact in one sentence that names its subject. */
export type Passage = {
  /** The sentence; its bytes are what an answer quotes. */
  readonly text: string;
  /** Title and licence, for people. With `text` the leaf under the knowledge root. */
  readonly source: string;
  /** Canonical name of what the sentence is about. */
  readonly subject: string;
  /** Kebab-case name of the property: `capital`, `melting-point`, `definition`, `document`. */
  readonly relation: string;
  /** The substring of `text` that answers the relation; null for free text. */
  readonly value: string | null;
};

/** Control characters, lone surrogates, bidirectional overrides and invisible format characters. */
const HOSTILE =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;
const RELATION = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What is wrong with a passage, or undefined. The words complete "line 7: …". */
export function passageProblem(passage: Passage): string | undefined {
  const { text, source, subject, relation, value } = passage;
  return (
    textProblem('text', text, limits.textBytes) ??
    textProblem('source', source, limits.sourceBytes) ??
    textProblem('subject', subject, limits.subjectBytes) ??
    (RELATION.test(relation) && relation.length <= limits.relationBytes
      ? undefined
      : `relation is not kebab-case: ${relation}`) ??
    valueProblem(text, value)
  );
}

function textProblem(name: string, value: string, bytesMax: number): string | undefined {
  if (typeof value !== 'string' || value === '') return `${name} is empty`;
  if (HOSTILE.test(value)) return `${name} holds control or invisible characters`;
  if (value !== value.normalize('NFC')) return `${name} is not NFC`;
  if (value !== value.trim() || value.includes('  ')) return `${name} has stray spaces`;
  const bytes = Buffer.byteLength(value);
  return bytes > bytesMax ? `${name} has ${bytes} bytes, above ${bytesMax}` : undefined;
}

function valueProblem(text: string, value: string | null): string | undefined {
  if (value === null) return undefined;
  if (value === '') return 'value is empty';
  return text.includes(value) ? undefined : `value "${value}" does not stand in the text`;
}

/** Text with everything hostile taken out, NFC, and single spaces. Used on what others wrote before it becomes a passage. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u0085\u00a0\u2028\u2029]+/g, ' ')
    .replace(new RegExp(HOSTILE.source, 'gu'), '')
    .normalize('NFC')
    .replace(/ {2,}/g, ' ')
    .trim();
}
