/**
 * A knowledge bundle: what an expert knows in one canonical text, signed by the expert (spec: knowledge §9). Owns its form, its id and every
 * check that whoever is sent one makes; who is asked for it and where it is kept is the node's. No part of any state transition.
 */
import { taggedHash } from '../codec/index.ts';
import { addressBytes, addressOf, fromHex, isHex, sha256, tagPrefix, toHex, verifySignature } from '../crypto/index.ts';
import type { Address, Hash, PublicKey } from '../types/index.ts';
import { isName } from './contract-check.ts';
import {
  type KnowledgePassage,
  PASSAGE_LIMITS,
  passageProblem,
  phraseProblem,
  relationProblem,
  togetherProblem,
} from './passage-rules.ts';
import { PassageTree } from './passage-tree.ts';

/** What a folder's `card.json` says of it, without what is measured or local. */
export type BundleCard = {
  readonly formatVersion: 1;
  readonly domain: string;
  readonly title: string;
  readonly root: Hash;
  readonly size: number;
  readonly sources: readonly {
    readonly id: string;
    readonly title: string;
    readonly licence: string;
    readonly version: string;
  }[];
};

/** Names and what belongs to each, names rising by code units. */
export type NameTable = readonly (readonly [name: string, texts: readonly string[]])[];

export type KnowledgeBundle = {
  readonly card: BundleCard;
  /** Other names of subjects. */
  readonly aliases: NameTable;
  /** How people ask for each relation. */
  readonly relations: NameTable;
  readonly passages: readonly KnowledgePassage[];
};

/** Whose knowledge it is, or why it is none. */
export type Opened<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Longest bundle, header included: one message of the direct protocol. */
export const KNOWLEDGE_BUNDLE_BYTES_MAX: number = 4 * 1024 * 1024;

const HASH_BYTES = 32;
const SIGNATURE_AT = 2 * HASH_BYTES;
const TEXT_AT = SIGNATURE_AT + 64;
const HEAD_LINES = 3;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The name under which nodes ask each other for an expert's knowledge: of whose it is and of the root that is registered. */
export function knowledgeId(expert: Address, root: Hash): Hash {
  return taggedHash('synod/knowledge/1', addressBytes(expert), fromHex(root));
}

/** What the expert signs: the root, and the hash of the text that says more than the root covers. */
export function knowledgeSignBytes(root: Hash, text: Uint8Array): Uint8Array {
  return Buffer.concat([tagPrefix('synod/sign/knowledge/1'), fromHex(root), sha256(text)]);
}

/** The bundle's bytes: key ‖ root ‖ signature ‖ text. Refused with the same words as by whoever would be sent them. */
export function encodeKnowledgeBundle(
  bundle: KnowledgeBundle,
  { publicKey, sign }: { readonly publicKey: PublicKey; readonly sign: (message: Uint8Array) => Uint8Array },
): Opened<Uint8Array> {
  const problem = bundleProblem(bundle);
  if (problem !== null) return refused(problem);
  const text = new TextEncoder().encode(textOf(bundle));
  const { root } = bundle.card;
  const bytes = new Uint8Array(TEXT_AT + text.length);
  if (bytes.length > KNOWLEDGE_BUNDLE_BYTES_MAX) return refused(tooLong(bytes.length));
  bytes.set(fromHex(publicKey));
  bytes.set(fromHex(root), HASH_BYTES);
  bytes.set(sign(knowledgeSignBytes(root, text)), SIGNATURE_AT);
  bytes.set(text, TEXT_AT);
  return { ok: true, value: bytes };
}

/** The id of bytes that an expert signed; null for all others. Says nothing of what they hold: that is {@link openKnowledgeBundle}'s. */
export function knowledgeIdOf(bytes: Uint8Array): Hash | null {
  const signed = openSigned(bytes);
  return signed.ok ? signed.value.id : null;
}

/** The bundle that was asked for by this id, or what is wrong with the bytes. Total, and slow last: the signature comes before the passages. */
export function openKnowledgeBundle(bytes: Uint8Array, id: Hash): Opened<KnowledgeBundle> {
  const signed = openSigned(bytes);
  if (!signed.ok) return signed;
  if (signed.value.id !== id) return refused('it is of another expert or root');
  const bundle = readText(bytes.subarray(TEXT_AT));
  if (bundle === null) return refused('it is not in the one form');
  if (bundle.card.root !== signed.value.root) return refused('its card names another root');
  const problem = bundleProblem(bundle);
  if (problem !== null) return refused(problem);
  // Fields unknown, doubled or in another order, spaces and other escapes: all show here.
  const again = new TextEncoder().encode(textOf(bundle));
  if (Buffer.compare(again, bytes.subarray(TEXT_AT)) !== 0) return refused('it is not in the one form');
  return { ok: true, value: bundle };
}

/** The bundle in bytes that were opened under this id before, and kept: the signature shows that they are those; the rest is not checked again. */
export function readKeptBundle(bytes: Uint8Array, id: Hash): KnowledgeBundle | null {
  return knowledgeIdOf(bytes) === id ? readText(bytes.subarray(TEXT_AT)) : null;
}

function openSigned(bytes: Uint8Array): Opened<{ readonly id: Hash; readonly root: Hash }> {
  if (bytes.length > KNOWLEDGE_BUNDLE_BYTES_MAX) return refused(tooLong(bytes.length));
  if (bytes.length <= TEXT_AT) return refused('it is too short');
  const publicKey = toHex(bytes.subarray(0, HASH_BYTES)) as PublicKey;
  const root = toHex(bytes.subarray(HASH_BYTES, SIGNATURE_AT)) as Hash;
  const message = knowledgeSignBytes(root, bytes.subarray(TEXT_AT));
  if (!verifySignature(publicKey, message, bytes.subarray(SIGNATURE_AT, TEXT_AT)))
    return refused('its signature is not its expert’s');
  return { ok: true, value: { id: knowledgeId(addressOf(publicKey), root), root } };
}

/** One JSON value a line: card, other names, phrases, then a passage each. */
function textOf({ card, aliases, relations, passages }: KnowledgeBundle): string {
  const { formatVersion, domain, title, root, size, sources } = card;
  const fields = sources.map(({ id, title, licence, version }) => ({ id, title, licence, version }));
  const head = [{ formatVersion, domain, title, root, size, sources: fields }, aliases, relations];
  const facts = passages.map(({ text, source, subject, relation, value }) => ({
    text,
    source,
    subject,
    relation,
    value,
  }));
  return [...head, ...facts].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Of the right shape so far that every field may be looked at; null otherwise. */
function readText(bytes: Uint8Array): KnowledgeBundle | null {
  try {
    const lines = strictUtf8.decode(bytes).split('\n');
    if (lines.pop() !== '' || lines.length > HEAD_LINES + PASSAGE_LIMITS.passages) return null;
    const [card, aliases, relations, ...passages] = lines.map((line) => JSON.parse(line) as unknown);
    if (!isObject(card) || !isTable(aliases) || !isTable(relations) || !passages.every(isObject)) return null;
    return { card, aliases, relations, passages } as unknown as KnowledgeBundle;
  } catch {
    // Neither UTF-8 nor JSON: to the caller that is one verdict, no bundle.
    return null;
  }
}

/** What of the rules of knowledge §2–§4 does not hold, or null. */
function bundleProblem({ card, aliases, relations, passages }: KnowledgeBundle): string | null {
  const { passages: most, namesPerSubject, phrasesPerRelation } = PASSAGE_LIMITS;
  if (passages.length === 0 || passages.length > most) return `it has ${passages.length} passages`;
  const texts = new Set<string>();
  const subjects = new Set<string>();
  for (const [index, passage] of passages.entries()) {
    const problem = passageProblem(passage);
    if (problem !== undefined) return `passage ${index}: ${problem}`;
    if (texts.has(passage.text)) return `passage ${index} repeats another`;
    texts.add(passage.text);
    subjects.add(passage.subject);
  }
  const isSubject = (name: string) =>
    subjects.has(name) ? undefined : `other names of "${name}", which has no passage`;
  return (
    cardProblem(card, passages.length) ??
    tableProblem(aliases, { most: namesPerSubject, nameProblem: isSubject }) ??
    tableProblem(relations, { most: phrasesPerRelation, nameProblem: relationProblem }) ??
    togetherProblem({ passages, aliases, relations: relations.map(([name]) => name) }) ??
    (new PassageTree(passages).root === card.root ? null : 'its passages have another root than its card')
  );
}

function cardProblem(
  { formatVersion, domain, title, root, size, sources }: BundleCard,
  passages: number,
): string | null {
  const { sources: most, sourceFieldBytes } = PASSAGE_LIMITS;
  if (formatVersion !== 1 || typeof domain !== 'string' || !isName(domain)) return 'its card has no version or domain';
  if (typeof root !== 'string' || !isHex(root, HASH_BYTES)) return 'its card has no root';
  if (size !== passages) return 'its card states another number of passages';
  const wrong = phraseProblem('title', title, sourceFieldBytes);
  if (wrong !== undefined) return `card: ${wrong}`;
  if (!Array.isArray(sources) || sources.length > most || !sources.every(isObject))
    return 'its card has no list of sources';
  for (const source of sources as unknown as BundleCard['sources']) {
    for (const field of ['id', 'title', 'licence', 'version'] as const) {
      const problem = source[field] === '' ? undefined : phraseProblem(field, source[field], sourceFieldBytes);
      if (problem !== undefined) return `source: ${problem}`;
    }
  }
  return null;
}

function tableProblem(
  table: NameTable,
  { most, nameProblem }: { readonly most: number; readonly nameProblem: (name: string) => string | undefined },
): string | null {
  let before: string | null = null;
  for (const [name, texts] of table) {
    if (before !== null && before >= name) return `"${name}" stands in the wrong place`;
    before = name;
    const problem = nameProblem(name) ?? (texts.length > most ? `${texts.length} texts under "${name}"` : undefined);
    if (problem !== undefined) return problem;
    for (const text of texts) {
      const wrong = phraseProblem('name or phrase', text, PASSAGE_LIMITS.phraseBytes);
      if (wrong !== undefined) return wrong;
    }
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTable(value: unknown): value is NameTable {
  return Array.isArray(value) && value.every(isRow);
}

function isRow(row: unknown): boolean {
  return Array.isArray(row) && row.length === 2 && typeof row[0] === 'string' && Array.isArray(row[1]);
}

function tooLong(bytes: number): string {
  return `it has ${bytes} bytes, above ${KNOWLEDGE_BUNDLE_BYTES_MAX}`;
}

function refused(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
