/**
 * How a value of the project's types becomes SSZ bytes and back, without a form in between (spec: codec §1). Owns the codec
 * and the plain values; records, lists and unions are composites.ts, the schemas of single types are in the files beside.
 */
import { SynodError } from '../errors.ts';
import { type ByteReader, type ByteWriter, idleWriter, putBack, putBackReader, readerOf } from './byte-buffers.ts';
import { type Decoded, decoded, notDecoded } from './decoded.ts';
import type { Label } from './record-code.ts';

/** One SSZ type over our values. `write` and `read` throw `OutOfRange` on what the type cannot hold. */
export type Schema<T> = {
  /** Bytes of every value, or null where they vary. */
  readonly size: number | null;
  /** Writes at `at`. The bytes of a fixed size are taken already; a variable value begins at the writer's end and takes its own. */
  readonly write: (value: T, writer: ByteWriter, at: number) => void;
  /** Reads exactly the bytes from `start` to `end`, and only what `write` would have written there. */
  readonly read: (reader: ByteReader, start: number, end: number) => T;
  /** Of a record: the same with a constant field before the others, as variants of a union have. */
  readonly readLabelled?: (label: Label) => (reader: ByteReader, start: number, end: number) => object;
};

/** Both directions of one type's canonical binary form. */
export type Codec<T> = {
  /** Throws `VALUE_NOT_ENCODABLE` when the value breaks its type's range or a limit: a fault of the caller. */
  readonly encode: (value: T) => Uint8Array;
  /** The same for bytes that nobody keeps, as what is hashed or sent: see `briefBytes`. */
  readonly encodeBrief: (value: T) => Uint8Array;
  /** Such bytes behind a prefix, in one memory; the prefix does not count against the limit. */
  readonly encodeBriefAfter: (prefix: Uint8Array, value: T) => Uint8Array;
  /** Total: refuses everything that `encode` would not have written. The result shares no memory with `bytes`. */
  readonly decode: (bytes: Uint8Array) => Decoded<T>;
};

/** Makes a codec of a schema. `bytesMax` bounds the encoded size in both directions (codec §5). */
export function createCodec<T>(name: string, schema: Schema<T>, bytesMax: number): Codec<T> {
  const form = { name, schema, bytesMax };
  return {
    encode: (value) => encodeStrictly(form, NO_PREFIX, value, false),
    encodeBrief: (value) => encodeStrictly(form, NO_PREFIX, value, true),
    encodeBriefAfter: (prefix, value) => encodeStrictly(form, prefix, value, true),
    decode: (bytes) => decodeStrictly(form, bytes),
  };
}

type Form<T> = { readonly name: string; readonly schema: Schema<T>; readonly bytesMax: number };

const NO_PREFIX = new Uint8Array(0);

function encodeStrictly<T>(form: Form<T>, prefix: Uint8Array, value: T, isBrief: boolean): Uint8Array {
  const { name, bytesMax } = form;
  let bytes: Uint8Array;
  try {
    bytes = written(form.schema, prefix, value, isBrief);
  } catch (cause) {
    throw notEncodable(name, reasonOf(cause), cause);
  }
  const length = bytes.length - prefix.length;
  if (length > bytesMax) throw notEncodable(name, `${length} bytes exceed the maximum of ${bytesMax}`);
  return bytes;
}

function written<T>(schema: Schema<T>, prefix: Uint8Array, value: T, isBrief: boolean): Uint8Array {
  const writer = idleWriter();
  try {
    if (prefix.length > 0) writer.bytes.set(prefix, writer.take(prefix.length));
    append(schema, value, writer);
    return isBrief ? writer.finishBrief() : writer.finish();
  } finally {
    putBack(writer);
  }
}

function notEncodable(name: string, why: string, cause?: unknown): SynodError {
  return new SynodError('VALUE_NOT_ENCODABLE', `A ${name} cannot be encoded: ${why}. Check it where it enters.`, {
    facts: { type: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

function decodeStrictly<T>({ name, schema, bytesMax }: Form<T>, input: Uint8Array): Decoded<T> {
  if (input.length > bytesMax) return notDecoded(`${name}: ${input.length} bytes exceed the maximum of ${bytesMax}`);
  const reader = readerOf(input);
  try {
    const { size } = schema;
    if (size !== null && size !== input.length) throw new OutOfRange(`${input.length} bytes instead of ${size}`);
    return decoded(schema.read(reader, 0, input.length));
  } catch (error) {
    return notDecoded(`${name}: ${reasonOf(error)}`);
  } finally {
    putBackReader(reader);
  }
}

/**
 * A value outside its type; turned into a refusal or an error by the codec above. No `Error`: the stack of one costs more than all else
 * of a refusal, and peers choose how often bytes are refused.
 */
export class OutOfRange {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof OutOfRange || error instanceof Error ? error.message : String(error);
}

/** Throws `OutOfRange` unless the condition holds. For messages that cost nothing to make: they are made in either case. */
export function requireThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new OutOfRange(message);
}

/** Writes a value behind all that is written. */
export function append<T>(schema: Schema<T>, value: T, writer: ByteWriter): void {
  schema.write(value, writer, schema.size === null ? writer.end : writer.take(schema.size));
}

/** An integer 0 … `max` in `bytes` little-endian bytes. */
export function unsigned(bytes: 1 | 2 | 4 | 8, max: number): Schema<number> {
  const check = (value: number): number => {
    if (!Number.isSafeInteger(value) || value < 0 || value > max) throw new OutOfRange(`not in 0…${max}`);
    return value;
  };
  const { write, read } = numberForms[bytes];
  return {
    size: bytes,
    write: (value, { view }, at) => write(view, at, check(value)),
    read: ({ view }, start) => check(read(view, start)),
  };
}

type NumberForm = {
  readonly write: (view: DataView, at: number, value: number) => void;
  readonly read: (view: DataView, at: number) => number;
};

const HIGH_WORD = 2 ** 32;

const numberForms: Readonly<Record<1 | 2 | 4 | 8, NumberForm>> = {
  1: { write: (view, at, value) => view.setUint8(at, value), read: (view, at) => view.getUint8(at) },
  2: { write: (view, at, value) => view.setUint16(at, value, true), read: (view, at) => view.getUint16(at, true) },
  4: { write: (view, at, value) => view.setUint32(at, value, true), read: (view, at) => view.getUint32(at, true) },
  8: {
    write: (view, at, value) => {
      view.setUint32(at, value % HIGH_WORD, true);
      view.setUint32(at + 4, Math.floor(value / HIGH_WORD), true);
    },
    read: (view, at) => view.getUint32(at + 4, true) * HIGH_WORD + view.getUint32(at, true),
  },
};

/** A bigint `min` … `max` in eight little-endian bytes; negative numbers in two's complement. */
export function integer64(min: bigint, max: bigint): Schema<bigint> {
  const check = (value: bigint): bigint => {
    if (typeof value !== 'bigint' || value < min || value > max) throw new OutOfRange(`not in ${min}…${max}`);
    return value;
  };
  return {
    size: 8,
    write: (value, { view }, at) => view.setBigUint64(at, BigInt.asUintN(64, check(value)), true),
    read: ({ view }, start) => check(min < 0n ? view.getBigInt64(start, true) : view.getBigUint64(start, true)),
  };
}

/** Exactly `length` bytes. */
export function byteVector(length: number): Schema<Uint8Array> {
  return {
    size: length,
    write: (value, { bytes }, at) => {
      if (!(value instanceof Uint8Array) || value.length !== length) throw new OutOfRange(`not ${length} bytes`);
      bytes.set(value, at);
    },
    read: ({ bytes }, start, end) => bytes.slice(start, end),
  };
}

/** At most `bytesMax` bytes. */
export function byteList(bytesMax: number): Schema<Uint8Array> {
  const refuse = (): never => {
    throw new OutOfRange(`not at most ${bytesMax} bytes`);
  };
  return {
    size: null,
    write: (value, writer) => {
      if (!(value instanceof Uint8Array) || value.length > bytesMax) refuse();
      const at = writer.take(value.length);
      writer.bytes.set(value, at);
    },
    read: ({ bytes }, start, end) => (end - start > bytesMax ? refuse() : bytes.slice(start, end)),
  };
}

/** A value mapped to and from another schema's value. Both mappings throw on what they cannot map. */
export function mapped<T, U>(base: Schema<U>, toBase: (value: T) => U, fromBase: (value: U) => T): Schema<T> {
  return {
    size: base.size,
    write: (value, writer, at) => base.write(toBase(value), writer, at),
    read: (reader, start, end) => fromBase(base.read(reader, start, end)),
  };
}

/** One of a fixed row of names, as its index in one byte. The order is the encoding: append only. */
export function oneOf<T extends string>(names: readonly T[]): Schema<T> {
  const indexOf = (name: T): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new OutOfRange(`not one of ${names.join(', ')}`);
    return index;
  };
  const nameAt = (index: number): T => {
    const name = names[index];
    if (name === undefined) throw new OutOfRange(`no name number ${index}`);
    return name;
  };
  return mapped(unsigned(1, names.length - 1), indexOf, nameAt);
}
