/** JSON-RPC over HTTP: framing, batches, limits and refusals (spec: rpc §1). */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { createMemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';

const head = { jsonrpc: '2.0', id: 7, method: 'chain_getHead' };

test('a request is answered with its id', async (t) => {
  const { post } = await serve(t);
  const { status, json } = await post({ ...head, id: 'abc' });
  assert.equal(status, 200);
  assert.equal(json.id, 'abc');
  assert.equal(json.result.height, '3');
  assert.match(json.result.hash, /^0x[0-9a-f]{64}$/);
});

test('malformed bodies have the codes of the specification', async (t) => {
  const { post } = await serve(t);
  const cases: [unknown, number][] = [
    ['{"jsonrpc": "2.0", "method"', -32700],
    ['', -32700],
    [
      Uint8Array.from(
        Buffer.from('{"jsonrpc":"2.0","id":1,"method":"query_quote","params":{"prompt":"\xff\xfe"}}', 'latin1'),
      ),
      -32700,
    ],
    ['[]', -32600],
    ['null', -32600],
    ['1', -32600],
    ['"text"', -32600],
    [{ ...head, jsonrpc: '1.0' }, -32600],
    [{ id: 1, method: 'chain_getHead' }, -32600],
    [{ ...head, method: 5 }, -32600],
    [{ ...head, params: 'text' }, -32600],
    [{ ...head, id: { a: 1 } }, -32600],
    [{ ...head, result: 1 }, -32600],
    [{ ...head, error: {} }, -32600],
    [{ ...head, method: 'chain_getHed' }, -32601],
    [{ ...head, method: '__proto__' }, -32601],
    [{ ...head, params: { heigt: 1 } }, -32602],
  ];
  for (const [body, code] of cases) {
    const { json } = await post(body);
    assert.equal(json?.error?.code, code, `${String(body)} -> ${JSON.stringify(json)}`);
    assert.equal(typeof json.error.data.name, 'string');
    assert.equal(json.error.data.stack, undefined);
  }
});

test('a mistyped method or parameter gets a suggestion', async (t) => {
  const { rpc } = await serve(t);
  assert.match((await rpc('chain_getHed')).error.data.hint, /chain_getHead/);
  const { error } = await rpc('chain_getBlock', { heigth: 1 });
  assert.equal(error.code, -32602);
  assert.match(error.data.hint, /Did you mean "height"/);
  assert.match(
    (await rpc('chain_getBlock', { zzzzzzzz: 1 })).error.data.hint,
    /chain_getBlock\(height\?, hash\?, tag\?\)/,
  );
  assert.match((await rpc('state_getAccount', {})).error.message, /address/);
});

test('a notification has no answer', async (t) => {
  const { post } = await serve(t);
  const { status, text } = await post({ jsonrpc: '2.0', method: 'chain_getHead' });
  assert.deepEqual([status, text], [204, '']);
  assert.equal(
    (
      await post([
        { jsonrpc: '2.0', method: 'chain_getHead' },
        { jsonrpc: '2.0', method: 'nope' },
      ])
    ).status,
    204,
  );
});

test('a mixed batch answers each request, and stays an array when it holds one', async (t) => {
  const { post } = await serve(t);
  const { json } = await post([
    head,
    1,
    null,
    { ...head, id: 8, method: 'nope' },
    { jsonrpc: '2.0', method: 'chain_getHead' },
  ]);
  assert.deepEqual(
    json.map((answer: { id: unknown; error?: { code: number } }) => [answer.id, answer.error?.code ?? 'ok']),
    [
      [7, 'ok'],
      [null, -32600],
      [null, -32600],
      [8, -32601],
    ],
  );
  assert.equal((await post([head])).json.length, 1);
});

test('a batch has a maximum of requests', async (t) => {
  const { post } = await serve(t);
  assert.equal((await post(Array.from({ length: 100 }, () => head))).json.length, 100);
  const { json } = await post(Array.from({ length: 101 }, () => head));
  assert.equal(json.error.code, -32005);
});

test('a batch whose answers grow too large answers the rest with an error', async (t) => {
  const { post } = await serve(t, { batchResponseBytesMax: 2_000 });
  const { json } = await post(Array.from({ length: 30 }, (_, id) => ({ ...head, id })));
  assert.equal(json.length, 30);
  assert.equal(json[0].result.height, '3');
  assert.equal(json[29].error.code, -32005);
  assert.deepEqual(
    json.map((answer: { id: number }) => answer.id),
    Array.from({ length: 30 }, (_, id) => id),
  );
  const answered = json.filter((answer: { error?: object }) => answer.error === undefined);
  assert.ok(answered.length >= 5 && JSON.stringify(answered).length <= 2_000, String(answered.length));
});

test('after an answer that does not fit, nothing more of the batch is run', async (t) => {
  const { post } = await serve(t, { batchResponseBytesMax: 3_000, batchConcurrency: 1 });
  const { json } = await post([head, { jsonrpc: '2.0', id: 8, method: 'rpc.discover' }, { ...head, id: 9 }]);
  assert.deepEqual(
    json.map((answer: { id: number; error?: { code: number } }) => [answer.id, answer.error?.code ?? 'ok']),
    [
      [7, 'ok'],
      [8, -32005],
      [9, -32005],
    ],
  );
});

test('an oversized body is refused with 413 and a JSON-RPC error', async (t) => {
  const { post } = await serve(t);
  const { status, json } = await post(JSON.stringify({ ...head, params: { pad: 'x'.repeat(1_100_000) } }));
  assert.equal(status, 413);
  assert.equal(json.error.code, -32005);
  assert.equal(json.error.data.name, 'BODY_TOO_LARGE');
});

test('only JSON is accepted, so that no page can post without a preflight', async (t) => {
  const { post, url } = await serve(t);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    const { status, json } = await post(head, { 'content-type': type });
    assert.equal(status, 415);
    assert.equal(json.error.code, -32600);
  }
  const preflight = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  assert.ok(preflight.status >= 400);
});

test('foreign Host and Origin headers are refused', async (t) => {
  const { url, post } = await serve(t);
  const statusFor = (host: string) =>
    new Promise<number>((resolve, reject) => {
      httpRequest(`${url}/livez`, { headers: { host } }, (response) => resolve(response.resume().statusCode ?? 0))
        .on('error', reject)
        .end();
    });
  assert.equal(await statusFor('evil.example'), 403);
  assert.equal(await statusFor('evil.example:9545'), 403);
  assert.equal(await statusFor('127.0.0.1.evil.example'), 403);
  assert.equal(await statusFor('localhost:1'), 200);
  assert.equal(await statusFor('[::1]:9545'), 200);
  assert.equal((await post(head, { origin: 'http://evil.example' })).status, 403);
  assert.equal((await post(head, { origin: url })).status, 200);
});

test('GET serves reading methods and never writing ones', async (t) => {
  const { get, node } = await serve(t);
  const { status, json } = await get('/rpc/node_status');
  assert.equal(status, 200);
  assert.equal(json.result.finalized.height, '3');
  assert.equal((await get('/rpc/chain_getBlock?height=2')).json.result.height, '2');
  assert.equal((await get('/rpc/chain_getBlocks?from=1&limit=2')).json.result.items.length, 2);
  assert.equal((await get('/rpc/chain_getBlock?height=x')).status, 400);
  assert.equal((await get('/rpc/nope')).status, 404);
  const refused = await get('/rpc/query_submit?prompt=hello');
  assert.equal(refused.status, 405);
  assert.equal(node.opened.length, 0);
  assert.equal((await get('/nowhere')).status, 404);
});

test('a bug is -32603 without its text, and in the log', async (t) => {
  const node = createMemoryNode();
  const { rpc, logged } = await serve(t, {}, node);
  node.api.peers = () => {
    throw new TypeError('secret detail');
  };
  const { error } = await rpc('node_peers');
  assert.equal(error.code, -32603);
  assert.ok(!JSON.stringify(error).includes('secret'));
  assert.ok(logged.some(({ level }) => level === 'error'));
});

test('health: live always, ready only with a block and in sync', async (t) => {
  const { get, node } = await serve(t);
  assert.equal((await get('/livez')).status, 200);
  assert.equal((await get('/readyz')).status, 200);
  node.status = { syncing: true };
  const syncing = await get('/readyz');
  assert.equal(syncing.status, 503);
  assert.match(syncing.json.reason, /catching up/);
  node.status = { head: { ...node.api.status().head, height: 0 } };
  assert.match((await get('/readyz')).json.reason, /no block/);
  assert.equal((await get('/livez')).status, 200);
});

test('metrics tell of the node, its queries and the process', async (t) => {
  const { get, rpc, node } = await serve(t);
  await rpc('query_submit', { prompt: 'hello' });
  node.status = { head: { ...node.api.status().head, height: 4, time: node.api.status().head.time + 500 } };
  node.emit('newHeads', { height: 4 });
  const { text } = await get('/metrics');
  for (const line of [
    'synod_head_height 4',
    'synod_finalized_height 3',
    'synod_mempool_txs 4',
    'synod_peers{direction="inbound"} 1',
    'synod_queries_total{outcome="answered"} 1',
    'synod_query_seconds_count 1',
    'synod_time_to_first_token_seconds_count 1',
    'synod_block_interval_seconds_sum 0.5',
    'synod_rpc_requests_total{surface="jsonrpc",status="200"} 1',
  ]) {
    assert.ok(text.includes(line), line);
  }
  assert.match(text, /process_resident_memory_bytes \d+/);
});

test('a taken port is one clear error', async (t) => {
  const { url } = await serve(t);
  const { createRpcServer } = await import('../../src/index.ts');
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const second = createRpcServer({ api: createMemoryNode().api, port: Number(new URL(url).port), log });
  t.after(() => second.close());
  await assert.rejects(second.listen(), { code: 'PORT_IN_USE', message: /--port-base/ });
});
