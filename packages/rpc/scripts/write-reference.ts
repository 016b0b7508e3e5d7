/**
 * Writes docs/reference/rpc.md: every method of both listeners, from the OpenRPC documents and nothing else. `--check` compares instead,
 * and fails when the file is stale. Owns the page's form.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { adminMethods } from '../src/admin/admin-methods.ts';
import { commonErrors } from '../src/method-errors.ts';
import { namespaces } from '../src/namespaces.ts';
import { namespaceOf, openRpcDocument } from '../src/openrpc.ts';

const FILE: string = fileURLToPath(new URL('../../../docs/reference/rpc.md', import.meta.url));

type Schema = {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly pattern?: string;
};

type Named<Value> = { readonly name: string; readonly value: Value };

type Method = {
  readonly name: string;
  readonly summary: string;
  readonly params: readonly {
    readonly name: string;
    readonly summary?: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly result: { readonly schema: Schema };
  readonly errors: readonly { readonly $ref: string }[];
  readonly examples: readonly {
    readonly name: string;
    readonly params: readonly Named<unknown>[];
    readonly result: { readonly value: unknown };
  }[];
  readonly 'x-access': 'read' | 'write' | 'socket';
};

/** Longest example shown, in characters: the documents have them whole. */
const EXAMPLE_CHARACTERS = 1_600;

/** The page as it should be. */
export function referencePage(): string {
  const parts = [
    '# JSON-RPC reference',
    'Made from the schemas that validate, by `node packages/rpc/scripts/write-reference.ts`; a test fails when it is out of step. What is common to all methods',
    `(framing, values, errors, subscriptions, limits) is in [the specification](../spec/rpc.md). Any method can refuse with ${commonErrors.map(code).join(', ')}.`,
    'A method that reads is also served as `GET /rpc/METHOD?name=value`. Examples are answers of a small chain in the tests.',
    '',
    ...listing('Public methods', openRpcDocument({ version: '' })['methods'] as readonly Method[]),
    ...listing(
      'Admin listener',
      openRpcDocument({ version: '', methods: adminMethods })['methods'] as readonly Method[],
    ),
  ];
  return `${parts.join('\n').trimEnd()}\n`;
}

function listing(title: string, methods: readonly Method[]): readonly string[] {
  const groups = [...Map.groupBy(methods, ({ name }) => namespaceOf(name))];
  return [
    `## ${title}`,
    '',
    ...groups.flatMap(([name, own]) => [`### ${name}`, '', namespaces[name] ?? '', '', ...own.flatMap(methodPart)]),
  ];
}

function methodPart(method: Method): readonly string[] {
  const { name, summary, params, result, errors } = method;
  const access = { read: '', write: ' Changes something: not served on GET.', socket: ' On a WebSocket only.' };
  const own = errors.map(({ $ref }) => $ref.split('/').at(-1) ?? '').filter((error) => !isCommon(error));
  return [
    `#### ${name}`,
    '',
    `${summary}${access[method['x-access']]}`,
    '',
    ...(params.length === 0 ? [] : [...params.map(paramLine), '']),
    `Result: ${typeText(result.schema)}`,
    ...(own.length === 0 ? [] : ['', `Refusals: ${own.map(code).join(', ')}`]),
    '',
    ...examplePart(method),
  ];
}

function isCommon(name: string): boolean {
  return (commonErrors as readonly string[]).includes(name);
}

function paramLine({ name, summary, required, schema }: Method['params'][number]): string {
  const about = summary === undefined ? '' : ` – ${summary.replaceAll('\n', ' ')}`;
  return `- \`${name}\`${required ? '' : '?'} ${typeText(schema)}${about}`;
}

/** The shape in one line, e.g. `{height: string, items: {…}[]}`. */
function typeText(schema: Schema): string {
  return code(shapeOf(schema, 2));
}

function shapeOf(schema: Schema, depth: number): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    return [...new Set(alternatives.map((each) => shapeOf(each, depth)))].join(' | ');
  }
  if (schema.type === 'array') {
    const inner = shapeOf(schema.items ?? {}, depth);
    return inner.includes(' | ') ? `(${inner})[]` : `${inner}[]`;
  }
  if (schema.type !== 'object') return [schema.type ?? 'any'].flat().join(' | ');
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) return 'object';
  if (depth === 0) return '{…}';
  return `{ ${fields.map(([name, inner]) => `${name}: ${shapeOf(inner, depth - 1)}`).join(', ')} }`;
}

function examplePart({ name, examples }: Method): readonly string[] {
  const [example] = examples;
  if (example === undefined) return [];
  const params = Object.fromEntries(example.params.map(({ name: param, value }) => [param, value]));
  const request = { jsonrpc: '2.0', id: 1, method: name, ...(example.params.length === 0 ? {} : { params }) };
  const lines = [JSON.stringify(request), shortened(JSON.stringify(example.result.value, null, 1))];
  return [`${example.name}:`, '', '```json', ...lines, '```', ''];
}

function shortened(text: string): string {
  if (text.length <= EXAMPLE_CHARACTERS) return text;
  const end = text.lastIndexOf('\n', EXAMPLE_CHARACTERS);
  return `${text.slice(0, end)}\n …`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function main(): void {
  const page = referencePage();
  if (process.argv[2] !== '--check') return writeFileSync(FILE, page);
  if (readFileSync(FILE, 'utf8') === page) return;
  process.stderr.write(
    'docs/reference/rpc.md is out of step. Write it anew: node packages/rpc/scripts/write-reference.ts\n',
  );
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
