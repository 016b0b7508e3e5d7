/**
 * The write-ahead log on disk (consensus §1.8): segments of records, each with its length and CRC-32C.
 * Owns bytes, fsync and damage; what a record means is the host's (host/wal-records.ts).
 *
 * A segment begins when everything before it is finished, so only the newest one counts; older ones are deleted once
 * the newer one is durable. Record: u32 length, u32 checksum over (segment, offset, length, bytes), bytes. The
 * checksum covers the place, so bytes of an older record or of a message inside a record never pass for one.
 */

import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import type { Wal } from '../host/ports.ts';
import { crc32c } from './crc32c.ts';
import { type FileOperations, syncDirectory, systemFiles, writeAll } from './durable-files.ts';
import { makeDirectory } from './make-directory.ts';

export const WAL_LIMITS = {
  /** Largest record; a longer length in a file is damage. */
  recordBytesMax: 64 * 1024 * 1024,
  /** Buffered bytes above which they are handed to the system before the next `sync`. */
  bufferBytesMax: 1024 * 1024,
  /** Bytes checksummed while looking for whole records behind a bad one; beyond it counts as damage in the middle. */
  rescanBytesMax: 256 * 1024 * 1024,
} as const;

const HEADER_BYTES = 8;

/** What was found wrong at opening. `tornTail`: a crash cut the last write short, repaired by cutting it off. */
export type WalDamage =
  | null
  | { readonly kind: 'tornTail'; readonly cutBytes: number }
  | { readonly kind: 'damagedMiddle'; readonly segment: string; readonly offset: number };

export type OpenedWal = {
  readonly wal: Wal;
  /** Records since the last `truncate`, in order; up to the damage when there is any. */
  readonly records: readonly Uint8Array[];
  readonly damage: WalDamage;
  /** Syncs and closes the file; the log accepts nothing afterwards. */
  close(): void;
};

/**
 * Opens the log, creating the directory when it is missing. After `damagedMiddle` the log still takes records, and the
 * damage is reported again at every opening until `truncate` starts a new segment.
 * Throws `WAL_READ_FAILED` or `WAL_WRITE_FAILED`; after a failed write every later call throws it too.
 */
export function openWal(options: { readonly directory: string; readonly files?: FileOperations }): OpenedWal {
  const { directory, files = systemFiles } = options;
  const { segment, records, damage } = recover(directory, files);
  const log = new WalFile(directory, segment, files);
  return { wal: log, records, damage, close: () => log.close() };
}

class WalFile implements Wal {
  readonly #directory: string;
  readonly #files: FileOperations;
  #segment: number;
  #descriptor: number;
  #offset: number;
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  #failure: SynodError | null = null;

  constructor(directory: string, segment: { readonly number: number; readonly bytes: number }, files: FileOperations) {
    this.#directory = directory;
    this.#files = files;
    this.#segment = segment.number;
    this.#offset = segment.bytes;
    this.#descriptor = this.#guard(() => files.openSync(join(directory, segmentName(segment.number)), 'a', 0o600));
  }

  append(record: Uint8Array): void {
    this.#guard(() => {
      if (record.length === 0 || record.length > WAL_LIMITS.recordBytesMax) {
        throw new RangeError(`a record has 1 to ${WAL_LIMITS.recordBytesMax} bytes, not ${record.length}`);
      }
      const framed = frameRecord(this.#segment, this.#offset, record);
      this.#buffered.push(framed);
      this.#bufferedBytes += framed.length;
      this.#offset += framed.length;
      if (this.#bufferedBytes > WAL_LIMITS.bufferBytesMax) this.#flush();
    });
  }

  sync(): void {
    this.#guard(() => {
      this.#flush();
      this.#files.fdatasyncSync(this.#descriptor);
    });
  }

  truncate(): void {
    this.#guard(() => {
      const next = this.#segment + 1;
      const descriptor = createSegment(this.#files, this.#directory, next);
      this.#files.closeSync(this.#descriptor);
      this.#segment = next;
      this.#descriptor = descriptor;
      this.#offset = 0;
      this.#buffered = [];
      this.#bufferedBytes = 0;
      deleteOlderSegments(this.#files, this.#directory, next);
    });
  }

  close(): void {
    if (this.#failure === null) this.sync();
    closeSync(this.#descriptor);
    this.#failure ??= writeFailed(this.#directory, new Error('the log is closed'));
  }

  #flush(): void {
    if (this.#bufferedBytes === 0) return;
    writeAll(this.#files, this.#descriptor, Buffer.concat(this.#buffered, this.#bufferedBytes));
    this.#buffered = [];
    this.#bufferedBytes = 0;
  }

  /** A write that failed leaves unknown bytes behind, and fsync must not be tried again: the log stays failed. */
  #guard<T>(action: () => T): T {
    if (this.#failure) throw this.#failure;
    try {
      return action();
    } catch (cause) {
      this.#failure = writeFailed(this.#directory, cause);
      throw this.#failure;
    }
  }
}

type Segment = { readonly number: number; readonly bytes: number };

function recover(
  directory: string,
  files: FileOperations,
): { readonly segment: Segment; readonly records: readonly Uint8Array[]; readonly damage: WalDamage } {
  let content: Uint8Array;
  let number: number;
  try {
    makeDirectory(directory);
    number = segmentNumbers(directory).at(-1) ?? 0;
    if (number === 0) {
      number = 1;
      files.closeSync(createSegment(files, directory, number));
    }
    content = readFileSync(join(directory, segmentName(number)));
  } catch (cause) {
    throw readFailed(directory, cause);
  }
  const found = scanSegment(number, content);
  let bytes = content.length;
  try {
    deleteOlderSegments(files, directory, number);
    if (found.damage?.kind === 'tornTail') {
      bytes -= found.damage.cutBytes;
      cutFile(files, join(directory, segmentName(number)), bytes);
    }
  } catch (cause) {
    throw writeFailed(directory, cause);
  }
  return { segment: { number, bytes }, records: found.records, damage: found.damage };
}

/** Whole records of a segment's bytes, in order, up to the damage when there is any. Pure. */
export function scanSegment(
  segment: number,
  content: Uint8Array,
): { readonly records: Uint8Array[]; readonly damage: WalDamage } {
  const records: Uint8Array[] = [];
  let offset = 0;
  while (offset < content.length) {
    const record = recordAt(segment, content, offset);
    if (record === null) {
      const damage: WalDamage = hasRecordAfter(segment, content, offset)
        ? { kind: 'damagedMiddle', segment: segmentName(segment), offset }
        : { kind: 'tornTail', cutBytes: content.length - offset };
      return { records, damage };
    }
    records.push(record);
    offset += HEADER_BYTES + record.length;
  }
  return { records, damage: null };
}

/** Whole record at the offset, or null when the bytes there are none. */
function recordAt(segment: number, content: Uint8Array, offset: number): Uint8Array | null {
  const length = plausibleLength(content, offset);
  if (length === null) return null;
  const view = new DataView(content.buffer, content.byteOffset);
  const bytes = content.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length);
  return view.getUint32(offset + 4) === checksum(segment, offset, bytes) ? bytes : null;
}

function plausibleLength(content: Uint8Array, offset: number): number | null {
  if (offset + HEADER_BYTES > content.length) return null;
  const length = new DataView(content.buffer, content.byteOffset).getUint32(offset);
  if (length === 0 || length > WAL_LIMITS.recordBytesMax) return null;
  return offset + HEADER_BYTES + length <= content.length ? length : null;
}

/** Records were written whole behind a bad one: then it was not the last write that tore. */
function hasRecordAfter(segment: number, content: Uint8Array, badOffset: number): boolean {
  let budget = WAL_LIMITS.rescanBytesMax;
  for (let offset = badOffset + 1; offset + HEADER_BYTES < content.length; offset++) {
    const length = plausibleLength(content, offset);
    if (length === null) continue;
    budget -= length;
    if (budget < 0 || recordAt(segment, content, offset) !== null) return true;
  }
  return false;
}

/** A record as it stands in a segment at `offset`. Pure. */
export function frameRecord(segment: number, offset: number, record: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER_BYTES + record.length);
  const view = new DataView(framed.buffer);
  view.setUint32(0, record.length);
  view.setUint32(4, checksum(segment, offset, record));
  framed.set(record, HEADER_BYTES);
  return framed;
}

function checksum(segment: number, offset: number, record: Uint8Array): number {
  const place = new DataView(new ArrayBuffer(20));
  place.setBigUint64(0, BigInt(segment));
  place.setBigUint64(8, BigInt(offset));
  place.setUint32(16, record.length);
  return crc32c(record, crc32c(new Uint8Array(place.buffer)));
}

/** Creates an empty segment and makes its name durable; gives its descriptor. */
function createSegment(files: FileOperations, directory: string, number: number): number {
  const descriptor = files.openSync(join(directory, segmentName(number)), 'a', 0o600);
  files.fsyncSync(descriptor);
  syncDirectory(files, directory);
  return descriptor;
}

function deleteOlderSegments(files: FileOperations, directory: string, newest: number): void {
  for (const number of segmentNumbers(directory)) {
    if (number < newest) files.rmSync(join(directory, segmentName(number)));
  }
}

function cutFile(files: FileOperations, path: string, bytes: number): void {
  const descriptor = files.openSync(path, 'r+');
  try {
    files.ftruncateSync(descriptor, bytes);
    files.fsyncSync(descriptor);
  } finally {
    files.closeSync(descriptor);
  }
}

function segmentName(number: number): string {
  return `${String(number).padStart(12, '0')}.wal`;
}

/** Ascending numbers of the segments present. */
function segmentNumbers(directory: string): number[] {
  const names = readdirSync(directory).filter((name) => /^\d{12}\.wal$/.test(name));
  return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
}

function writeFailed(directory: string, cause: unknown): SynodError {
  return new SynodError(
    'WAL_WRITE_FAILED',
    `The write-ahead log in ${directory} could not be written: ${reasonOf(cause)}. ` +
      'Free disk space or check the disk and its permissions, then start the node again.',
    { facts: { directory }, cause },
  );
}

function readFailed(directory: string, cause: unknown): SynodError {
  return new SynodError(
    'WAL_READ_FAILED',
    `The write-ahead log in ${directory} could not be read: ${reasonOf(cause)}. ` +
      'Check the permissions of the data directory, then start the node again.',
    { facts: { directory }, cause },
  );
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
