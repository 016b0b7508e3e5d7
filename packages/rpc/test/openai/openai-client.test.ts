/** The stock `openai` npm client, unchanged, against the /v1 surface (spec: openai). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];

function clientOf(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
}

// biome-ignore lint/suspicious/noExplicitAny: extra fields are outside of the client's types.
type Loose = any;

async function collect(stream: AsyncIterable<Loose>) {
  const chunks: Loose[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, last: chunks.at(-1), text: chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('') };
}

test('models are listed and found', async (t) => {
  const { url } = await serve(t);
  const client = clientOf(url);
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.deepEqual(ids, ['synod/auto', 'synod/general', 'synod/embed', 'expert/general-0@1', 'expert/general-1@0']);
  const auto = (await client.models.retrieve('synod/auto')) as Loose;
  assert.deepEqual([auto.object, auto.selectable, auto.context], ['model', true, { prompt_bytes: 8192 }]);
  assert.deepEqual(auto.pricing, {
    input_per_byte: '100',
    output_per_byte: '1000',
    quote_per_byte: '500',
    unit: 'nano',
  });
  const expert = (await client.models.retrieve('expert/general-0')) as Loose;
  assert.equal(expert.id, 'expert/general-0@1');
  assert.equal((await fetch(`${url}${expert.card}`)).status, 200);
  for (const id of ['synod/law', 'expert/nobody', 'expert/general-0@9'])
    await assert.rejects(client.models.retrieve(id), { status: 404, code: 'model_not_found' });
});

test('a plain completion has the best answer, usage with cost, and the receipt', async (t) => {
  const { url, node } = await serve(t);
  const { data, response } = await clientOf(url)
    .chat.completions.create({ model: 'synod/general', messages })
    .withResponse();
  assert.equal(data.choices[0]?.message.content, 'The capital of France is Paris.');
  assert.equal(data.choices[0]?.finish_reason, 'stop');
  assert.deepEqual(data.usage, {
    prompt_tokens: 12,
    completion_tokens: 3,
    total_tokens: 15,
    cost: '1800001',
    cost_details: { unit: 'nano', syn: '0.001800001' },
  } as Loose);
  const receipt = (data as Loose).x_receipt;
  assert.equal(receipt.query_id, `0x${hashOfName('query 1')}`);
  assert.equal(response.headers.get('x-synod-query-id'), receipt.query_id);
  assert.deepEqual([receipt.finalized, receipt.provisional, receipt.block.height], [true, false, '3']);
  assert.deepEqual(
    [receipt.experts[0].name, receipt.experts[0].score, receipt.experts[0].paid],
    ['general-0', '0.873', '900000'],
  );
  assert.equal(node.opened[0]?.domain, 'general');
});

test('a stream has the tokens of one expert, and the receipt in its last chunk', async (t) => {
  const { url } = await serve(t);
  const { chunks, last, text } = await collect(
    await clientOf(url).chat.completions.create({ model: 'synod/auto', messages, stream: true }),
  );
  assert.equal(text, 'The capital of France is Paris.');
  assert.ok(chunks.length >= 7);
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1));
  assert.equal(last.choices[0].finish_reason, 'stop');
  assert.deepEqual([last.x_receipt.finalized, last.x_receipt.provisional], [true, false]);
});

test('what an answer quotes is cited in the receipt', async (t) => {
  const { url, node } = await serve(t);
  node.answers = { texts: ['Paris.\nIt is Paris.', 'It is Lyon.'], best: 0 };
  const data = (await clientOf(url).chat.completions.create({ model: 'synod/auto', messages })) as Loose;
  assert.equal(data.choices[0].message.content, 'Paris.\nIt is Paris.');
  assert.equal(data.x_receipt.grounding, 'mixed');
  assert.deepEqual(data.x_receipt.citations, [
    { text: 'It is Paris.', source: 'World Factbook (public domain)', passage: 123 },
  ]);
});

test('include_usage adds a last chunk with usage and receipt', async (t) => {
  const { url } = await serve(t);
  const options = { stream: true, stream_options: { include_usage: true } } as const;
  const { chunks, last } = await collect(
    await clientOf(url).chat.completions.create({ model: 'synod/auto', messages, ...options }),
  );
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.cost, '1800001');
  assert.equal(last.x_receipt.finalized, true);
  assert.equal(chunks.filter((chunk) => chunk.choices[0]?.finish_reason === 'stop').length, 1);
});

test('when another answer wins, the stream says so and a plain completion has it', async (t) => {
  const { url, node } = await serve(t);
  node.answers = { texts: ['It is Lyon.', 'It is Paris.'], best: 1 };
  const client = clientOf(url);
  const { last, text } = await collect(
    await client.chat.completions.create({ model: 'synod/auto', messages, stream: true }),
  );
  assert.equal(text, 'It is Lyon.');
  assert.deepEqual([last.x_receipt.provisional, last.x_receipt.answer], [true, 'It is Paris.']);
  const whole = await client.chat.completions.create({ model: 'synod/auto', messages });
  assert.equal(whole.choices[0]?.message.content, 'It is Paris.');
});

test('a stream without provisional tokens gives the final answer', async (t) => {
  const { url, node } = await serve(t);
  node.script = 'manual';
  const pending = clientOf(url).chat.completions.create({ model: 'synod/auto', messages, stream: true });
  const stream = await pending;
  const queryId = hashOfName('query 1');
  node.push(queryId, { kind: 'opened', queryId, height: 1 });
  const script = createMemoryNode();
  script.script = 'all';
  await script.api.openQuery({ prompt: 'x' });
  node.push(queryId, { kind: 'final', queryId, view: { ...script.api.query(queryId, null)!, queryId } });
  assert.equal((await collect(stream)).text, 'The capital of France is Paris.');
});

test('without finality in time the answer comes marked provisional and unfinal', async (t) => {
  const { url, node } = await serve(t, { finalityWaitMs: 30 });
  node.script = 'manual';
  const pending = clientOf(url).chat.completions.create({ model: 'synod/auto', messages, stream: true });
  const stream = await pending;
  const queryId = hashOfName('query 1');
  const expert = node.experts[0]!.address;
  node.push(queryId, { kind: 'token', queryId, expert, text: 'Paris' });
  node.push(queryId, { kind: 'answerDone', queryId, expert });
  const { text, last } = await collect(stream);
  assert.equal(text, 'Paris');
  assert.deepEqual([last.x_receipt.finalized, last.x_receipt.provisional], [false, true]);
});

test('several turns become one prompt, and options reach the query', async (t) => {
  const { url, node } = await serve(t);
  const turns = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] },
    { role: 'assistant' as const, content: 'Hello.' },
    { role: 'user' as const, content: 'And France?' },
  ];
  const body: Loose = {
    model: 'synod/auto',
    messages: turns,
    synod: { max_cost: '0.01 SYN', domain: 'general', respondents: 2, effort: 'full' },
  };
  await clientOf(url).chat.completions.create(body);
  assert.deepEqual(node.opened[0], {
    prompt: 'Be brief.\n\nUser: Hi\nAssistant: Hello.\nUser: And France?',
    domain: 'general',
    maxCost: 10_000_000n,
    respondents: 2,
    effort: 'full',
  });
  await clientOf(url).chat.completions.create(
    { model: 'synod/auto', messages },
    { headers: { 'X-Synod-Max-Cost': '7000' } },
  );
  assert.equal(node.opened[1]?.maxCost, 7000n);
});

test('an expert is asked by its name, with or without its version, or by its address', async (t) => {
  const { url, node } = await serve(t);
  const { address } = node.experts[0]!;
  for (const model of ['expert/general-0', 'expert/general-0@1', `expert/${address}`]) {
    const { model: shown } = await clientOf(url).chat.completions.create({ model, messages, n: 3 });
    assert.equal(shown, model);
  }
  const asked = { prompt: 'What is the capital of France?', expert: address, maxCost: undefined, respondents: 1 };
  assert.deepEqual(node.opened, [asked, asked, asked]);
});

/** Values outside of OpenAI's ranges, or of ours where they are narrower. */
const outOfRange = {
  n: [0, 5, 1.5, 'two'],
  stop: ['', ['a', 'b', 'c', 'd', 'e'], [''], 7],
  temperature: [-0.1, 2.1, 'hot'],
  top_p: [-0.1, 1.1],
  presence_penalty: [-2.1, 2.1],
  frequency_penalty: [-2.1, 2.1],
  seed: [1.5, 'x'],
  max_tokens: [0, -1, 1.5],
  max_completion_tokens: [0],
  top_logprobs: [21],
  response_format: [{ type: 'yaml' }, 'json', { type: 'json_schema' }],
};

test('refusals have the status and code clients know, and buy nothing', async (t) => {
  const { url, node } = await serve(t);
  const client = clientOf(url);
  const ask = (body: Loose) => client.chat.completions.create({ model: 'synod/auto', messages, ...body });
  await assert.rejects(ask({ model: 'gpt-4o' }), { status: 404, code: 'model_not_found', param: 'model' });
  await assert.rejects(ask({ model: 'synod/law' }), { status: 404, code: 'model_not_found' });
  await assert.rejects(ask({ model: 'expert/nobody' }), { status: 404, code: 'model_not_found', param: 'model' });
  await assert.rejects(ask({ model: 'expert/general-0@2' }), { status: 404, code: 'model_not_found' });
  await assert.rejects(ask({ model: 'synod/embed' }), { status: 404 });
  await assert.rejects(ask({ synod: { max_cost: '1' } }), { status: 400, code: 'max_cost_exceeded' });
  await assert.rejects(ask({ synod: { maxcost: '1' } }), { status: 400, code: 'invalid_request' });
  await assert.rejects(ask({ messages: [] }), { status: 400, code: 'invalid_request', param: 'messages' });
  await assert.rejects(ask({ messages: [{ role: 'user', content: ' ' }] }), { status: 400, code: 'prompt_empty' });
  await assert.rejects(ask({ messages: [{ role: 'user', content: 'x'.repeat(8_193) }] }), {
    status: 400,
    code: 'context_length_exceeded',
  });
  await assert.rejects(
    ask({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }),
    { status: 400 },
  );
  for (const [param, value] of Object.entries(outOfRange))
    for (const wrong of value)
      await assert.rejects(
        ask({ [param]: wrong }),
        (error: Loose) => error.status === 400 && error.param.startsWith(param),
      );
  const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
  await assert.rejects(ask({ tools }), { status: 400, code: 'unsupported_parameter', param: 'tools' });
  await assert.rejects(ask({ functions: [{ name: 'f' }] }), { status: 400, param: 'functions' });
  await assert.rejects(ask({ modalities: ['text', 'audio'] }), { status: 400, param: 'modalities' });
  node.aliceBalance = 0n;
  await assert.rejects(ask({}), { status: 402, code: 'insufficient_balance' });
  await assert.rejects(ask({ stream: true }), { status: 402, code: 'insufficient_balance' });
  assert.equal(node.opened.length, 0);
});

test('no expert is 503 before anything is opened', async (t) => {
  const { url, node } = await serve(t);
  node.experts = [];
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
  await assert.rejects(client.chat.completions.create({ model: 'synod/auto', messages }), {
    status: 503,
    code: 'no_expert_online',
  });
});

test('an error after opening is never repeated by the client', async (t) => {
  const { url, node } = await serve(t, { answerWaitMs: 30 });
  node.script = 'manual';
  const failure = await clientOf(url)
    .chat.completions.create({ model: 'synod/auto', messages })
    .catch((error: unknown) => error);
  assert.ok(failure instanceof OpenAI.APIError);
  assert.deepEqual(
    [failure.status, failure.code, failure.headers?.get('x-should-retry')],
    [504, 'answer_timeout', 'false'],
  );
  assert.equal(failure.headers?.get('x-synod-query-id'), `0x${hashOfName('query 1')}`);
  assert.equal(node.opened.length, 1);
});

test('a failure in a stream is an error of the client', async (t) => {
  const { url, node } = await serve(t);
  node.script = 'manual';
  const stream = await clientOf(url).chat.completions.create({ model: 'synod/auto', messages, stream: true });
  const queryId = hashOfName('query 1');
  node.push(queryId, { kind: 'failed', queryId, code: 'NO_EXPERT', message: 'Nobody answered. Ask again.' });
  await assert.rejects(collect(stream), { code: 'no_expert_online' });
});

test('the same Idempotency-Key joins one query, other requests may not use it', async (t) => {
  const { url, node } = await serve(t);
  const client = clientOf(url);
  const headers = { 'Idempotency-Key': 'k1' };
  const ask = (body: Loose = {}) =>
    client.chat.completions.create({ model: 'synod/auto', messages, ...body }, { headers }) as Promise<Loose>;
  const [first, second] = await Promise.all([ask(), ask()]);
  assert.equal(first.x_receipt.query_id, second.x_receipt.query_id);
  assert.equal(node.opened.length, 1);
  await assert.rejects(ask({ messages: [{ role: 'user', content: 'other' }] }), {
    status: 422,
    code: 'idempotency_key_reused',
  });
  await client.chat.completions.create({ model: 'synod/auto', messages });
  assert.equal(node.opened.length, 2);
});

test('a client that leaves is no longer followed, and its query is ended, streaming or not', async (t) => {
  const { url, node } = await serve(t, { observedQueriesMax: 0, retryGraceMs: 20 });
  node.script = 'manual';
  const client = clientOf(url);
  const stream = await client.chat.completions.create({ model: 'synod/auto', messages, stream: true });
  const leave = new AbortController();
  const whole = client.chat.completions.create({ model: 'synod/auto', messages }, { signal: leave.signal });
  await until(() => node.followers() === 2);
  stream.controller.abort();
  leave.abort();
  await assert.rejects(whole);
  // Both are in no block yet: nothing can be ended.
  await until(() => node.followers() === 2);
  assert.deepEqual(node.cancelled, []);
  const ids = [hashOfName('query 1'), hashOfName('query 2')];
  for (const queryId of ids) node.push(queryId, { kind: 'opened', queryId, height: 1 });
  await until(() => node.cancelled.length === 2);
  assert.deepEqual([...node.cancelled].sort(), ids.sort());
  await until(() => node.followers() === 0);
});

/** Lets events run until the condition holds; the test runner's own limit ends a condition that never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
