/**
 * The file of `synod data export` on disk: what is in it so far, and how more is put behind it. Owns appending, and cutting off a last line
 * that an interruption left half.
 */
import { createReadStream, existsSync, openSync, truncateSync, writeSync } from 'node:fs';
import { blockId, SynodError } from '@synod/chain';
import {
  DATA_LINE_CHARACTERS_MAX,
  type DataHead,
  type DataHeadJson,
  type DataItemJson,
  readDataLine,
} from '@synod/rpc/feedback-data';

/** What an export is of; another cannot be put behind it. */
export type ExportTerms = Pick<DataHeadJson, 'chainId' | 'domain' | 'from' | 'consents'>;

/** What lies there: the terms and the number of the last feedback, null where there is none yet. */
export type Written = {
  readonly terms: ExportTerms | null;
  readonly last: number | null;
  readonly items: number;
  /** Block of the first head: whoever trusts it needs no more to believe the others. */
  readonly checkpoint: string | null;
};

export type DataSink = { write(line: DataHeadJson | DataItemJson): void };

const NOTHING: Written = { terms: null, last: null, items: 0, checkpoint: null };
const NEWLINE = 10;

/** Reads what an earlier export wrote, and cuts off what is not a whole line. Throws `EXPORT_FILE_FOREIGN` for any other file. */
export async function resumeFile(file: string): Promise<Written> {
  if (!existsSync(file)) return NOTHING;
  let written = NOTHING;
  let wholeBytes = 0;
  for await (const { text, bytes, isWhole } of fileLines(file)) {
    if (!isWhole) break;
    wholeBytes += bytes;
    const line = readDataLine(text);
    if (!line.ok) throw foreign(file, line.reason);
    if (line.value.kind === 'head')
      written = { ...written, terms: termsOf(line.value), checkpoint: written.checkpoint ?? checkpointOf(line.value) };
    else written = { ...written, last: line.value.feedback.number, items: written.items + 1 };
  }
  truncateSync(file, wholeBytes);
  return written;
}

export function termsOf({ chainId, domain, from, consents }: ExportTerms): ExportTerms {
  return { chainId, domain, from, consents };
}

/** HEIGHT@HASH of a head's block. */
export function checkpointOf({ block: { header } }: Pick<DataHead, 'block'>): string {
  return `${header.height}@0x${blockId(header)}`;
}

/** Lines go behind what is in the file, or to standard output. */
export function openSink(file: string | undefined): DataSink {
  const descriptor = file === undefined ? 1 : openSync(file, 'a');
  return {
    write(line) {
      writeAll(descriptor, Buffer.from(`${JSON.stringify(line)}\n`, 'utf8'));
    },
  };
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

export type FileLine = { readonly text: string; readonly bytes: number; readonly isWhole: boolean };

/** The lines of a file, or of standard input for `-`, one at a time. `isWhole`: it ends as lines do. Throws `PROOF_INVALID` for an endless one. */
export async function* fileLines(file: string): AsyncGenerator<FileLine> {
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(start, end)]);
      yield { text: bytes.toString('utf8'), bytes: bytes.length + 1, isWhole: true };
      rest = [];
      restBytes = 0;
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (restBytes > DATA_LINE_CHARACTERS_MAX) throw tooLong(file);
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield { text: last.toString('utf8'), bytes: last.length, isWhole: false };
}

function foreign(file: string, reason: string): SynodError {
  return new SynodError(
    'EXPORT_FILE_FOREIGN',
    `${file} is no export that can be gone on with: ${reason}. Name another file with --out; nothing was changed.`,
    { facts: { file, reason } },
  );
}

function tooLong(file: string): SynodError {
  return new SynodError(
    'PROOF_INVALID',
    `${file} has a line of more than ${DATA_LINE_CHARACTERS_MAX} bytes, so it is no such file. Get it again.`,
    { facts: { file } },
  );
}
