/**
 * Feedback as learning reads it: blobs on this machine, decoded and checked against the chain once more. Owns what an example of a job
 * is and what a version learnt; fetching is the blob desk's.
 */
import {
  correctionPassage,
  decodeFeedbackBlob,
  type FeedbackBlob,
  feedbackBlobProblem,
  type LearningLine,
  type ModelVersion,
  readFeedback,
  readLine,
  readVersion,
  type StateView,
} from '@synod/chain';
import type { LearningExample } from '@synod/inference';
import type { LearntEntry } from './learning-ports.ts';
import { limits } from './limits.ts';
import type { BlobStore } from './ports.ts';

export type BlobReader = { readonly view: StateView; readonly blobs: BlobStore | undefined };

/** The feedback's text; null where it is not here, or not what its record says. */
export function feedbackBlob({ view, blobs }: BlobReader, domain: string, number: number): FeedbackBlob | null {
  const feedback = readFeedback(view, domain, number);
  const bytes = feedback === null ? null : (blobs?.read(feedback.content) ?? null);
  const blob = bytes === null ? null : decodeFeedbackBlob(bytes);
  return blob === null || feedback === null || feedbackBlobProblem(blob, feedback) !== null ? null : blob;
}

/** The feedback of those numbers in their order; null while any is not here. */
export function examplesOf(
  reader: BlobReader,
  domain: string,
  numbers: readonly number[],
): readonly LearningExample[] | null {
  const examples = numbers.map((number) => exampleOf(reader, domain, number));
  return examples.every((example) => example !== null) ? examples : null;
}

/** The newest feedback that was learnt from, oldest first, without these numbers. What is not here is left out. */
export function earlierExamples(
  reader: BlobReader,
  { domain, feedback }: LearningLine,
  without: readonly number[],
): readonly LearningExample[] {
  const numbers: number[] = [];
  const last = Math.max(0, feedback - limits.earlierSearched);
  for (let number = feedback - 1; number >= last && numbers.length < limits.earlierExamples; number--) {
    if (!without.includes(number) && readFeedback(reader.view, domain, number)?.state === 'used') numbers.push(number);
  }
  return numbers.toReversed().flatMap((number) => exampleOf(reader, domain, number) ?? []);
}

/** Passages of the version and of those before it, in the order of their leaves; null while any is not here. */
export function learntEntries(reader: BlobReader, version: ModelVersion): readonly LearntEntry[] | null {
  const numbers = lineOf(reader.view, version).flatMap(({ learnt }) => learnt);
  const entries = numbers.map((number) => {
    const blob = feedbackBlob(reader, version.domain, number);
    const passage = blob === null ? null : correctionPassage(blob);
    return blob === null || passage === null ? null : { ...passage, prompt: blob.prompt, number };
  });
  return entries.every((entry) => entry !== null) ? entries : null;
}

/** The version and its parents, oldest first. */
export function lineOf(view: StateView, version: ModelVersion): readonly ModelVersion[] {
  const line = [version];
  for (let { number, parent } = version; parent < number; ) {
    const before = readVersion(view, version.domain, parent);
    if (before === null) break;
    line.unshift(before);
    ({ number, parent } = before);
  }
  return line;
}

function exampleOf(reader: BlobReader, domain: string, number: number): LearningExample | null {
  const blob = feedbackBlob(reader, domain, number);
  if (blob === null) return null;
  const { author, prompt, answer, rating } = blob;
  return { number, author, prompt, answer, rating, passage: correctionPassage(blob) };
}

/** Where the domain's learning stands, for those whose domain must have one. */
export function requireLine(view: StateView, domain: string): LearningLine {
  const line = readLine(view, domain);
  if (line === null) throw new Error(`a round of ${domain} without a line`);
  return line;
}
