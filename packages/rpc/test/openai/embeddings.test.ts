/** Vectors with the stock `openai` npm client, which asks for base64 by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SynodError } from '@synod/chain';
import OpenAI from 'openai';
import { serve } from '../fixture/serve.ts';

// biome-ignore lint/suspicious/noExplicitAny: wrong input is outside of the client's types.
type Loose = any;

const model = 'synod/embed';

test('text and lists have vectors, as base64 and as numbers', async (t) => {
  const { url, node } = await serve(t);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const expected = [
    [5, 0.5, -1],
    [3, 0.5, -1],
  ];
  for (const format of [{}, { encoding_format: 'float' as const }]) {
    const { data, usage } = await client.embeddings.create({ model, input: ['hello', 'you'], ...format });
    assert.deepEqual(
      data.map(({ embedding }) => embedding),
      expected,
    );
    assert.deepEqual(
      data.map(({ index }) => index),
      [0, 1],
    );
    assert.deepEqual(usage, { prompt_tokens: 3, total_tokens: 3 });
  }
  const { data } = await client.embeddings.create({ model, input: 'hello', dimensions: 3 });
  assert.equal(data.length, 1);
  assert.equal(node.opened.length, 0, 'nothing is bought');
});

test('what no vector can be made of is refused', async (t) => {
  const { url } = await serve(t);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const ask = (body: Loose) => client.embeddings.create({ model, input: 'hello', ...body });
  for (const input of ['', [], [''], [1, 2], [[1]], Array(65).fill('x'), 'x'.repeat(32_769), null, '\ud800'])
    await assert.rejects(ask({ input }), (error: Loose) => error.status === 400 && error.param.startsWith('input'));
  await assert.rejects(ask({ dimensions: 2 }), { status: 400, param: 'dimensions' });
  await assert.rejects(ask({ encoding_format: 'hex' }), { status: 400, param: 'encoding_format' });
  await assert.rejects(ask({ model: 'text-embedding-3-small' }), { status: 404, code: 'model_not_found' });
});

test('a worker without time, or none, is said with a status that clients know', async (t) => {
  const { post, node } = await serve(t);
  const ask = () => post({ model, input: 'hello' }, {}, '/v1/embeddings');
  for (const code of ['EMBEDDINGS_BUSY', 'EMBEDDINGS_UNAVAILABLE']) {
    Object.assign(node.api, { embed: () => Promise.reject(new SynodError(code, 'Not now. Ask again.')) });
    const { status, json, headers } = await ask();
    assert.deepEqual([status, json.error.code, headers.get('retry-after')], [503, code.toLowerCase(), '1']);
  }
});
