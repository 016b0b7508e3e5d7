/**
 * What a passage of published knowledge must be (spec: knowledge §2), and any text beside one. Owns the rules, which whoever builds a folder
 * and whoever is sent one by a stranger hold alike; where passages come from and how they are found is not its business.
 */
import { utf8Bytes } from './contract-check.ts';

/** One fact in one sentence that names its subject. */
export type KnowledgePassage = {
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

/** Named maxima of knowledge, in bytes of UTF-8 where they are of texts (spec: knowledge §1, §2, §4). */
export const PASSAGE_LIMITS = {
  passages: 50_000,
  textBytes: 600,
  sourceBytes: 200,
  subjectBytes: 200,
  relationBytes: 60,
  /** Other names of one subject, phrases for one relation, and bytes of one. */
  namesPerSubject: 64,
  phrasesPerRelation: 64,
  phraseBytes: 300,
  relations: 1_000,
  /** Relations of one subject: which go together is counted in pairs. */
  relationsPerSubject: 256,
  /** Other names in all; and their bytes, each as often as its subject has passages, for they are searched with every one. */
  names: 50_000,
  namesSearchedBytes: 4 * 1024 * 1024,
  /** Sources that a card names, and bytes of each of their fields. */
  sources: 256,
  sourceFieldBytes: 300,
} as const;

/** Control characters, lone surrogates, bidirectional overrides and invisible format characters. */
export const HOSTILE_CHARACTERS: RegExp =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;
const RELATION = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What is wrong with a passage, or undefined. The words complete "line 7: …". Total: its fields may be anything. */
export function passageProblem({ text, source, subject, relation, value }: KnowledgePassage): string | undefined {
  return (
    textProblem('text', text, PASSAGE_LIMITS.textBytes) ??
    textProblem('source', source, PASSAGE_LIMITS.sourceBytes) ??
    textProblem('subject', subject, PASSAGE_LIMITS.subjectBytes) ??
    relationProblem(relation) ??
    valueProblem(text, value)
  );
}

/** What is wrong with one line of text for people, or undefined. */
function textProblem(name: string, value: unknown, bytesMax: number): string | undefined {
  const problem = phraseProblem(name, value, bytesMax);
  if (problem !== undefined || typeof value !== 'string') return problem;
  return value !== value.trim() || value.includes('  ') ? `${name} has stray spaces` : undefined;
}

/** The same of names and phrases, which nobody quotes: spaces in them mean nothing. */
export function phraseProblem(name: string, value: unknown, bytesMax: number): string | undefined {
  if (typeof value !== 'string' || value === '') return `${name} is empty`;
  if (HOSTILE_CHARACTERS.test(value)) return `${name} holds control or invisible characters`;
  if (value !== value.normalize('NFC')) return `${name} is not NFC`;
  // A text has at most three bytes a code unit, so that most need no count.
  const bytes = value.length * 3 <= bytesMax ? 0 : utf8Bytes(value);
  return bytes > bytesMax ? `${name} has ${bytes} bytes, above ${bytesMax}` : undefined;
}

/** What is wrong with the name of a property, or undefined. */
export function relationProblem(relation: unknown): string | undefined {
  // Only a string is written out: a stranger's object may throw when it is made one.
  if (typeof relation !== 'string') return 'relation is not kebab-case: it is no text';
  if (RELATION.test(relation) && relation.length <= PASSAGE_LIMITS.relationBytes) return undefined;
  return `relation is not kebab-case: ${relation.slice(0, PASSAGE_LIMITS.relationBytes)}`;
}

/** What a folder's parts are too much of together, though each is right, or null: for whoever searches them by question. */
export function togetherProblem({
  passages,
  aliases,
  relations,
}: {
  readonly passages: readonly Pick<KnowledgePassage, 'subject' | 'relation'>[];
  readonly aliases: Iterable<readonly [subject: string, names: readonly string[]]>;
  /** Those that have phrases. */
  readonly relations: Iterable<string>;
}): string | null {
  const { relations: relationsMax, relationsPerSubject, names: namesMax, namesSearchedBytes } = PASSAGE_LIMITS;
  const bySubject = new Map<string, { passages: number; readonly relations: Set<string> }>();
  const named = new Set(relations);
  for (const { subject, relation } of passages) {
    const own = bySubject.get(subject) ?? { passages: 0, relations: new Set() };
    bySubject.set(subject, own);
    own.passages += 1;
    own.relations.add(relation);
    named.add(relation);
  }
  // A question is compared with each of them, whether it has phrases or not.
  if (named.size > relationsMax) return `it names ${named.size} relations, above ${relationsMax}`;
  for (const [subject, own] of bySubject)
    if (own.relations.size > relationsPerSubject)
      return `"${subject}" has ${own.relations.size} relations, above ${relationsPerSubject}`;
  let [names, bytes] = [0, 0];
  for (const [subject, texts] of aliases) {
    names += texts.length;
    for (const text of texts) bytes += utf8Bytes(text) * (bySubject.get(subject)?.passages ?? 0);
  }
  if (names > namesMax) return `it has ${names} other names, above ${namesMax}`;
  return bytes > namesSearchedBytes
    ? `its other names are ${bytes} bytes to search, above ${namesSearchedBytes}`
    : null;
}

function valueProblem(text: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  // Half a character stands in a text too, and so does a space: whoever reads a folder takes neither.
  if (typeof value !== 'string' || value.trim() === '') return 'value is empty';
  if (!value.isWellFormed()) return 'value ends within a character';
  return text.includes(value) ? undefined : `value "${value}" does not stand in the text`;
}
