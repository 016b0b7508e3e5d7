/**
 * How a value of the project's types becomes an SSZ value and back (spec: codec §1). Owns the machinery: a schema is an SSZ
 * type plus two mappings. The schemas of single types are in the files beside; the library does the bytes.
 */
import {
  ByteListType,
  ByteVectorType,
  ContainerType,
  isBasicType,
  isCompositeType,
  ListBasicType,
  ListCompositeType,
  NoneType,
  type Type,
  UintBigintType,
  UintNumberType,
  UnionType,
} from '@chainsafe/ssz';
import { SynodError } from '../errors.ts';
import { type Decoded, decoded, notDecoded } from './decoded.ts';

/** An SSZ type with the mappings between our values and the library's. Both mappings throw on what they cannot map. */
export type Schema<T> = {
  readonly type: Type<unknown>;
  readonly toWire: (value: T) => unknown;
  readonly fromWire: (wire: unknown) => T;
};

/** Both directions of one type's canonical binary form. */
export type Codec<T> = {
  /** Throws `VALUE_NOT_ENCODABLE` when the value breaks its type's range or a limit: a fault of the caller. */
  readonly encode: (value: T) => Uint8Array;
  /** Total: refuses everything that `encode` would not have written. The result shares no memory with `bytes`. */
  readonly decode: (bytes: Uint8Array) => Decoded<T>;
};

/** Makes a codec of a schema. `bytesMax` bounds the encoded size in both directions (codec §5). */
export function createCodec<T>(name: string, schema: Schema<T>, bytesMax: number): Codec<T> {
  const encode = (value: T): Uint8Array => encodeStrictly(name, schema, value, bytesMax);
  const decode = (bytes: Uint8Array): Decoded<T> => decodeStrictly(name, schema, bytes, bytesMax);
  return { encode, decode };
}

function encodeStrictly<T>(name: string, schema: Schema<T>, value: T, bytesMax: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = schema.type.serialize(schema.toWire(value));
  } catch (cause) {
    throw notEncodable(name, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (bytes.length > bytesMax) throw notEncodable(name, `${bytes.length} bytes exceed the maximum of ${bytesMax}`);
  return bytes;
}

function notEncodable(name: string, why: string, cause?: unknown): SynodError {
  return new SynodError('VALUE_NOT_ENCODABLE', `A ${name} cannot be encoded: ${why}. Check it where it enters.`, {
    facts: { type: name },
    ...(cause === undefined ? {} : { cause }),
  });
}

function decodeStrictly<T>(name: string, schema: Schema<T>, input: Uint8Array, bytesMax: number): Decoded<T> {
  if (input.length > bytesMax) return notDecoded(`${name}: ${input.length} bytes exceed the maximum of ${bytesMax}`);
  // A Buffer's `slice` would alias the input; a plain view copies.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  try {
    const wire = schema.type.deserialize(bytes);
    const value = schema.fromWire(wire);
    if (Buffer.compare(schema.type.serialize(wire), bytes) !== 0) return notDecoded(`${name}: not the canonical form`);
    return decoded(value);
  } catch (error) {
    return notDecoded(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A mapping found a value outside its type; turned into a refusal or an error by the codec above. */
export class OutOfRange extends Error {}

function requireThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new OutOfRange(message);
}

/** An integer 0 … `max` in `bytes` little-endian bytes. */
export function unsigned(bytes: 1 | 2 | 4 | 8, max: number): Schema<number> {
  const check = (value: unknown): number => {
    requireThat(Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max, `not in 0…${max}`);
    return value as number;
  };
  return { type: new UintNumberType(bytes), toWire: check, fromWire: check };
}

/** A bigint `min` … `max` in eight little-endian bytes; negative numbers in two's complement. */
export function integer64(min: bigint, max: bigint): Schema<bigint> {
  const check = (value: bigint): bigint => {
    requireThat(typeof value === 'bigint' && value >= min && value <= max, `not in ${min}…${max}`);
    return value;
  };
  return {
    type: new UintBigintType(8),
    toWire: (value) => BigInt.asUintN(64, check(value)),
    fromWire: (wire) => check(min < 0n ? BigInt.asIntN(64, wire as bigint) : (wire as bigint)),
  };
}

/** Exactly `length` bytes. */
export function byteVector(length: number): Schema<Uint8Array> {
  const toWire = (value: Uint8Array): Uint8Array => {
    requireThat(value instanceof Uint8Array && value.length === length, `not ${length} bytes`);
    return value;
  };
  return { type: new ByteVectorType(length), toWire, fromWire: (wire) => wire as Uint8Array };
}

/** At most `bytesMax` bytes. */
export function byteList(bytesMax: number): Schema<Uint8Array> {
  const toWire = (value: Uint8Array): Uint8Array => {
    requireThat(value instanceof Uint8Array && value.length <= bytesMax, `not at most ${bytesMax} bytes`);
    return value;
  };
  return { type: new ByteListType(bytesMax), toWire, fromWire: (wire) => wire as Uint8Array };
}

/** A value mapped to and from another schema's value. */
export function mapped<T, U>(base: Schema<U>, toBase: (value: T) => U, fromBase: (value: U) => T): Schema<T> {
  return {
    type: base.type,
    toWire: (value) => base.toWire(toBase(value)),
    fromWire: (wire) => fromBase(base.fromWire(wire)),
  };
}

/** One of a fixed row of names, as its index in one byte. The order is the encoding: append only. */
export function oneOf<T extends string>(names: readonly T[]): Schema<T> {
  const indexOf = (name: T): number => {
    const index = names.indexOf(name);
    requireThat(index >= 0, `not one of ${names.join(', ')}`);
    return index;
  };
  const nameAt = (index: number): T => {
    const name = names[index];
    requireThat(name !== undefined, `no name number ${index}`);
    return name;
  };
  return mapped(unsigned(1, names.length - 1), indexOf, nameAt);
}

/** At most `countMax` elements. */
export function list<T>(element: Schema<T>, countMax: number): Schema<readonly T[]> {
  return {
    type: listType(element.type, countMax),
    toWire: (values) => {
      requireThat(Array.isArray(values) && values.length <= countMax, `not a list of at most ${countMax}`);
      return values.map(element.toWire);
    },
    fromWire: (wire) => (wire as unknown[]).map(element.fromWire),
  };
}

function listType(element: Type<unknown>, countMax: number): Type<unknown> {
  if (isBasicType(element)) return new ListBasicType(element, countMax);
  requireThat(isCompositeType(element), 'an SSZ type is basic or composite');
  return new ListCompositeType(element, countMax);
}

/** `null` or a value: an SSZ union of none (selector 0) and the value (selector 1). */
export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return {
    type: new UnionType([new NoneType(), inner.type]),
    toWire: (value) => (value === null ? { selector: 0, value: null } : { selector: 1, value: inner.toWire(value) }),
    fromWire: (wire) => {
      const union = wire as { selector: number; value: unknown };
      return union.selector === 0 ? null : inner.fromWire(union.value);
    },
  };
}

/** A record; the order of `fields` is the encoding. */
export function container<T extends object>(fields: { readonly [K in keyof T]-?: Schema<T[K]> }): Schema<T> {
  const entries = Object.entries(fields) as [string, Schema<unknown>][];
  const names = entries.map(([name]) => name);
  const toWires = entries.map(([, schema]) => schema.toWire);
  const fromWires = entries.map(([, schema]) => schema.fromWire);
  return {
    type: new ContainerType(Object.fromEntries(entries.map(([name, schema]) => [name, schema.type]))),
    toWire: (value) => mapFields(names, toWires, value as Record<string, unknown>),
    fromWire: (wire) => mapFields(names, fromWires, wire as Record<string, unknown>) as T,
  };
}

/** The hot loop of the codec: one try for all fields, the failing one named by where the loop stood. */
function mapFields(
  names: readonly string[],
  mappings: readonly ((value: unknown) => unknown)[],
  source: Record<string, unknown>,
): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  let i = 0;
  try {
    for (; i < names.length; i++) {
      const name = names[i] as string;
      target[name] = mappings[i]?.(source[name]);
    }
  } catch (error) {
    throw error instanceof OutOfRange ? new OutOfRange(`${names[i]}: ${error.message}`) : error;
  }
  return target;
}

/** What a variant holds beside the name that tells it from the others. */
type Variants<T extends Record<D, string>, D extends string> = {
  readonly [Name in T[D]]: Schema<Omit<Extract<T, Record<D, Name>>, D>>;
};

/** A sum of records told apart by the field `discriminator`; the order of `variants` is the SSZ selector: append only. */
export function tagged<T extends Record<D, string>, D extends string>(
  discriminator: D,
  variants: Variants<T, D>,
): Schema<T> {
  const names = Object.keys(variants);
  const schemas = Object.values(variants) as Schema<unknown>[];
  return {
    type: new UnionType(schemas.map((schema) => schema.type)),
    toWire: (value) => {
      const selector = names.indexOf(value[discriminator]);
      requireThat(selector >= 0, `${discriminator} is not one of ${names.join(', ')}`);
      return { selector, value: schemas[selector]?.toWire(value) };
    },
    fromWire: (wire) => {
      const union = wire as { selector: number; value: unknown };
      const fields = schemas[union.selector]?.fromWire(union.value) as object;
      return { [discriminator]: names[union.selector], ...fields } as unknown as T;
    },
  };
}
