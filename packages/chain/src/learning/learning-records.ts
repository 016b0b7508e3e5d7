/** Typed access to learning's records (spec: learning §1). Owns the pairing of key and codec; the rules are beside it. */
import * as codec from '../codec/index.ts';
import { stateKeys } from '../state/keys.ts';
import { type RecordForm, readRecord, remembered, writeRecord } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type {
  Address,
  AskedQuery,
  Feedback,
  Hash,
  LearningLine,
  LineageUse,
  ModelVersion,
  PendingBlob,
  ScoreSum,
  TrainingRound,
} from '../types/index.ts';

const forms = {
  asked: remembered({ encode: codec.encodeAskedQuery, decode: codec.decodeAskedQuery }),
  feedback: remembered({ encode: codec.encodeFeedback, decode: codec.decodeFeedback }),
  blobs: remembered({ encode: codec.encodePendingBlobs, decode: codec.decodePendingBlobs }),
  domains: remembered({ encode: codec.encodeDomainList, decode: codec.decodeDomainList }),
  line: remembered({ encode: codec.encodeLearningLine, decode: codec.decodeLearningLine }),
  version: remembered({ encode: codec.encodeModelVersion, decode: codec.decodeModelVersion }),
  round: remembered({ encode: codec.encodeTrainingRound, decode: codec.decodeTrainingRound }),
  hashes: remembered({ encode: codec.encodeHashList, decode: codec.decodeHashList }),
  lineage: remembered({ encode: codec.encodeLineageUse, decode: codec.decodeLineageUse }),
} as const;

/** A settled query while it takes feedback. */
export function readAsked(view: StateView, queryId: Hash): AskedQuery | null {
  return readRecord(view, stateKeys.asked(queryId), forms.asked);
}

export function writeAsked(overlay: Overlay, asked: AskedQuery): void {
  writeRecord(overlay, stateKeys.asked(asked.queryId), forms.asked, asked);
}

export function readFeedback(view: StateView, domain: string, number: number): Feedback | null {
  return readRecord(view, stateKeys.feedback(domain, number), forms.feedback);
}

export function writeFeedback(overlay: Overlay, feedback: Feedback): void {
  writeRecord(overlay, stateKeys.feedback(feedback.domain, feedback.number), forms.feedback, feedback);
}

/** Blobs that wait for attestation, oldest first. */
export function listPendingBlobs(view: StateView): readonly PendingBlob[] {
  return readRecord(view, stateKeys.blobs, forms.blobs) ?? [];
}

export function writePendingBlobs(overlay: Overlay, blobs: readonly PendingBlob[]): void {
  writeList(overlay, stateKeys.blobs, forms.blobs, blobs);
}

/** Domains that learn, ascending. */
export function listLines(view: StateView): readonly string[] {
  return readRecord(view, stateKeys.lines, forms.domains) ?? [];
}

/** Of no answers. */
export const NO_SCORES: ScoreSum = { sum: 0, squares: 0, count: 0 };

/** The line of a domain that begins to learn. */
export function newLine(domain: string): LearningLine {
  const start = { feedback: 0, waiting: [], stable: 0, last: 0, canary: null, control: null, rollbackVotes: [] };
  return { domain, ...start, live: NO_SCORES, baseline: NO_SCORES };
}

/** Where a domain's learning stands; null before its first feedback. */
export function readLine(view: StateView, domain: string): LearningLine | null {
  return readRecord(view, stateKeys.line(domain), forms.line);
}

/** Lists the domain too. */
export function writeLine(overlay: Overlay, line: LearningLine): void {
  const listed = listLines(overlay);
  if (!listed.includes(line.domain))
    writeRecord(overlay, stateKeys.lines, forms.domains, [...listed, line.domain].sort());
  writeRecord(overlay, stateKeys.line(line.domain), forms.line, line);
}

/** A version; 0 only where genesis brought factors. */
export function readVersion(view: StateView, domain: string, number: number): ModelVersion | null {
  return readRecord(view, stateKeys.version(domain, number), forms.version);
}

export function writeVersion(overlay: Overlay, version: ModelVersion): void {
  writeRecord(overlay, stateKeys.version(version.domain, version.number), forms.version, version);
}

/** The domain's round under way. */
export function readRound(view: StateView, domain: string): TrainingRound | null {
  return readRecord(view, stateKeys.round(domain), forms.round);
}

export function writeRound(overlay: Overlay, round: TrainingRound): void {
  writeRecord(overlay, stateKeys.round(round.domain), forms.round, round);
}

export function deleteRound(overlay: Overlay, domain: string): void {
  overlay.delete(stateKeys.round(domain));
}

/** RFC 6962 roots of the full subtrees over a version's learnt passages, largest first: what appending needs. */
export function readLearntPeaks(view: StateView, domain: string, version: number): readonly Hash[] {
  return readRecord(view, stateKeys.learnt(domain, version), forms.hashes) ?? [];
}

export function writeLearntPeaks(overlay: Overlay, domain: string, version: number, peaks: readonly Hash[]): void {
  writeList(overlay, stateKeys.learnt(domain, version), forms.hashes, peaks);
}

/** True unless the expert declined. */
export function isLearning(view: StateView, expert: Address): boolean {
  return view.get(stateKeys.unlearning(expert)) == null;
}

export function writeLearning(overlay: Overlay, expert: Address, learns: boolean): void {
  if (learns) overlay.delete(stateKeys.unlearning(expert));
  else overlay.set(stateKeys.unlearning(expert), Uint8Array.of(1));
}

/** What versions earned for their contributors in this epoch, ascending by domain. */
export function listLineageUse(view: StateView): readonly LineageUse[] {
  return readRecord(view, stateKeys.lineage, forms.lineage) ?? [];
}

export function writeLineageUse(overlay: Overlay, use: readonly LineageUse[]): void {
  writeList(overlay, stateKeys.lineage, forms.lineage, use);
}

function writeList<T>(overlay: Overlay, key: string, form: RecordForm<readonly T[]>, items: readonly T[]): void {
  if (items.length === 0) overlay.delete(key);
  else writeRecord(overlay, key, form, items);
}
