/** The OpenRPC document against its meta-schema and against the registered methods. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import metaSchemaModule from '@open-rpc/meta-schema';
import { Ajv } from 'ajv';
import { openRpcDocument } from '../src/index.ts';
import { serve } from './fixture/serve.ts';

type Named = { readonly name: string };

type Content = { readonly schema: object };
type Document = { readonly methods: readonly { readonly params: readonly Content[]; readonly result: Content }[] };

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
  const document: Document = JSON.parse(JSON.stringify(openRpcDocument({ version: '0.1.0' })));
  assert.ok(validate(document as unknown), JSON.stringify(validate.errors?.slice(0, 3)));
  assert.equal(validate({ ...document, methods: [{ summary: 'nameless' }] }), false);
  const schemas = new Ajv({ strict: false });
  for (const { params, result } of document.methods) {
    for (const { schema } of [...params, result]) assert.equal(typeof schemas.compile(schema), 'function');
  }
});

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
