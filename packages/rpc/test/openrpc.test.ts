/** The OpenRPC document against its meta-schema and against the registered methods. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import metaSchemaModule from '@open-rpc/meta-schema';
import { Ajv } from 'ajv';
import { adminMethods } from '../src/admin/admin-methods.ts';
import { openRpcDocument } from '../src/index.ts';
import { allMethods } from '../src/methods/registry.ts';
import { serve } from './fixture/serve.ts';

type Named = { readonly name: string };

type Loose = { readonly name: string; readonly required: boolean };

type Content = { readonly schema: object };
type Reference = { readonly $ref: string };
type Document = {
  readonly methods: readonly {
    readonly name: string;
    readonly params: readonly (Content & Named)[];
    readonly result: Content;
    readonly tags: readonly Reference[];
    readonly errors: readonly Reference[];
    readonly examples: readonly {
      readonly params: readonly (Named & { readonly value: unknown })[];
      readonly result: { readonly value: unknown };
    }[];
  }[];
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const jsonSchemaStandIn = {
  $id: 'https://json-schema.example/draft-07',
  type: ['object', 'boolean'],
  definitions: { JSONSchemaObject: { type: 'object', properties: { $ref: { type: 'string' } } } },
};

test('the document is valid OpenRPC', () => {
  // The meta-schema refers to one on the net for the schemas inside; each of those is compiled as JSON Schema below.
  const ajv = new Ajv({
    strict: false,
    formats: { uri: true },
    schemas: [jsonSchemaStandIn],
  });
  const text = JSON.stringify((metaSchemaModule as { default?: object }).default ?? metaSchemaModule);
  const metaSchema = JSON.parse(text.replaceAll(/https:\/\/meta\.json-schema\.tools\/?/g, jsonSchemaStandIn.$id));
  const validate = ajv.compile<unknown>(metaSchema);
  for (const methods of [allMethods, adminMethods]) {
    const document: Document = JSON.parse(JSON.stringify(openRpcDocument({ version: '0.1.0', methods })));
    assert.ok(validate(document as unknown), JSON.stringify(validate.errors?.slice(0, 3)));
    const [method] = document.methods;
    for (const wrong of [
      { ...document, methods: [{ summary: 'nameless' }] },
      { ...document, methods: [{ ...method, unheardOf: 1 }] },
      { ...document, methods: [{ ...method, params: [{ name: 'no schema' }] }] },
      { ...document, methods: [{ ...method, errors: [{ code: 'text', message: '' }] }] },
      { ...document, openrpc: 1 },
    ]) {
      assert.equal(validate(wrong), false, JSON.stringify(wrong).slice(0, 200));
    }
    checkContents(document);
  }
});

test('the document says which parameters must be given', async (t) => {
  const { rpc } = await serve(t);
  const { methods } = (await rpc('rpc.discover')).result as { methods: { name: string; params: Loose[] }[] };
  const required = methods.flatMap(({ name, params }) => {
    const must = params.filter((param) => param.required).map((param) => param.name);
    return must.length === 0 ? [] : [[name, must] as const];
  });
  assert.ok(required.length > 20, String(required.length));
  for (const [name, must] of required) {
    const { error } = await rpc(name, {});
    assert.equal(error?.code, -32602, name);
    assert.ok(must.includes(String(error.data.param).split('.')[0] ?? ''), `${name}: ${JSON.stringify(error)}`);
  }
});

/** Schemas compile, references lead somewhere, and examples are what the schemas say. */
function checkContents(document: Document): void {
  const ajv = new Ajv({ strict: false });
  for (const { name, params, result, examples, tags, errors } of document.methods) {
    for (const { $ref } of [...tags, ...errors]) {
      const [, components, kind, key] = $ref.split('/');
      assert.ok(components === 'components' && document.components[kind ?? '']?.[key ?? ''], `${name}: ${$ref}`);
    }
    const checks = new Map(params.map((param) => [param.name, ajv.compile(param.schema)]));
    const checkResult = ajv.compile(result.schema);
    if (!name.endsWith('discover')) assert.ok(examples.length > 0, `${name} has no example`);
    for (const example of examples) {
      for (const given of example.params) assert.ok(checks.get(given.name)?.(given.value), `${name}.${given.name}`);
      assert.ok(checkResult(example.result.value), `${name}: ${JSON.stringify(checkResult.errors?.[0])}`);
    }
  }
}

test('every method is in the document and every documented method exists', async (t) => {
  const { rpc } = await serve(t);
  const documented = (await rpc('rpc.discover')).result.methods.map(({ name }: Named) => name);
  const { methods } = (await rpc('rpc_methods')).result;
  assert.deepEqual(documented, methods);
  for (const name of documented)
    assert.notEqual((await rpc(name, { 'no such parameter': 1 })).error.code, -32601, name);
  for (const name of ['node_status', 'chain_getBlock', 'tx_submit', 'query_get', 'sub_subscribe'])
    assert.ok(methods.includes(name));
});
