/** Log-probabilities with the stock `openai` npm client: what the chain recorded, for text that a model wrote, and null with a reason else. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import OpenAI from 'openai';
import { serve } from '../fixture/serve.ts';

// biome-ignore lint/suspicious/noExplicitAny: extra fields are outside of the client's types.
type Loose = any;

const messages = [{ role: 'user' as const, content: 'What is the capital of France?' }];
const base = { model: 'synod/auto', messages, logprobs: true };

async function start(t: TestContext) {
  const { url, node } = await serve(t);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 });
  const whole = async (body: object = {}): Promise<Loose> =>
    await client.chat.completions.create({ ...base, ...body } as Loose);
  return { node, client, whole };
}

const bytesOf = (text: string) => [...Buffer.from(text)];
const entry = (token: string, logprob: number) => ({ token, logprob, bytes: bytesOf(token), top_logprobs: [] });
const recorded = [entry('The capital of', -0.01), entry(' France', -0.02), entry(' is Paris.', -0.03)];

test('each token that a model wrote has its recorded log-probability', async (t) => {
  const { whole } = await start(t);
  const completion = await whole();
  assert.deepEqual(completion.choices[0].logprobs, { content: recorded, refusal: null });
  assert.deepEqual(completion.x_receipt.logprobs, ['recorded']);
  const without = await whole({ logprobs: false });
  assert.equal(without.choices[0].logprobs, null);
  assert.ok(!('logprobs' in without.x_receipt), 'nothing is said to those who did not ask');
});

for (const include_usage of [false, true]) {
  test(`a stream has them in the chunk that ends the choice${include_usage ? ', before usage' : ''}`, async (t) => {
    const { client } = await start(t);
    const stream = client.chat.completions.stream({ ...base, stream_options: { include_usage } });
    const chunks: Loose[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const { choices } = await stream.finalChatCompletion();
    assert.deepEqual(choices[0]!.logprobs?.content, recorded, 'as the client puts the chunks together');
    const carrying = chunks.filter((chunk) => chunk.choices[0]?.logprobs);
    assert.deepEqual(
      carrying.map((chunk) => chunk.choices[0].finish_reason),
      ['stop'],
    );
    assert.deepEqual(chunks.at(-1).x_receipt.logprobs, ['recorded']);
  });
}

test('what won instead of the streamed text has them, the streamed text has none', async (t) => {
  const { node, client, whole } = await start(t);
  node.answers = { texts: ['It is Lyon.', 'The capital of France is Paris.'], best: 1 };
  const chunks: Loose[] = [];
  for await (const chunk of (await client.chat.completions.create({ ...base, stream: true })) as Loose)
    chunks.push(chunk);
  assert.ok(chunks.every(({ choices }) => choices[0].logprobs === null));
  assert.equal(chunks.at(-1).x_receipt.provisional, true);
  assert.deepEqual(chunks.at(-1).x_receipt.logprobs, ['provisional']);
  assert.deepEqual((await whole()).choices[0].logprobs.content, recorded);
});

test('what is quoted has none: the list is of written tokens alone', async (t) => {
  const { node, whole } = await start(t);
  node.answers = { texts: ['Paris.\n\nIt is Paris.', 'It is Paris.'], best: 0 };
  // As an expert writes a phrasing: it stops at a line's end and is trimmed.
  node.vocabulary = ['', ' Pa', 'ris.', '\n'];
  const { choices, x_receipt } = await whole();
  assert.equal(choices[0].message.content, 'Paris.\n\nIt is Paris.');
  assert.deepEqual(choices[0].logprobs.content, [entry(' Pa', -0.01), entry('ris.', -0.02), entry('\n', -0.03)]);
  assert.deepEqual(x_receipt.logprobs, ['recorded']);
  node.answers = { texts: ['\nIt is Paris.', 'It is Lyon.'], best: 0 };
  const quoted = await whole();
  assert.equal(quoted.choices[0].logprobs, null);
  assert.deepEqual(quoted.x_receipt.logprobs, ['quoted']);
});

test('each of several choices has its own, and a text that its tokens do not make has none', async (t) => {
  const { whole } = await start(t);
  const { choices, x_receipt } = await whole({ n: 2 });
  assert.deepEqual(choices[0].logprobs.content, recorded);
  assert.equal(choices[1].logprobs, null);
  assert.deepEqual(x_receipt.logprobs, ['recorded', 'misaligned']);
});

const cuts = [
  { name: 'stop', body: { stop: ' is' }, tokens: 2 },
  { name: 'a stop within a token', body: { stop: 'Par' }, tokens: 2 },
  { name: 'max_tokens', body: { max_tokens: 4 }, tokens: 1 },
  { name: 'less than a token', body: { max_tokens: 1 }, tokens: 0 },
  { name: 'room enough', body: { max_tokens: 99 }, tokens: 3 },
] as const;

for (const { name, body, tokens } of cuts) {
  test(`a cut text has the tokens that are wholly shown: ${name}`, async (t) => {
    const { client, whole } = await start(t);
    const { choices } = await whole(body);
    assert.deepEqual(choices[0].logprobs.content, recorded.slice(0, tokens));
    const shown = choices[0].logprobs.content.map(({ token }: { token: string }) => token).join('');
    assert.ok(choices[0].message.content.startsWith(shown));
    const streamed = await client.chat.completions.stream({ ...base, ...body } as Loose).finalChatCompletion();
    assert.deepEqual(streamed.choices[0]!.logprobs?.content ?? [], choices[0].logprobs.content);
  });
}

test('objects have none, and no tokenizer is needed for them', async (t) => {
  const { node, whole } = await start(t);
  node.tokenizer = 'none';
  const { choices, x_receipt } = await whole({ response_format: { type: 'json_object' } });
  assert.equal(choices[0].logprobs, null);
  assert.deepEqual(x_receipt.logprobs, ['object']);
});

test('a private answer that its read key opens has them', async (t) => {
  const { whole } = await start(t);
  assert.deepEqual((await whole({ x_private: true })).choices[0].logprobs.content, recorded);
});

test('a node that cannot tell them says so before anything is bought', async (t) => {
  const { node, whole } = await start(t);
  const refusals = [
    ['none', 400, 'logprobs_unavailable'],
    ['otherModel', 400, 'logprobs_unavailable'],
    ['notYet', 503, 'logprobs_busy'],
  ] as const;
  for (const [standing, status, code] of refusals) {
    node.tokenizer = standing;
    await assert.rejects(whole(), { status, code, param: 'logprobs' });
    await assert.rejects(whole({ stream: true }), { status, code });
    await assert.rejects(whole({ model: 'expert/general-0' }), { status, code });
  }
  node.tokenizer = 'ready';
  for (const logprobs of [true, undefined])
    await assert.rejects(whole({ logprobs, top_logprobs: 1 }), {
      status: 400,
      code: 'top_logprobs_unavailable',
      param: 'top_logprobs',
    });
  assert.equal(node.opened.length, 0);
  assert.deepEqual((await whole({ top_logprobs: 0 })).choices[0].logprobs.content, recorded);
});

test('what is found out only after the answer is null, with its reason, and the answer is not lost', async (t) => {
  const { node, whole } = await start(t);
  const reasons = [
    ['unknownModel', 'unknown_model'],
    ['otherModel', 'other_model'],
    ['notYet', 'busy'],
    ['none', 'unavailable'],
  ] as const;
  // It could be told when the question came.
  Object.assign(node.api, { tokenizerStanding: () => 'ready' });
  for (const [standing, reason] of reasons) {
    node.tokenizer = standing;
    const { choices, x_receipt } = await whole();
    assert.equal(choices[0].message.content, 'The capital of France is Paris.');
    assert.equal(choices[0].logprobs, null);
    assert.deepEqual(x_receipt.logprobs, [reason]);
  }
});

test('the same key with and without log-probabilities are two requests', async (t) => {
  const { client } = await start(t);
  const ask = (logprobs: boolean) =>
    client.chat.completions.create({ ...base, logprobs }, { headers: { 'Idempotency-Key': 'k' } });
  await ask(true);
  await assert.rejects(ask(false), { code: 'idempotency_key_reused' });
});
