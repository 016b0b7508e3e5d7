/**
 * Vectors of texts, in memory and in a file that only grows. Owns the file's format and what happens when it is damaged, of another
 * embedder or cannot be written: vectors are derived data, so they are computed again and nothing fails because of the cache.
 *
 * The file: 12 bytes of header (`SYNV`, version, dimensions), the vector of a fixed text as a sign of the embedder, then records of equal length:
 * the first 16 bytes of the text's SHA-256 ‖ scale (float32) ‖ one signed byte a dimension. A torn last record is left out. Several
 * processes may append at once: each record is written whole.
 */
import { createHash } from 'node:crypto';
import { access, appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JobControl } from '../engine/control.ts';
import { writeWhole } from '../files/whole-file.ts';
import { limits } from './limits.ts';
import { makeRoomFor } from './vectors-file.ts';

/** Unit vectors of texts, one each, in order. */
export type Embed = (texts: readonly string[], control: JobControl) => Promise<Float32Array[]>;

export type VectorStore = {
  /** The text's vector, when it is there already. */
  get(text: string): StoredVector | undefined;
  /** Takes those of the texts' vectors into memory that the file holds; a file that is not sound is written anew. */
  load(texts: readonly string[]): Promise<void>;
  /** Computes and keeps the vectors that are missing. */
  fill(texts: readonly string[], control: JobControl): Promise<void>;
  readonly dimensions: number;
};

/** A unit vector in one byte a dimension. */
export type StoredVector = { readonly scale: number; readonly bytes: Int8Array };
type Row = StoredVector;

const KEY_BYTES = 16;
const HEADER_BYTES = 12;
const MAGIC = 0x53594e56;
const FORMAT_VERSION = 1;
const PROBE = 'The quick brown fox jumps over the lazy dog.';
/** An equal embedder gives the probe's vector again up to rounding. */
const PROBE_COSINE_MIN = 0.99;

/** Opens the store; a file of `null` keeps vectors in memory alone. */
export async function openVectorStore(
  { file, embed }: { file: string | null; embed: Embed },
  control: JobControl,
): Promise<VectorStore> {
  const [probe] = await embed([PROBE], control);
  /** By the text itself: the strings are there anyway, and hashing each for every question would cost milliseconds. */
  const rows = new Map<string, Row>();
  const disk = file === null ? null : createDisk(file, probe!);
  return {
    dimensions: probe!.length,
    get: (text) => rows.get(text),
    load: async (texts) => disk?.load(texts, rows),
    async fill(texts, fillControl) {
      const missing = [...new Set(texts)].filter((text) => !rows.has(text));
      if (missing.length === 0) return;
      const vectors = await embed(missing, fillControl);
      const added = missing.map((text, i): [string, Row] => [text, quantise(vectors[i]!)]);
      for (const [text, row] of added) rows.set(text, row);
      await disk?.append(added);
    },
  };
}

const keyOf = (text: string): string => createHash('sha256').update(text).digest().toString('latin1', 0, KEY_BYTES);

function quantise(vector: Float32Array): Row {
  const largest = vector.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const scale = largest === 0 ? 1 : largest / 127;
  return { scale, bytes: Int8Array.from(vector, (value) => Math.round(value / scale)) };
}

/** Cosine of a unit vector and a stored one. */
export const storedCosine = (vector: Float32Array, { scale, bytes }: StoredVector): number =>
  productAt(vector, bytes, 0) * scale;

/**
 * Product of a vector with as many bytes, from `start` on. Four sums at once: each addition waits for the one before it, and a search compares a
 * question with every passage of its domain.
 */
export function productAt(vector: Float32Array, bytes: Int8Array, start: number): number {
  const fours = vector.length - (vector.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < fours; i += 4) {
    const at = start + i;
    a += vector[i]! * bytes[at]!;
    b += vector[i + 1]! * bytes[at + 1]!;
    c += vector[i + 2]! * bytes[at + 2]!;
    d += vector[i + 3]! * bytes[at + 3]!;
  }
  for (let i = fours; i < vector.length; i++) a += vector[i]! * bytes[start + i]!;
  return a + b + (c + d);
}

/** Cosine of two stored vectors. */
export function cosineOfStored(a: StoredVector, b: StoredVector): number {
  let sum = 0;
  for (let i = 0; i < a.bytes.length; i++) sum += a.bytes[i]! * b.bytes[i]!;
  return sum * a.scale * b.scale;
}

type Disk = {
  load(texts: readonly string[], into: Map<string, Row>): Promise<void>;
  append(rows: readonly (readonly [string, Row])[]): Promise<void>;
};

/** Writes that fail end the use of the file, not the work: the vectors stay in memory. */
function createDisk(file: string, probe: Float32Array): Disk {
  let isUsable = true;
  const attempt = async (write: () => Promise<void>): Promise<void> => {
    if (!isUsable) return;
    try {
      await write();
    } catch {
      isUsable = false;
    }
  };
  const replace = async (bytes: Buffer): Promise<void> => {
    await mkdir(dirname(file), { recursive: true });
    await writeWhole(file, bytes);
  };
  return {
    async load(texts, into) {
      const found = await readFile(file).catch(() => null);
      const stored = found === null ? null : decodeFile(found, probe);
      const byKey = new Map(stored?.rows);
      for (const text of texts) {
        const row = byKey.get(keyOf(text));
        if (row !== undefined) into.set(text, row);
      }
      const isSound = stored?.isWhole === true && stored.rows.length - into.size <= limits.staleRecordsMax;
      await attempt(async () => {
        if (!isSound) await replace(Buffer.concat([encodeHeader(probe), ...Array.from(into, encodeRecord)]));
        // A neighbour that cannot be removed is no reason to give this file up.
        await makeRoomFor(file).catch(() => undefined);
      });
    },
    append: (added) =>
      attempt(async () => {
        // Another process may have removed it meanwhile, to make room.
        const isThere = await access(file).then(
          () => true,
          () => false,
        );
        const head = isThere ? [] : [encodeHeader(probe)];
        await appendFile(file, Buffer.concat([...head, ...added.map(encodeRecord)]));
      }),
  };
}

function encodeHeader(probe: Float32Array): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32LE(FORMAT_VERSION, 4);
  head.writeUInt32LE(probe.length, 8);
  return Buffer.concat([head, encodeRecord([PROBE, quantise(probe)])]);
}

function encodeRecord([text, { scale, bytes }]: readonly [string, Row]): Buffer {
  const record = Buffer.alloc(KEY_BYTES + 4 + bytes.length);
  record.write(keyOf(text), 0, 'latin1');
  record.writeFloatLE(scale, KEY_BYTES);
  record.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), KEY_BYTES + 4);
  return record;
}

/** Null when the file is of another format, embedder or width. */
function decodeFile(file: Buffer, probe: Float32Array): { rows: [string, Row][]; isWhole: boolean } | null {
  const width = KEY_BYTES + 4 + probe.length;
  if (file.length < HEADER_BYTES + width) return null;
  if (file.readUInt32BE(0) !== MAGIC || file.readUInt32LE(4) !== FORMAT_VERSION) return null;
  if (file.readUInt32LE(8) !== probe.length) return null;
  const body = file.subarray(HEADER_BYTES);
  const count = Math.floor(body.length / width);
  const all = Array.from({ length: count }, (_, i) => decodeRecord(body.subarray(i * width, (i + 1) * width)));
  const [mark, ...rows] = all;
  if (mark === undefined || storedCosine(probe, mark[1]) < PROBE_COSINE_MIN) return null;
  const sound = rows.filter(([, row]) => isUnit(row));
  return { rows: sound, isWhole: count * width === body.length && sound.length === rows.length };
}

function decodeRecord(record: Buffer): [string, Row] {
  const bytes = new Int8Array(record.length - KEY_BYTES - 4);
  bytes.set(new Int8Array(record.buffer, record.byteOffset + KEY_BYTES + 4, bytes.length));
  return [record.toString('latin1', 0, KEY_BYTES), { scale: record.readFloatLE(KEY_BYTES), bytes }];
}

/** A record that was damaged hardly keeps its length. */
function isUnit({ scale, bytes }: Row): boolean {
  const squares = bytes.reduce((sum, value) => sum + value * value, 0);
  return Math.abs(Math.sqrt(squares) * scale - 1) < 0.05;
}
