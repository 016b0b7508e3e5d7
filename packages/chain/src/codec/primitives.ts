/** Schemas of the small nouns of types/primitives.ts (spec: codec §2). Owns their ranges on the wire. */
import { isUtf8 } from 'node:buffer';
import { ADDRESS_BYTES, addressFromBytes, knownAddress, sharedAddressBytes } from '../crypto/address.ts';
import { writeHex } from '../crypto/hex.ts';
import { type Address, type Hash, PPM, type Ppm, type PublicKey } from '../types/index.ts';
import type { ByteWriter } from './byte-buffers.ts';
import {
  byteList,
  byteVector,
  integer64,
  mapped,
  OutOfRange,
  oneOf,
  requireThat,
  type Schema,
  unsigned,
} from './schema.ts';

const U32_MAX = 2 ** 32 - 1;

/** A count, index or window: 0 … 2³² − 1. */
export const u32: Schema<number> = unsigned(4, U32_MAX);

/** A token's clipped log-probability: 0 … 65 535. */
export const u16: Schema<number> = unsigned(2, 65_535);

/** A height or a time in milliseconds: a safe integer ≥ 0 in eight bytes. */
export const safeInteger: Schema<number> = unsigned(8, Number.MAX_SAFE_INTEGER);

/** Parts per million, 0 … 1 000 000. */
export const ppm: Schema<Ppm> = unsigned(4, PPM);

/** Money in nano, 0 … 2⁶⁴ − 1. */
export const amount: Schema<bigint> = integer64(0n, 2n ** 64n - 1n);

/** Voting power, 0 … 2⁶³ − 1. */
export const power: Schema<bigint> = integer64(0n, 2n ** 63n - 1n);

/** A rotation priority, −2⁶³ … 2⁶³ − 1. */
export const i64: Schema<bigint> = integer64(-(2n ** 63n), 2n ** 63n - 1n);

/** A round from 0. */
export const round: Schema<number> = unsigned(4, U32_MAX - 1);

/** A round, or −1 for none: the number plus one on the wire. */
export const roundOrNone: Schema<number> = mapped(
  u32,
  (value: number) => value + 1,
  (wire) => wire - 1,
);

/** One byte, 0 or 1. */
export const boolean: Schema<boolean> = mapped(
  oneOf(['no', 'yes'] as const),
  (value: boolean) => (value ? 'yes' : 'no'),
  (wire) => wire === 'yes',
);

/** The empty text, which needs no bytes. */
export const emptyText: Schema<''> = {
  size: 0,
  write: (value) => requireThat(value === '', 'not empty'),
  read: () => '',
};

/** 64 bytes. */
export const signature: Schema<Uint8Array> = byteVector(64);

/** 32 bytes that open a commitment. */
export const salt32: Schema<Uint8Array> = byteVector(32);

/** 32 bytes of a hash, hexadecimal text outside the codec. */
export const hash: Schema<Hash> = hexText<Hash>(32);

/** 32 bytes of an Ed25519 key as received. */
export const publicKey: Schema<PublicKey> = hexText<PublicKey>(32);

/** 20 bytes, bech32m text outside the codec. */
export const address: Schema<Address> = {
  size: ADDRESS_BYTES,
  write: (value, { bytes }, at) => bytes.set(sharedAddressBytes(value), at),
  read: ({ bytes, buffer }, start, end) =>
    knownAddress(buffer.toString('latin1', start, end)) ?? addressFromBytes(bytes.subarray(start, end)),
};

/** Well-formed UTF-8 of at most `bytesMax` bytes; no normalisation, a byte order mark is a character like others. */
export function text(bytesMax: number): Schema<string> {
  const { write } = byteList(bytesMax);
  return {
    size: null,
    write: (value, writer, at) => {
      if (!writeAscii(value, bytesMax, writer)) write(textBytes(value), writer, at);
    },
    read: ({ bytes, buffer }, start, end) => {
      if (end - start > bytesMax) throw new OutOfRange(`not at most ${bytesMax} bytes`);
      let seen = 0;
      for (let at = start; at < end; at++) seen |= bytes[at] as number;
      if (seen < 0x80) return buffer.toString('latin1', start, end);
      if (!isUtf8(bytes.subarray(start, end))) throw new OutOfRange('not UTF-8');
      return buffer.toString('utf8', start, end);
    },
  };
}

/** Longer text is left to the general way, which is quicker there. */
const SHORT_TEXT = 64;

/** Short text of one byte a character, as almost all is, written without a copy in between; else false, and nothing is written. */
function writeAscii(value: string, bytesMax: number, writer: ByteWriter): boolean {
  if (typeof value !== 'string' || value.length > SHORT_TEXT || value.length > bytesMax) return false;
  const at = writer.take(value.length);
  let seen = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    seen |= code;
    writer.bytes[at + index] = code;
  }
  if (seen < 0x80) return true;
  writer.end = at;
  return false;
}

function textBytes(value: string): Uint8Array {
  if (typeof value !== 'string' || !value.isWellFormed()) throw new OutOfRange('not well-formed text');
  return Buffer.from(value, 'utf8');
}

function hexText<T extends string>(length: number): Schema<T> {
  return {
    size: length,
    write: (value, { bytes }, at) => {
      if (typeof value !== 'string' || value.length !== 2 * length || !writeHex(value, bytes, at))
        throw new OutOfRange(`not ${2 * length} lowercase hex digits`);
    },
    read: ({ buffer }, start, end) => buffer.toString('hex', start, end) as T,
  };
}
