/** JSON-RPC over WebSocket and its subscriptions (spec: rpc §5). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages are inspected field by field by assertions.
type Message = any;

/** A connected socket with its messages in order, awaited one by one. */
async function connect(t: TestContext, url: string, options: object = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, options);
  t.after(() => socket.terminate());
  const messages: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    const next = waiting.shift();
    if (next === undefined) messages.push(message);
    else next(message);
  });
  await once(socket, 'open');
  return {
    socket,
    send: (body: unknown) => socket.send(typeof body === 'string' ? body : JSON.stringify(body)),
    next: (): Promise<Message> =>
      messages.length > 0 ? Promise.resolve(messages.shift()) : new Promise((resolve) => waiting.push(resolve)),
  };
}

const subscribe = (params: object) => ({ jsonrpc: '2.0', id: 1, method: 'sub_subscribe', params });

test('the same methods and errors as over HTTP', async (t) => {
  const { url } = await serve(t);
  const { send, next } = await connect(t, url);
  send({ jsonrpc: '2.0', id: 'a', method: 'chain_getHead' });
  assert.equal((await next()).result.height, '3');
  send('not json');
  assert.equal((await next()).error.code, -32700);
  send([{ jsonrpc: '2.0', id: 1, method: 'chain_getHead' }]);
  assert.equal((await next()).length, 1);
});

test('a subscription replays after its cursor, then streams, with ids before events', async (t) => {
  const { url, node } = await serve(t);
  const { send, next } = await connect(t, url);
  for (const height of [1, 2, 3]) node.emit('newHeads', { height, hash: hashOfName(String(height)), fee: 5n });
  node.emit('health', { ok: true });
  send(subscribe({ topic: 'newHeads', fromCursor: 1 }));
  const { result } = await next();
  const replayed = [await next(), await next()];
  assert.deepEqual(
    replayed.map(({ params }) => params.cursor),
    [2, 3],
  );
  assert.deepEqual(replayed[0], {
    jsonrpc: '2.0',
    method: 'sub_event',
    params: {
      subscription: result.subscription,
      topic: 'newHeads',
      cursor: 2,
      data: { height: '2', hash: `0x${hashOfName('2')}`, fee: '5' },
    },
  });
  node.emit('newHeads', { height: 4 });
  assert.equal((await next()).params.cursor, 5);
  send({ jsonrpc: '2.0', id: 2, method: 'sub_unsubscribe', params: { subscription: result.subscription } });
  assert.equal((await next()).result.unsubscribed, true);
  node.emit('newHeads', { height: 5 });
  send({ jsonrpc: '2.0', id: 3, method: 'sub_unsubscribe', params: { subscription: result.subscription } });
  assert.equal((await next()).result.unsubscribed, false);
});

test('a connection has a maximum of subscriptions, and HTTP has none', async (t) => {
  const { url, rpc } = await serve(t, { subscriptionsPerConnectionMax: 2 });
  const { send, next } = await connect(t, url);
  for (const expected of [undefined, undefined, -32005]) {
    send(subscribe({ topic: 'newHeads' }));
    assert.equal((await next()).error?.code, expected);
  }
  assert.equal((await rpc('sub_subscribe', { topic: 'newHeads' })).error.code, -32004);
});

test('a connection has a maximum of requests that wait for their answer', async (t) => {
  const { url, node } = await serve(t, { websocketPendingMax: 1 });
  const { send, next } = await connect(t, url);
  const waiting = Promise.withResolvers<Awaited<ReturnType<typeof node.api.quote>>>();
  const { quote } = node.api;
  Object.assign(node.api, { quote: () => waiting.promise });
  send({ jsonrpc: '2.0', id: 1, method: 'query_quote', params: { prompt: 'hi' } });
  send({ jsonrpc: '2.0', id: 2, method: 'chain_getHead' });
  const refused = await next();
  assert.deepEqual([refused.id, refused.error.code], [null, -32005]);
  waiting.resolve(await quote({ prompt: 'hi' }));
  assert.equal((await next()).id, 1);
  send({ jsonrpc: '2.0', id: 3, method: 'chain_getHead' });
  assert.equal((await next()).result.height, '3');
});

test('a slow consumer is dropped with a notification that says where to go on', async (t) => {
  const { url, node } = await serve(t, { websocketBufferBytesMax: 100_000 });
  const { socket, send, next } = await connect(t, url);
  send(subscribe({ topic: 'newHeads' }));
  await next();
  socket.pause();
  const total = 2_000;
  for (let index = 0; index < total; index++) node.emit('newHeads', { pad: 'x'.repeat(10_000) });
  socket.resume();
  let last = 0;
  for (;;) {
    const message = await next();
    if (message.method === 'sub_lagged') {
      assert.equal(message.params.lastCursor, last);
      assert.match(message.params.hint, /fromCursor/);
      break;
    }
    last = message.params.cursor;
  }
  assert.ok(last < total, String(last));
  send(subscribe({ topic: 'newHeads', fromCursor: total - 1 }));
  assert.ok((await next()).result.subscription);
  assert.equal((await next()).params.cursor, total);
});

test('who asks on without reading the answers is cut', { timeout: 20_000 }, async (t) => {
  const { url } = await serve(t, {
    websocketAnswerBytesMax: 100_000,
    websocketPendingMax: 1_000_000,
    requestsPerSecond: 1e9,
  });
  const { socket, send } = await connect(t, url);
  const closed = once(socket, 'close');
  const { _socket: stream } = socket as unknown as { _socket: { pause(): void; resume(): void } };
  stream.pause();
  const asked = JSON.stringify({ jsonrpc: '2.0', id: 'x'.repeat(100), method: 'rpc.discover' });
  while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 1_000_000) {
    for (let index = 0; index < 50; index++) send(asked);
    await new Promise((resolve) => setTimeout(resolve, 5));
    // The end of a connection is only seen by whoever reads.
    stream.resume();
    stream.pause();
  }
  stream.resume();
  const [code] = await closed;
  assert.equal(code, 1006);
});

test('a consumer that is given up before its first event is told where it began', async (t) => {
  const { url, node } = await serve(t);
  const { send, next } = await connect(t, url);
  for (const height of [1, 2, 3]) node.emit('newHeads', { height });
  send(subscribe({ topic: 'newHeads' }));
  await next();
  for (let height = 4; height < 10_010; height++) node.emit('newHeads', { height });
  const lagged = await next();
  assert.deepEqual([lagged.method, lagged.params.lastCursor], ['sub_lagged', 3]);
});

test('a filter lets through what has all of its values', async (t) => {
  const { url, node } = await serve(t);
  const { send, next } = await connect(t, url);
  send(subscribe({ topic: 'newHeads', filter: { proposer: 'a', height: '7' } }));
  await next();
  for (const [proposer, height] of [
    ['b', 7],
    ['a', 6],
    ['a', 7],
  ] as const)
    node.emit('newHeads', { proposer, height });
  assert.equal((await next()).params.cursor, 3);
});

test('a connection that is gone leaves nothing behind', { timeout: 20_000 }, async (t) => {
  const { url, node } = await serve(t);
  const { socket, send, next } = await connect(t, url);
  const own = node.listeners();
  for (const topic of ['newHeads', 'health']) {
    send(subscribe({ topic }));
    await next();
  }
  assert.equal(node.listeners(), own + 2);
  socket.terminate();
  while (node.listeners() > own) await new Promise((resolve) => setImmediate(resolve));
});

test('pages of other origins cannot connect, and oversized messages end the connection', async (t) => {
  const { url } = await serve(t);
  await assert.rejects(connect(t, url, { origin: 'http://evil.example' }), /403/);
  const { socket, send } = await connect(t, url);
  send('x'.repeat(1_100_000));
  const [code] = await once(socket, 'close');
  assert.equal(code, 1009);
});

test('a peer that answers no ping is cut', async (t) => {
  const { url } = await serve(t, { websocketPingMs: 20 });
  const alive = await connect(t, url);
  const dead = await connect(t, url, { autoPong: false });
  await once(dead.socket, 'close');
  assert.equal(alive.socket.readyState, WebSocket.OPEN);
});
