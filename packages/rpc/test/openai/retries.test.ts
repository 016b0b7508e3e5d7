/** What a stock client repeats by itself buys nothing twice; who pays; when a query is ended with its client. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { SynodError } from '@synod/chain';
import type { StoredJoin } from '../../src/index.ts';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

const chat = { model: 'synod/auto', messages: [{ role: 'user', content: 'hi' }] };
const path = '/v1/chat/completions';

test('a retry joins, also when the answer was sent; a new call does not', async (t) => {
  const { post, node } = await serve(t);
  const retry = (count: number, key = 'a') => ({
    'x-stainless-retry-count': String(count),
    authorization: `Bearer ${key}`,
  });
  const first = await post(chat, retry(0), path);
  const again = await post(chat, retry(1), path);
  assert.equal(again.headers.get('x-synod-query-id'), first.headers.get('x-synod-query-id'));
  assert.equal(node.opened.length, 1);
  await post(chat, retry(0), path);
  await post({ ...chat, stop: 'x' }, retry(1), path);
  await post(chat, retry(1, 'b'), path);
  assert.equal(node.opened.length, 4);
});

/** Sends a request and cuts the connection once the node follows its query. */
async function leave(url: string, headers: Record<string, string>, isOpen: () => boolean): Promise<void> {
  const client = request(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  client.on('error', () => undefined);
  client.end(JSON.stringify(chat));
  await until(isOpen);
  client.destroy();
}

test('a client that says nothing of retries is not waited for, one with a key may come back', async (t) => {
  const { url, node } = await serve(t, { observedQueriesMax: 0, retryGraceMs: 60_000 });
  node.script = 'manual';
  await leave(url, { 'idempotency-key': 'k' }, () => node.followers() === 1);
  await until(() => node.followers() === 0);
  await leave(url, {}, () => node.opened.length === 2 && node.followers() === 1);
  const queryId = hashOfName('query 2');
  node.push(queryId, { kind: 'opened', queryId, height: 1 });
  await until(() => node.cancelled.length === 1);
  assert.deepEqual(node.cancelled, [queryId]);
});

test('a client that comes back in time keeps its query', async (t) => {
  const { url, node, post } = await serve(t, { observedQueriesMax: 0, retryGraceMs: 50 });
  node.script = 'manual';
  await leave(url, { 'x-stainless-retry-count': '0' }, () => node.followers() === 1);
  const again = post(chat, { 'x-stainless-retry-count': '1' }, path);
  await until(() => node.followers() === 1);
  // The grace of the first connection passes while the second one reads.
  const queryId = hashOfName('query 1');
  await new Promise((resolve) => setTimeout(resolve, 80));
  node.runToEnd(queryId);
  assert.match((await again).text, /Paris/);
  assert.deepEqual([node.opened.length, node.cancelled], [1, []]);
});

test('what fails before a query is out may be repeated, and says when', async (t) => {
  const node = createMemoryNode();
  const { openQuery } = node.api;
  const { post } = await serve(t, {}, node);
  let code = 'OPEN_QUERIES_FULL';
  Object.assign(node.api, { openQuery: () => Promise.reject(new SynodError(code, 'Not now. Ask again.')) });
  const busy = await post(chat, {}, path);
  assert.deepEqual(
    [busy.status, busy.headers.get('retry-after'), busy.headers.get('x-should-retry')],
    [429, '1', null],
  );
  code = 'NO_EXPERT';
  const none = await post(chat, {}, path);
  assert.deepEqual(
    [none.status, none.headers.get('retry-after'), none.headers.get('x-should-retry')],
    [503, '1', null],
  );
  // From the signature on it may be out.
  Object.assign(node.api, {
    openQuery: (async (wanted, terms) => {
      await openQuery(wanted, terms);
      throw new SynodError('MEMPOOL_FULL', 'Not now. Ask again.');
    }) satisfies typeof openQuery,
  });
  const late = await post(chat, {}, path);
  assert.deepEqual(
    [late.status, late.headers.get('x-should-retry'), late.headers.get('retry-after')],
    [429, 'false', null],
  );
});

test('a question that a crash may have lost is not opened again while a block could still take it', async (t) => {
  let kept: readonly StoredJoin[] = [];
  const joinStore = {
    load: () => kept,
    save(joins: readonly StoredJoin[]) {
      kept = joins;
    },
  };
  const key = { 'idempotency-key': 'k' };
  const before = await serve(t, {}, createMemoryNode(), { joinStore });
  await before.post(chat, key, path);
  const { post, node } = await serve(t, {}, createMemoryNode(), { joinStore });
  const lost = await post(chat, key, path);
  assert.deepEqual(
    [lost.status, lost.json.error.code, lost.headers.get('x-should-retry')],
    [503, 'query_pending', 'false'],
  );
  assert.deepEqual(lost.headers.get('x-synod-query-id'), `0x${hashOfName('query 1')}`);
  assert.equal(node.opened.length, 0);
  // Above its last height it never will be: the same request may be asked anew.
  node.status = { head: { ...node.api.status().head, height: 61 } };
  assert.equal((await post(chat, key, path)).status, 200);
  assert.equal(node.opened.length, 1);
});

test('only a devnet pays for whoever asks', async (t) => {
  const { post, node } = await serve(t);
  const spendKey = { authorization: 'Bearer sk-synod-0011' };
  const unknown = await post(chat, spendKey, path);
  assert.deepEqual([unknown.status, unknown.json.error.code], [401, 'invalid_api_key']);
  node.status = { devnet: false };
  for (const headers of [{}, { authorization: 'Bearer any' }, { authorization: 'Basic YTpi' }, spendKey]) {
    for (const [body, where] of [
      [chat, path],
      [{ model: 'synod/embed', input: 'x' }, '/v1/embeddings'],
    ] as const) {
      const answer = await post(body, headers, where);
      assert.deepEqual([answer.status, answer.json.error.code], [401, 'invalid_api_key']);
    }
  }
  assert.equal(node.opened.length, 0);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
