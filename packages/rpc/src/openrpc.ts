/**
 * The OpenRPC document, made from the same zod schemas that validate (spec: rpc §1.6). Owns the document's frame only.
 */
import { z } from 'zod';
import { rpcCodes } from './errors.ts';
import type { AnyRpcMethod } from './methods/method.ts';
import { allMethods } from './methods/registry.ts';

type JsonSchema = Record<string, unknown>;

/** Builds the OpenRPC document of all methods. */
export function openRpcDocument(options: {
  readonly version: string;
  readonly url?: string;
}): Record<string, unknown> & { readonly openrpc: string } {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Synod JSON-RPC',
      version: options.version,
      description: 'Numbers of 64 bits are decimal strings, hashes and bytes 0x hex, amounts nano (1 SYN = 10^9 nano).',
      license: { name: 'Apache-2.0' },
    },
    ...(options.url === undefined ? {} : { servers: [{ name: 'this node', url: options.url }] }),
    methods: allMethods.map(methodObject),
    components: { errors: errorObjects() },
  };
}

function methodObject(method: AnyRpcMethod): Record<string, unknown> {
  const schema = jsonSchema(method.params, 'input');
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const properties = Object.entries((schema['properties'] as Record<string, JsonSchema> | undefined) ?? {});
  return {
    name: method.name,
    summary: method.summary,
    paramStructure: 'either',
    params: properties.map(([name, property]) => ({
      name,
      ...(typeof property['description'] === 'string' ? { summary: property['description'] } : {}),
      required: required.has(name),
      schema: property,
    })),
    result: { name: 'result', schema: jsonSchema(method.result, 'output') },
    'x-access': method.access,
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return rest;
}

/** Every named error of the table, so that a client can list them. */
function errorObjects(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rpcCodes).map(([name, code]) => [name, { code, message: name, data: { name } }]),
  );
}
