/** Options of chat completions with the stock `openai` npm client: stop, length, choices, objects, streamed and whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

// biome-ignore lint/suspicious/noExplicitAny: extra fields are outside of the client's types.
type Loose = any;

const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const base = { model: 'synod/auto', messages };

type Choice = { text: string; finish: string | null };

/** The choices of a stream, put together, and its last chunk. */
async function streamed(client: OpenAI, body: Loose): Promise<{ choices: Choice[]; last: Loose }> {
  const choices: Choice[] = [];
  let last: Loose;
  for await (const chunk of (await client.chat.completions.create({ ...base, ...body, stream: true })) as Loose) {
    last = chunk;
    for (const { index, delta, finish_reason: finish } of chunk.choices) {
      choices[index] ??= { text: '', finish: null };
      choices[index].text += delta.content ?? '';
      choices[index].finish = finish ?? choices[index].finish;
    }
  }
  return { choices, last };
}

async function whole(client: OpenAI, body: Loose): Promise<Choice[]> {
  const completion: Loose = await client.chat.completions.create({ ...base, ...body });
  return completion.choices.map((choice: Loose) => ({ text: choice.message.content, finish: choice.finish_reason }));
}

const cuts: readonly { name: string; body: object; text: string; finish: string }[] = [
  { name: 'stop', body: { stop: ' is' }, text: 'The capital of France', finish: 'stop' },
  { name: 'several stops', body: { stop: ['Paris', 'of'] }, text: 'The capital ', finish: 'stop' },
  { name: 'max_tokens', body: { max_tokens: 3 }, text: 'The capital ', finish: 'length' },
  { name: 'max_completion_tokens', body: { max_completion_tokens: 1, max_tokens: 9 }, text: 'The ', finish: 'length' },
  {
    name: 'room enough',
    body: { max_tokens: 99, stop: ['Berlin'] },
    text: 'The capital of France is Paris.',
    finish: 'stop',
  },
];

for (const { name, body, text, finish } of cuts) {
  test(`an answer is cut, streamed and whole: ${name}`, async (t) => {
    const { url } = await serve(t);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
    assert.deepEqual(await whole(client, body), [{ text, finish }]);
    const { choices, last } = await streamed(client, body);
    assert.deepEqual(choices, [{ text, finish }]);
    assert.equal(last.x_receipt.provisional, false, 'a cut answer is no other answer');
    const usage = await streamed(client, { ...body, stream_options: { include_usage: true } });
    assert.deepEqual(usage.choices, [{ text, finish }]);
    assert.equal(usage.last.usage.cost, '1800001');
  });
}

test('n choices are answers of several respondents to one query', async (t) => {
  const { url, node } = await serve(t);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const both = [
    { text: 'The capital of France is Paris.', finish: 'stop' },
    { text: 'It is Lyon.', finish: 'stop' },
  ];
  assert.deepEqual(await whole(client, { n: 2 }), both);
  assert.deepEqual((await streamed(client, { n: 2 })).choices, both);
  assert.deepEqual(await whole(client, { n: 4 }), both, 'fewer answered');
  assert.deepEqual(
    node.opened.map(({ respondents }) => respondents),
    [undefined, undefined, 4],
  );
  // The streamed one comes first, whoever wins; the best of the others follows.
  node.answers = { texts: ['It is Lyon.', 'It is Paris.'], best: 1 };
  const { choices, last } = await streamed(client, { n: 2 });
  assert.deepEqual(
    choices.map(({ text }) => text),
    ['It is Lyon.', 'It is Paris.'],
  );
  assert.equal(last.x_receipt.answer, 'It is Paris.');
  assert.deepEqual(
    (await whole(client, { n: 2 })).map(({ text }) => text),
    ['It is Paris.', 'It is Lyon.'],
  );
  const usage = await client.chat.completions.create({ ...base, n: 2 });
  assert.equal(usage.usage?.completion_tokens, 6);
});

test('equal answers of two respondents are two choices', async (t) => {
  const { url, node } = await serve(t);
  node.answers = { texts: ['Paris.', 'Paris.'], best: 0 };
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  assert.deepEqual(
    (await whole(client, { n: 2 })).map(({ text }) => text),
    ['Paris.', 'Paris.'],
  );
});

test('an object has answer, citations and confidence, streamed and whole, and is whole when cut', async (t) => {
  const { url, node } = await serve(t);
  node.answers = { texts: ['Paris.\nIt is Paris.', 'It is Lyon.'], best: 0 };
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const body = { response_format: { type: 'json_object' } };
  const [choice] = await whole(client, body);
  const object = JSON.parse(choice!.text);
  assert.deepEqual(object, {
    answer: 'Paris.\nIt is Paris.',
    citations: [{ text: 'It is Paris.', source: 'World Factbook (public domain)', passage: 123 }],
    confidence: 0.873,
  });
  assert.deepEqual(JSON.parse((await streamed(client, body)).choices[0]!.text), object);
  const [cut] = await whole(client, { ...body, max_tokens: 1 });
  assert.deepEqual([JSON.parse(cut!.text).answer, cut!.finish], ['Pari', 'length']);
});

test('a schema is met, or refused before anything is bought', async (t) => {
  const { url, node } = await serve(t);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const format = (schema: object) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } },
  });
  const answer = { type: 'string' };
  const [choice] = await whole(
    client,
    format({ type: 'object', properties: { answer }, required: ['answer'], additionalProperties: false }),
  );
  assert.equal(choice!.text, '{"answer":"The capital of France is Paris."}');
  await assert.rejects(
    whole(client, format({ type: 'object', properties: { capital: answer }, required: ['capital'] })),
    { status: 400, code: 'json_schema_unsatisfiable', param: 'response_format' },
  );
  assert.equal(node.opened.length, 1);
});

test('sampling is taken and has no effect; the fingerprint is that of the model', async (t) => {
  const { url } = await serve(t);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' });
  const completion = await client.chat.completions.create({
    ...base,
    temperature: 2,
    top_p: 0.1,
    seed: 7,
    logprobs: false,
  });
  assert.equal(completion.choices[0]?.message.content, 'The capital of France is Paris.');
  assert.equal(completion.choices[0]?.logprobs, null);
  const fingerprint = `fp_${hashOfName('model').slice(0, 16)}`;
  assert.equal(completion.system_fingerprint, fingerprint);
  assert.equal((await streamed(client, {})).last.system_fingerprint, fingerprint);
});
