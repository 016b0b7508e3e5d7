/**
 * Records, lists and unions in SSZ (spec: codec §1). Owns offsets and selectors. Reading demands the one layout that writing
 * has (no gap, no overlap, nothing behind the end), so what decodes is canonical without being written again.
 */
import type { ByteReader, ByteWriter } from './byte-buffers.ts';
import { type Helpers, type Label, OFFSET_BYTES, recordCode, type Shape } from './record-code.ts';
import { append, OutOfRange, requireThat, type Schema } from './schema.ts';

/** At most `countMax` elements. */
export function list<T>(element: Schema<T>, countMax: number): Schema<readonly T[]> {
  const { size } = element;
  return {
    size: null,
    write: (values, writer) => {
      if (!Array.isArray(values) || values.length > countMax) throw new OutOfRange(`not a list of at most ${countMax}`);
      if (size === null) writeVariable(element, values, writer);
      else {
        const first = writer.take(size * values.length);
        for (let i = 0; i < values.length; i++) element.write(values[i] as T, writer, first + i * size);
      }
    },
    read: (reader, start, end) => {
      const count = size === null ? variableCount(reader, start, end) : (end - start) / size;
      if (!Number.isInteger(count) || count > countMax)
        throw new OutOfRange(`not a list of at most ${countMax} whole elements`);
      return size === null
        ? readVariable(element, reader, { start, end, count })
        : readFixed(element, reader, { start, size, count });
    },
  };
}

/** Offsets, then the elements one after the other. */
function writeVariable<T>(element: Schema<T>, values: readonly T[], writer: ByteWriter): void {
  const start = writer.take(OFFSET_BYTES * values.length);
  for (let i = 0; i < values.length; i++) {
    writer.view.setUint32(start + OFFSET_BYTES * i, writer.end - start, true);
    element.write(values[i] as T, writer, writer.end);
  }
}

/** The first offset tells how many there are: the elements begin where the offsets end. */
function variableCount({ view }: ByteReader, start: number, end: number): number {
  if (end === start) return 0;
  requireThat(end - start >= OFFSET_BYTES, 'no room for an offset');
  const count = view.getUint32(start, true) / OFFSET_BYTES;
  requireThat(count > 0, 'the first element begins among the offsets');
  return count;
}

function readVariable<T>(
  element: Schema<T>,
  reader: ByteReader,
  { start, end, count }: { readonly start: number; readonly end: number; readonly count: number },
): T[] {
  const values: T[] = [];
  let from = start + OFFSET_BYTES * count;
  requireThat(from <= end, 'an offset leads outside');
  for (let i = 1; i <= count; i++) {
    const to = i === count ? end : start + reader.view.getUint32(start + OFFSET_BYTES * i, true);
    requireThat(to >= from && to <= end, 'an offset leads outside');
    values.push(element.read(reader, from, to));
    from = to;
  }
  return values;
}

function readFixed<T>(
  element: Schema<T>,
  reader: ByteReader,
  { start, size, count }: { readonly start: number; readonly size: number; readonly count: number },
): T[] {
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(element.read(reader, start + i * size, start + (i + 1) * size));
  return values;
}

/** `null` or a value: an SSZ union of none (selector 0) and the value (selector 1). */
export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return {
    size: null,
    write: (value, writer) => {
      const at = writer.take(1);
      writer.bytes[at] = value === null ? 0 : 1;
      if (value !== null) append(inner, value, writer);
    },
    read: (reader, start, end) => {
      const selector = selectorAt(reader, start, end);
      if (selector > 1) throw new OutOfRange(`unknown selector ${selector}`);
      if (selector === 1) return readWhole(inner, reader, start + 1, end);
      requireThat(end === start + 1, 'none is not in its canonical form');
      return null;
    },
  };
}

function selectorAt({ bytes }: ByteReader, start: number, end: number): number {
  requireThat(end > start, 'no selector');
  return bytes[start] as number;
}

/** Reads a value that must fill its place, where a variable row of bytes may hold a type of fixed size. */
function readWhole<T>(schema: Schema<T>, reader: ByteReader, start: number, end: number): T {
  if (schema.size !== null && schema.size !== end - start)
    throw new OutOfRange(`${end - start} bytes instead of ${schema.size}`);
  return schema.read(reader, start, end);
}

/** A record; the order of `fields` is the encoding. */
export function container<T extends object>(fields: { readonly [K in keyof T]-?: Schema<T[K]> }): Schema<T> {
  const shape = shapeOf(fields as unknown as Readonly<Record<string, Schema<unknown>>>);
  const isFixed = shape.offsetsAt.length === 0;
  const { write, read } = recordCode(shape, helpers);
  return {
    size: isFixed ? shape.fixedBytes : null,
    write: isFixed ? write : (value, writer) => write(value, writer, writer.take(shape.fixedBytes)),
    read: read as Schema<T>['read'],
    readLabelled: (label) => recordCode(shape, helpers, label).read,
  };
}

function shapeOf(fields: Readonly<Record<string, Schema<unknown>>>): Shape {
  const schemas = Object.values(fields);
  const offsetsAt: number[] = [];
  let fixedBytes = 0;
  for (const { size } of schemas) {
    if (size === null) offsetsAt.push(fixedBytes);
    fixedBytes += size ?? OFFSET_BYTES;
  }
  return { names: Object.keys(fields), schemas, fixedBytes, offsetsAt };
}

const helpers: Helpers = {
  fail: (message) => {
    throw new OutOfRange(message);
  },
  named,
};

function named(error: unknown, name: string | undefined): unknown {
  return error instanceof OutOfRange && name !== undefined ? new OutOfRange(`${name}: ${error.message}`) : error;
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
  const schemas = names.map((name) => labelled(variants[name as T[D]], { field: discriminator, value: name }));
  return {
    size: null,
    write: (value, writer) => {
      const selector = names.indexOf(value[discriminator]);
      const schema = schemas[selector];
      if (schema === undefined) throw new OutOfRange(`${discriminator} is not one of ${names.join(', ')}`);
      const at = writer.take(1);
      writer.bytes[at] = selector;
      append(schema, value, writer);
    },
    read: (reader, start, end) => {
      const selector = selectorAt(reader, start, end);
      const schema = schemas[selector];
      if (schema === undefined) throw new OutOfRange(`unknown selector ${selector}`);
      return readWhole(schema, reader, start + 1, end) as T;
    },
  };
}

/** A variant reads as its record with the variant's name before its fields. */
function labelled<V>(schema: Schema<V>, label: Label): Schema<unknown> {
  const { size, write, readLabelled } = schema;
  const read: Schema<unknown>['read'] =
    readLabelled?.(label) ??
    ((reader, start, end) => ({ [label.field]: label.value, ...(schema.read(reader, start, end) as object) }));
  return { size, write: write as Schema<unknown>['write'], read };
}
