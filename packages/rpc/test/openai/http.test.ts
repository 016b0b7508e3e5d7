/** What the stock client does not show of /v1: raw framing, quotes, query state, event streams and limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

const chat = { model: 'synod/auto', messages: [{ role: 'user', content: 'hi' }] };
const path = '/v1/chat/completions';

test('the raw stream has progress comments, chunks and [DONE]', async (t) => {
  const { post } = await serve(t);
  const { text, headers } = await post({ ...chat, stream: true }, {}, path);
  assert.match(headers.get('content-type') ?? '', /text\/event-stream/);
  assert.equal(headers.get('x-should-retry'), 'false');
  assert.equal(headers.get('x-synod-query-id'), `0x${hashOfName('query 1')}`);
  assert.ok(text.startsWith(': routing\n\n'));
  assert.match(text, /\n: selected general-0 general-1\n\n/);
  assert.ok(text.endsWith('data: [DONE]\n\n'));
  assert.ok(!text.includes('NEVER SHOWN'));
});

test('silence in a stream is filled with comments', async (t) => {
  const { post, node } = await serve(t, { keepAliveMs: 10, answerWaitMs: 100 });
  node.script = 'manual';
  const { text } = await post({ ...chat, stream: true }, {}, path);
  assert.match(text, /: waiting\n\n: waiting/);
  assert.match(text, /answer_timeout/);
});

test('errors before JSON is read are OpenAI errors too', async (t) => {
  const { post, get } = await serve(t);
  const error = async (body: unknown, headers = {}) => {
    const answer = await post(body, headers, path);
    return [answer.status, answer.json.error.code];
  };
  assert.deepEqual(await error('{'), [400, 'invalid_json']);
  assert.deepEqual(await error(Uint8Array.from([0x22, 0xff, 0x22])), [400, 'invalid_json']);
  assert.deepEqual(await error('x'.repeat(1_100_000)), [413, 'body_too_large']);
  assert.deepEqual(await error(chat, { 'content-type': 'text/plain' }), [415, 'content_type']);
  assert.deepEqual(await error(chat, { origin: 'http://evil.example' }), [403, 'origin_not_allowed']);
  assert.deepEqual(await error(chat, { 'x-synod-max-cost': 'lots' }), [400, 'invalid_request']);
  assert.deepEqual(await error(chat, { 'idempotency-key': 'k'.repeat(257) }), [400, 'invalid_request']);
  assert.equal((await get('/v1/nowhere')).json.error.code, 'not_found');
});

test('quotes cost nothing', async (t) => {
  const { post, node } = await serve(t);
  const { json } = await post(chat, {}, '/v1/quote');
  assert.deepEqual([json.estimate, json.max, json.valid_until, json.experts.length], ['1800000', '5000000', '20', 2]);
  assert.equal(json.configuration.effort, 'quote');
  const wanted = { ...chat, synod: { effort: 'full', respondents: 3 } };
  const { configuration } = (await post(wanted, {}, '/v1/quote')).json;
  assert.deepEqual([configuration.effort, configuration.respondents, configuration.rounds], ['full', 3, 1]);
  assert.equal(node.opened.length, 0);
});

test('a query is shown by its id', async (t) => {
  const { post, get } = await serve(t);
  const { json } = await post(chat, {}, path);
  const query = await get(`/v1/queries/${json.x_receipt.query_id}`);
  assert.equal(query.json.answer, 'The capital of France is Paris.');
  assert.equal((await get('/v1/queries/0x12')).status, 400);
  assert.equal((await get(`/v1/queries/${hashOfName('other')}`)).status, 404);
  assert.equal((await get(`/v1/queries/${hashOfName('other')}/events`)).status, 404);
});

test('followers are bounded', async (t) => {
  const { post } = await serve(t, { followersMax: 0 });
  const { status, headers, json } = await post(chat, {}, path);
  assert.deepEqual([status, headers.get('retry-after'), json.error.code], [429, '1', 'rate_limited']);
});

test('a private completion gives its key in a header, and the header opens what is said of it', async (t) => {
  const { post, get, url } = await serve(t);
  const { headers, text } = await post({ ...chat, x_private: true }, {}, path);
  assert.match(text, /Paris/);
  const readKey = headers.get('x-synod-read-key') ?? '';
  assert.equal(readKey, `0x${hashOfName('read key')}`);
  const query = `/v1/queries/${headers.get('x-synod-query-id')}`;
  assert.equal((await get(query)).json.isSealed, true);
  const withKey = { headers: { 'x-synod-read-key': readKey } };
  const opened = (await (await fetch(`${url}${query}`, withKey)).json()) as Record<string, unknown>;
  assert.equal(opened['prompt'], 'hi');
  const events = async (options: RequestInit) => (await fetch(`${url}${query}/events`, options)).text();
  assert.ok(!(await events({})).includes('"token"'));
  assert.match(await events(withKey), /"token"/);
  const slip = await post({ ...chat }, { 'x-synod-private': 'yes' }, path);
  assert.match(slip.text, /X-Synod-Private/);
  assert.equal((await post({ ...chat }, {}, path)).headers.get('x-synod-read-key'), null);
  const byHeader = await post({ ...chat, stream: true }, { 'x-synod-private': 'true' }, path);
  assert.equal(byHeader.headers.get('x-synod-read-key'), readKey);
});

test('a bug is a 500 that shows nothing of itself, and stands in the log', async (t) => {
  const node = createMemoryNode();
  Object.assign(node.api, { openQuery: () => Promise.reject(new TypeError('the seed is 0x1234')) });
  const { post, logged } = await serve(t, {}, node);
  const { status, text, json } = await post(chat, {}, path);
  assert.deepEqual([status, json.error.code, json.error.type], [500, 'internal_error', 'api_error']);
  assert.ok(!text.includes('seed'), text);
  assert.ok(logged.some(({ level, facts }) => level === 'error' && /the seed/.test(String(Object.values(facts)[0]))));
});
