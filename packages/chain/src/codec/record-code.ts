/**
 * Straight-line code for one kind of record, made once from its fields. Owns the code; what a record is, and where its offsets
 * stand, is composites.ts. One loop for all records would look every field of every record up by name; this names them itself.
 */
import type { ByteReader, ByteWriter } from './byte-buffers.ts';
import type { Schema } from './schema.ts';

/** The fixed part of a record: values of fixed size, and offsets of the others, which stand behind it in the same order. */
export type Shape = {
  readonly names: readonly string[];
  readonly schemas: readonly Schema<unknown>[];
  readonly fixedBytes: number;
  /** Where the offsets stand. */
  readonly offsetsAt: readonly number[];
};

/** What a record in a union has before its fields: the name of its variant. */
export type Label = { readonly field: string; readonly value: string };

export type RecordCode = {
  readonly write: (source: object, writer: ByteWriter, start: number) => void;
  readonly read: (reader: ByteReader, start: number, end: number) => object;
};

/** What the code calls: `fail` throws `OutOfRange`, `named` puts a field's name before what went wrong in it. */
export type Helpers = {
  readonly fail: (message: string) => never;
  readonly named: (error: unknown, name: string | undefined) => unknown;
};

export const OFFSET_BYTES = 4;

/** Names come from our own schemas, never from a peer; still nothing but a plain name gets into code. */
const PLAIN_NAME = /^[a-z][A-Za-z0-9]*$/;

/**
 * Both directions of one record, each compiled when it is first used: most processes never see most records. A field that cannot be
 * written or read is named by where the code stood.
 */
export function recordCode(shape: Shape, helpers: Helpers, label?: Label): RecordCode {
  const { names, schemas } = shape;
  for (const name of [...names, ...(label ? [label.field] : [])])
    if (!PLAIN_NAME.test(name)) helpers.fail(`not a plain name: ${name}`);
  let write: RecordCode['write'] = (source, writer, start) => {
    write = compiled(writeCode(shape), { names, calls: schemas.map((schema) => schema.write), helpers });
    write(source, writer, start);
  };
  let read: RecordCode['read'] = (reader, start, end) => {
    read = compiled(readCode(shape, label), { names, calls: schemas.map((schema) => schema.read), helpers });
    return read(reader, start, end);
  };
  return {
    write: (source, writer, start) => write(source, writer, start),
    read: (reader, start, end) => read(reader, start, end),
  };
}

type Given = { readonly names: readonly string[]; readonly calls: readonly unknown[]; readonly helpers: Helpers };

function compiled<F>(code: string, { names, calls, helpers }: Given): F {
  const parameters = calls.map((_, index) => `call${index}`);
  const make = new Function('names', 'fail', 'named', ...parameters, `'use strict';\nreturn ${code};`);
  return make(names, helpers.fail, helpers.named, ...calls) as F;
}

function writeCode({ names, schemas }: Shape): string {
  let at = 0;
  const lines = schemas.flatMap(({ size }, index) => {
    const place = `start + ${at}`;
    at += size ?? OFFSET_BYTES;
    const value = `source.${names[index]}`;
    if (size !== null) return [`field = ${index};`, `call${index}(${value}, writer, ${place});`];
    const offset = `writer.view.setUint32(${place}, writer.end - start, true);`;
    return [`field = ${index};`, offset, `call${index}(${value}, writer, writer.end);`];
  });
  return inTry('(source, writer, start)', lines);
}

/** A variable value ends where the next begins; the first begins right behind the fixed part. */
function readCode({ names, schemas, fixedBytes, offsetsAt }: Shape, label?: Label): string {
  const offset = (at: number): string => `start + view.getUint32(start + ${at}, true)`;
  let at = 0;
  let variable = 0;
  const lines = schemas.flatMap(({ size }, index) => {
    const place = at;
    at += size ?? OFFSET_BYTES;
    if (size !== null)
      return [`field = ${index};`, `const value${index} = call${index}(reader, start + ${place}, start + ${at});`];
    const next = offsetsAt[++variable];
    return [
      `field = ${index};`,
      next === undefined ? 'to = end;' : `to = ${offset(next)};`,
      `if (to < from || to > end) fail('an offset leads outside');`,
      `const value${index} = call${index}(reader, from, to);`,
      'from = to;',
    ];
  });
  const [first] = offsetsAt;
  const variant = label === undefined ? [] : [`${label.field}: ${JSON.stringify(label.value)}`];
  const fields = [...variant, ...names.map((name, index) => `${name}: value${index}`)];
  const before = [
    `if (start + ${fixedBytes} > end) fail('cut short');`,
    ...(first === undefined
      ? []
      : [
          'const { view } = reader;',
          `let from = ${offset(first)};`,
          'let to = 0;',
          `if (from !== start + ${fixedBytes}) fail('not the canonical form: a gap behind the fixed part');`,
        ]),
  ];
  const noGap =
    first === undefined
      ? [`if (end !== start + ${fixedBytes}) fail('not the canonical form: a gap behind the fixed part');`]
      : [];
  return inTry('(reader, start, end)', [...lines, `return { ${fields.join(', ')} };`], [...before, ...noGap]);
}

function inTry(parameters: string, lines: readonly string[], before: readonly string[] = []): string {
  return [
    `${parameters} => {`,
    ...before,
    'let field = 0;',
    'try {',
    ...lines,
    '} catch (error) { throw named(error, names[field]); }',
    '}',
  ].join('\n');
}
