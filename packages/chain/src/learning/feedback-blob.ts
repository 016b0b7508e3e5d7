/**
 * What a user says about an answer, as the blob that a `feedback.give` names (spec: learning §2.2): its canonical text, what it
 * must be for its record, and the passage that a correction becomes. Owns no record and no money.
 */

import { passageLeaf } from '../codec/index.ts';
import { codecLimits } from '../codec/limits.ts';
import { isHex } from '../crypto/hex.ts';
import { parseAddress } from '../crypto/index.ts';
import { SynodError } from '../errors.ts';
import { merkleLeafHash } from '../merkle/index.ts';
import { type Address, type Feedback, type FeedbackRating, type Hash, ZERO_HASH } from '../types/index.ts';
import { promptHash } from './commitments.ts';

/** `train`: learn from it. `release`: it may also be published in a data set. */
export type FeedbackConsent = 'train' | 'release';

export type FeedbackBlob = {
  readonly formatVersion: 1;
  readonly queryId: Hash;
  readonly domain: string;
  readonly author: Address;
  readonly rating: FeedbackRating;
  readonly prompt: string;
  readonly answer: string;
  /** What would have been right; text exactly where `rating` is `correct`. */
  readonly correction: string | null;
  /** Where the correction is from, in one line; with a correction only. */
  readonly source: string | null;
  /** SPDX id. */
  readonly licence: string;
  readonly consent: FeedbackConsent;
};

/** A passage of learnt knowledge. */
export type LearntPassage = { readonly text: string; readonly source: string };

/** In bytes: of the whole blob, of a source and of a licence. */
const limits = { blobBytes: 64 * 1024, sourceBytes: 1024, licenceBytes: 64 } as const;

/** Longest source of a correction, in bytes of UTF-8. */
export const FEEDBACK_SOURCE_BYTES_MAX: number = limits.sourceBytes;

const DIGITS_SHOWN = 12;
const SENTENCE_WORDS = 4;

/** The blob's one text. Throws `FEEDBACK_NOT_ENCODABLE` where {@link decodeFeedbackBlob} would not take it back. */
export function encodeFeedbackBlob(blob: FeedbackBlob): Uint8Array {
  const wrong = wrongField(blob);
  const bytes = new TextEncoder().encode(textOf(blob));
  if (wrong === null && bytes.length <= limits.blobBytes) return bytes;
  throw new SynodError(
    'FEEDBACK_NOT_ENCODABLE',
    `The feedback cannot be written: its ${wrong ?? 'length'} is not as docs/spec/learning.md §2.2 says. Change it and give the feedback again.`,
    { facts: { field: wrong ?? 'length', bytes: bytes.length, bytesMax: limits.blobBytes } },
  );
}

/** The blob behind canonical bytes, or null. Never throws. */
export function decodeFeedbackBlob(bytes: Uint8Array): FeedbackBlob | null {
  if (bytes.length > limits.blobBytes) return null;
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null) return null;
  const blob = value as FeedbackBlob;
  if (wrongField(blob) !== null) return null;
  // Fields unknown, doubled or in another order, spaces and other escapes: all show here.
  return Buffer.compare(new TextEncoder().encode(textOf(blob)), bytes) === 0 ? blob : null;
}

/** What a record fixes of its blob. */
export type FeedbackTerms = Pick<Feedback, 'queryId' | 'domain' | 'author' | 'rating' | 'promptHash' | 'leaf'>;

/** Name of the first field that is not what the record says, or null: who finds one does not attest the blob. */
export function feedbackBlobProblem(blob: FeedbackBlob, feedback: FeedbackTerms): string | null {
  for (const field of ['queryId', 'domain', 'author', 'rating'] as const)
    if (blob[field] !== feedback[field]) return field;
  if (promptHash(blob.prompt) !== feedback.promptHash) return 'prompt';
  return correctionLeaf(blob) === feedback.leaf ? null : 'leaf';
}

/** What a `feedback.give` of this blob names as `leaf`: of its correction's passage, or `ZERO_HASH`. */
export function correctionLeaf(blob: FeedbackBlob): Hash {
  const passage = correctionPassage(blob);
  return passage === null ? ZERO_HASH : merkleLeafHash(passageLeaf(passage));
}

/** The passage that a correction becomes; null for a rating. */
export function correctionPassage(blob: FeedbackBlob): LearntPassage | null {
  const { correction, prompt, source, queryId, licence } = blob;
  if (correction === null) return null;
  const said = correction.trim();
  const text = isSentence(said) ? said : `${prompt.trim()} ${said}`;
  const from = source === null ? 'a user of Synod' : source.trim();
  return { text, source: `${from}, feedback ${queryId.slice(0, DIGITS_SHOWN)}, ${licence}` };
}

function isSentence(text: string): boolean {
  return /[.!?]$/.test(text) && text.split(/\s+/).length >= SENTENCE_WORDS;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // Not UTF-8 or not JSON: a verdict on somebody's bytes.
    return null;
  }
}

/** JSON without spaces, fields in their one order. */
function textOf(blob: FeedbackBlob): string {
  const { queryId, domain, author, rating, prompt, answer, correction, source, licence, consent } = blob;
  return JSON.stringify({
    formatVersion: 1,
    queryId,
    domain,
    author,
    rating,
    prompt,
    answer,
    correction,
    source,
    licence,
    consent,
  });
}

/** Judges any value that calls itself a blob: every field is looked at before it is trusted. */
function wrongField(blob: FeedbackBlob): string | null {
  const { correction, source } = blob;
  if (blob.formatVersion !== 1) return 'formatVersion';
  if (!isText(blob.queryId) || !isHex(blob.queryId, 32)) return 'queryId';
  if (!isText(blob.domain) || byteLength(blob.domain) > codecLimits.domainBytes) return 'domain';
  if (!isText(blob.author) || !parseAddress(blob.author).ok) return 'author';
  if (!['good', 'bad', 'correct'].includes(blob.rating)) return 'rating';
  if (!isText(blob.prompt) || blob.prompt.trim() === '') return 'prompt';
  if (!isText(blob.answer)) return 'answer';
  const isCorrection = blob.rating === 'correct';
  if (isCorrection ? !isText(correction) || correction.trim() === '' : correction !== null) return 'correction';
  if (source !== null && !(isCorrection && isSource(source))) return 'source';
  if (!isText(blob.licence) || !isLicence(blob.licence)) return 'licence';
  return ['train', 'release'].includes(blob.consent) ? null : 'consent';
}

/** Text that is its UTF-8: without lone surrogates, which no passage could hold. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed();
}

/** One line, not empty. */
function isSource(source: unknown): source is string {
  if (!isText(source) || source.trim() === '' || /\p{Cc}/u.test(source)) return false;
  return byteLength(source) <= limits.sourceBytes;
}

function isLicence(licence: string): boolean {
  return /^[A-Za-z0-9.+-]+$/.test(licence) && licence.length <= limits.licenceBytes;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
