/**
 * Recordings of real answers and real judges' scores: one gzipped JSON line a question, a file a domain, and a manifest that names every
 * file's SHA-256. Owns the format; record.ts makes them, replay.ts reads them.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { AnswerSegment } from '../../packages/inference/src/client/protocol.ts';
import { DOMAINS, type DomainName } from './population.ts';

export type RecordedAnswer = {
  /** Of ANSWERERS or LIARS. */
  readonly expert: string;
  readonly text: string;
  readonly bytes: number;
  readonly grounding: 'quote' | 'phrased' | 'refused' | 'ungrounded' | 'malicious';
  readonly segments: readonly AnswerSegment[];
  readonly promptTokens: number;
  readonly confidencePpm: number;
  /** By the experts package's scoring. */
  readonly contains: boolean;
  readonly strict: boolean;
  /** Of the worker process, for this answer alone; 0 for texts that nobody computed. */
  readonly cpuMs: number;
  /** What each judge gives it, in ppm. */
  readonly scores: Readonly<Record<string, number>>;
};

export type RecordedQuestion = {
  readonly id: string;
  readonly domain: DomainName;
  readonly question: string;
  readonly subject: string;
  readonly relation: string;
  readonly kind: 'template' | 'hand';
  readonly gold: readonly string[];
  readonly caseSensitive: boolean;
  readonly answers: readonly RecordedAnswer[];
  /** CPU of scoring all the answers, by judge. */
  readonly judgeCpuMs: Readonly<Record<string, number>>;
};

export type Manifest = {
  readonly formatVersion: 1;
  readonly seed: string;
  readonly model: string;
  readonly machine: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly lines: number }>>;
};

export const RECORDINGS: string = fileURLToPath(new URL('recordings', import.meta.url));

const fileOf = (domain: string): string => `${domain}.jsonl.gz`;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Every recorded question, domain by domain, checked against the manifest. Throws when a file is not the one that was recorded. */
export function readRecordings(directory: string = RECORDINGS): readonly RecordedQuestion[] {
  const { files } = readManifest(directory);
  const recorded = DOMAINS.map(fileOf).filter((name) => files[name] !== undefined);
  return recorded.flatMap((name) => readPinned(name, directory) as readonly RecordedQuestion[]);
}

export function readManifest(directory: string = RECORDINGS): Manifest {
  return JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Manifest;
}

/** The lines of a file that the manifest names. Throws when its bytes are others. */
export function readPinned(name: string, directory: string = RECORDINGS): readonly unknown[] {
  const bytes = readFileSync(join(directory, name));
  if (sha256(bytes) !== readManifest(directory).files[name]?.sha256) {
    throw new Error(
      `${name} is not the recording that manifest.json names. Restore it, or record anew with record.ts.`,
    );
  }
  const lines = gunzipSync(bytes).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Writes one domain's file and enters it into the manifest. */
export function writeRecording(
  domain: DomainName,
  questions: readonly RecordedQuestion[],
  { directory = RECORDINGS, ...about }: Pick<Manifest, 'seed' | 'model' | 'machine'> & { directory?: string },
): void {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'manifest.json');
  const files = existsSync(file) ? readManifest(directory).files : {};
  writeManifest({ formatVersion: 1, ...about, files }, directory);
  writePinned(fileOf(domain), questions, directory);
}

/** Writes the lines and enters the file's hash into the manifest, which is there already. */
export function writePinned(name: string, lines: readonly unknown[], directory: string = RECORDINGS): void {
  const bytes = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { level: 9 });
  writeFileSync(join(directory, name), bytes);
  const manifest = readManifest(directory);
  const files = { ...manifest.files, [name]: { sha256: sha256(bytes), lines: lines.length } };
  const sorted = Object.fromEntries(Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeManifest({ ...manifest, files: sorted }, directory);
}

function writeManifest(manifest: Manifest, directory: string): void {
  writeFileSync(join(directory, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
