/**
 * Frames and their parts: one kind byte, then length-prefixed parts, and how numbers, texts, hashes and bits stand in a part. Owns
 * the bytes; which parts make which message is messages.ts. The readers throw RangeError on parts that are missing or malformed.
 */
import { briefBytes, CHAIN_LIMITS, type Hash, toHex } from '@synod/chain';

const partsMax = 4_096;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes of a message on its way, which nobody keeps. */
export function frame(kind: number, parts: readonly Uint8Array[]): Uint8Array {
  let size = 1;
  for (const part of parts) size += 4 + part.length;
  const bytes = briefBytes(size);
  bytes[0] = kind;
  let at = 1;
  for (const part of parts) {
    writeWord(bytes, at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** What `frame` makes, before it is put together. */
export function frameParts(kind: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const lengthOf = ({ length }: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(4);
    writeWord(bytes, 0, length);
    return bytes;
  };
  return [Uint8Array.of(kind), ...parts.flatMap((part) => [lengthOf(part), part])];
}

export function unframe(bytes: Uint8Array): readonly Uint8Array[] | null {
  if (bytes.length === 0) return null;
  const parts: Uint8Array[] = [];
  let at = 1;
  while (at < bytes.length) {
    if (at + 4 > bytes.length || parts.length === partsMax) return null;
    const end = at + 4 + readWord(bytes, at);
    if (end > bytes.length) return null;
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

export function text(value: string): Uint8Array {
  return utf8.encode(value);
}

export function integer(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeWord(bytes, 0, value % WORD);
  writeWord(bytes, 4, Math.floor(value / WORD));
  return bytes;
}

const WORD = 2 ** 32;

/** Little-endian; plain stores cost less than a view of so few bytes. */
function writeWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function readWord(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  const high = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
  return high * 0x1_0000 + low;
}

export function bits(values: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < bytes.length; i++) if (values[i] === true) bytes[i] = 1;
  return bytes;
}

export function required(part: Uint8Array | undefined): Uint8Array {
  if (part === undefined) throw new RangeError('part missing');
  return part;
}

/** The part, or null where there is none. */
export function atMost(part: Uint8Array | undefined, bytesMax: number): Uint8Array | null {
  if (part !== undefined && part.length > bytesMax) throw new RangeError('part too long');
  return part ?? null;
}

/** The part, where it has so many bytes. */
export function exactly(part: Uint8Array | undefined, bytes: number): Uint8Array {
  if (part?.length !== bytes) throw new RangeError(`part is not ${bytes} bytes`);
  return part;
}

export function readText(part: Uint8Array | undefined): string {
  return strictUtf8.decode(required(part));
}

export function readHash(part: Uint8Array | undefined): Hash {
  if (required(part).length !== 32) throw new RangeError('hash is not 32 bytes');
  return toHex(required(part)) as Hash;
}

export function readInteger(part: Uint8Array | undefined): number {
  const bytes = required(part);
  if (bytes.length !== 8) throw new RangeError('integer is not 8 bytes');
  const value = readWord(bytes, 4) * WORD + readWord(bytes, 0);
  if (!Number.isSafeInteger(value)) throw new RangeError('integer is not safe');
  return value;
}

export function readBits(part: Uint8Array | undefined): readonly boolean[] {
  if (required(part).length > CHAIN_LIMITS.validatorsMax) throw new RangeError('more bits than validators');
  return Array.from(required(part), (bit) => bit === 1);
}

export function pairs(parts: readonly Uint8Array[]): readonly (readonly [Uint8Array, Uint8Array])[] {
  if (parts.length % 2 !== 0) throw new RangeError('odd number of parts');
  return Array.from(
    { length: parts.length / 2 },
    (_, i) => [required(parts[2 * i]), required(parts[2 * i + 1])] as const,
  );
}
