/** Answers as objects: what `json_object` gives, and which schemas are taken or refused before anything is charged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SynodError } from '@synod/chain';
import { responseFormatOf } from '../../src/openai/response-format.ts';

const object = {
  answer: 'It is Paris.',
  citations: [{ text: 'Paris', source: 'World Factbook', passage: 7 }],
  confidence: 0.873,
};

function schemaOf(schema: Record<string, unknown>) {
  return responseFormatOf({ type: 'json_schema', json_schema: { name: 'x', schema } });
}

const text = { type: 'string' };

test('text is the answer, json_object all that is known of it', () => {
  assert.deepEqual(responseFormatOf(undefined).write(object), { content: 'It is Paris.' });
  assert.deepEqual(responseFormatOf({ type: 'json_object' }).write(object), { content: JSON.stringify(object) });
});

test('a schema gets the properties that it names', () => {
  const strict = { type: 'object', properties: { answer: text }, required: ['answer'], additionalProperties: false };
  assert.deepEqual(schemaOf(strict).write(object), { content: '{"answer":"It is Paris."}' });
  const scored = { type: 'object', properties: { answer: text, confidence: { type: ['number', 'null'] } } };
  assert.deepEqual(schemaOf(scored).write(object), { content: '{"answer":"It is Paris.","confidence":0.873}' });
  assert.deepEqual(schemaOf({ type: 'object' }).write(object), { content: JSON.stringify(object) });
});

const impossible: Readonly<Record<string, Record<string, unknown>>> = {
  'another property': { type: 'object', properties: { capital: text }, required: ['capital'] },
  'a choice of answers': { type: 'object', properties: { answer: { enum: ['yes', 'no'] } }, required: ['answer'] },
  'a number': { type: 'object', properties: { answer: { type: 'number' } } },
  'a short answer': { type: 'object', properties: { answer: { type: 'string', maxLength: 20 } } },
  'a long answer': { type: 'object', properties: { answer: { type: 'string', minLength: 20 } } },
  'a score at all times': { type: 'object', properties: { confidence: { type: 'number' } } },
  'a list': { type: 'array' },
  'a pattern': { type: 'object', properties: { answer: { type: 'string', pattern: '^(a+)+$' } } },
  'a pattern that every answer meets': {
    type: 'object',
    properties: { answer: { type: 'string', pattern: '^(.*)*' } },
  },
  'a pattern of names': { type: 'object', patternProperties: { '^(.*)*$': {} } },
  'a reference': { $ref: 'https://example.org/schema.json' },
  'no schema': { type: 'nonsense' },
  'a schema too long': { type: 'object', description: 'x'.repeat(20_000) },
};

for (const [name, schema] of Object.entries(impossible)) {
  test(`refused before anything is charged: ${name}`, () => {
    assert.throws(
      () => schemaOf(schema),
      (error: SynodError) => error.code === 'JSON_SCHEMA_UNSATISFIABLE' && error.facts['param'] === 'response_format',
    );
  });
}

test('what only the real answer shows to be wrong is a refusal, not another text', () => {
  const few = { type: 'object', properties: { answer: text, citations: { type: 'array', maxItems: 1 } } };
  const [citation] = object.citations;
  const two = { ...object, citations: [citation!, citation!] };
  const written = schemaOf(few).write(two);
  assert.ok('refusal' in written && /citations/.test(written.refusal));
});
