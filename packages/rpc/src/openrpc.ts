/**
 * The OpenRPC documents, made from the same zod schemas that validate (spec: rpc §1.6): tags are the namespaces, errors the table of
 * refusals, examples the golden requests and responses of the tests. Owns the documents' frame only.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { rpcCodes } from './errors.ts';
import { commonErrors, methodErrors } from './method-errors.ts';
import type { AnyRpcMethod } from './methods/method.ts';
import { allMethods } from './methods/registry.ts';
import { namespaces } from './namespaces.ts';

type JsonSchema = Record<string, unknown>;

export type OpenRpcDocument = Record<string, unknown> & { readonly openrpc: string };

/** An example as the document holds it: parameters by name. */
export type MethodExample = {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result: unknown;
};

/** Examples by method. */
export type MethodExamples = Readonly<Record<string, readonly MethodExample[]>>;

const EXAMPLES_FILE: URL = new URL('openrpc-examples.json', import.meta.url);

/** Builds the OpenRPC document of the methods, all public ones unless told otherwise, with the examples that are kept beside it. */
export function openRpcDocument(options: {
  readonly version: string;
  readonly title?: string;
  readonly url?: string;
  readonly methods?: readonly AnyRpcMethod[];
}): OpenRpcDocument {
  const { version, title = 'Synod JSON-RPC', url, methods = allMethods } = options;
  const examples = JSON.parse(readFileSync(EXAMPLES_FILE, 'utf8')) as MethodExamples;
  return {
    openrpc: '1.3.2',
    info: {
      title,
      version,
      description: 'Numbers of 64 bits are decimal strings, hashes and bytes 0x hex, amounts nano (1 SYN = 10^9 nano).',
      license: { name: 'Apache-2.0' },
    },
    ...(url === undefined ? {} : { servers: [{ name: 'this node', url }] }),
    methods: methods.map((method) => methodObject(method, examples[method.name] ?? [])),
    components: { tags: tagObjects(methods), errors: errorObjects() },
  };
}

/** The part of a name before its first mark: `node_status` is of `node`, `rpc.discover` of `rpc`. */
export function namespaceOf(name: string): string {
  return /^[^_.]+/.exec(name)?.[0] ?? name;
}

function methodObject(method: AnyRpcMethod, examples: readonly MethodExample[]): Record<string, unknown> {
  const schema = jsonSchema(method.params, 'input');
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const properties = Object.entries((schema['properties'] as Record<string, JsonSchema> | undefined) ?? {});
  const errors = [...new Set([...commonErrors, ...(methodErrors[method.name] ?? [])])];
  return {
    name: method.name,
    summary: method.summary,
    tags: [{ $ref: `#/components/tags/${namespaceOf(method.name)}` }],
    paramStructure: 'either',
    params: properties.map(([name, property]) => ({
      name,
      ...(typeof property['description'] === 'string' ? { summary: property['description'] } : {}),
      required: required.has(name),
      schema: property,
    })),
    result: { name: 'result', schema: jsonSchema(method.result, 'output') },
    errors: errors.map((name) => ({ $ref: `#/components/errors/${name}` })),
    examples: examples.map(exampleObject),
    'x-access': method.access,
  };
}

function exampleObject({ name, params, result }: MethodExample): Record<string, unknown> {
  return {
    name,
    params: Object.entries(params).map(([param, value]) => ({ name: param, value })),
    result: { name: 'result', value: result },
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return rest;
}

function tagObjects(methods: readonly AnyRpcMethod[]): Record<string, unknown> {
  const names = [...new Set(methods.map(({ name }) => namespaceOf(name)))];
  return Object.fromEntries(names.map((name) => [name, { name, summary: namespaces[name] ?? name }]));
}

/** Every named error of the table, so that a client can list them. */
function errorObjects(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rpcCodes).map(([name, code]) => [name, { code, message: name, data: { name } }]),
  );
}
