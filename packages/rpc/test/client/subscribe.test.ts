/** The client's subscriptions across everything that can happen to a connection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type SubscriptionEvent, type SubscriptionGap, subscribe } from '../../src/client/index.ts';
import { createMemoryNode, type MemoryNode } from '../fixture/memory-node.ts';
import { serve } from '../fixture/serve.ts';

/** A way to the server that can be cut while bytes are under way, and led to another one. */
async function cuttable(t: TestContext, url: string) {
  const sockets = new Set<Socket>();
  let target = Number(new URL(url).port);
  const proxy = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  t.after(() => {
    cut();
    proxy.close();
  });
  const lead = (to: string) => {
    target = Number(new URL(to).port);
    cut();
  };
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, cut, lead };
}

/** An iteration with its end, its connections and its gaps. */
function follow(t: TestContext, url: string, options: { fromCursor?: number; filter?: Record<string, string> } = {}) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const gaps: SubscriptionGap[] = [];
  const opened: (() => void)[] = [];
  const events = subscribe(url, 'newHeads', {
    ...options,
    signal: stop.signal,
    onState: (state) => state === 'open' && opened.shift()?.(),
    onGap: (gap) => gaps.push(gap),
  });
  const next = async (): Promise<SubscriptionEvent> => {
    const result = await events.next();
    assert.ok(result.done !== true);
    return result.value;
  };
  return { next, gaps, events, stop, open: () => new Promise<void>((resolve) => opened.push(resolve)) };
}

const emit = (node: MemoryNode, heights: readonly number[]) => {
  for (const height of heights) node.emit('newHeads', { height });
};

test('nothing is missed and nothing comes twice across cut connections', { timeout: 60_000 }, async (t) => {
  const { url, node } = await serve(t);
  const way = await cuttable(t, url);
  const { next, gaps, open } = follow(t, way.url);
  const isOpen = open();
  const first = next();
  await isOpen;
  emit(node, [1, 2, 3]);
  const heights = [(await first).data['height']];
  for (let height = 4; height <= 40; height += 4) {
    heights.push((await next()).data['height']);
    way.cut();
    emit(node, [height, height + 1, height + 2, height + 3]);
    heights.push((await next()).data['height'], (await next()).data['height'], (await next()).data['height']);
  }
  assert.deepEqual(
    heights,
    Array.from({ length: 41 }, (_, index) => String(index + 1)),
  );
  assert.deepEqual(gaps, []);
});

test('a cut before the first event loses none either', { timeout: 60_000 }, async (t) => {
  const { url, node } = await serve(t);
  const way = await cuttable(t, url);
  emit(node, [1, 2]);
  const { next, open } = follow(t, way.url);
  const isOpen = open();
  const first = next();
  await isOpen;
  way.cut();
  emit(node, [3]);
  assert.equal((await first).data['height'], '3');
});

test('a node that began anew is told, and all that it keeps is given', { timeout: 60_000 }, async (t) => {
  const before = await serve(t);
  const way = await cuttable(t, before.url);
  const { next, gaps } = follow(t, way.url, { fromCursor: 0 });
  emit(before.node, [1, 2, 3]);
  for (const height of ['1', '2', '3']) assert.equal((await next()).data['height'], height);
  const fresh = createMemoryNode();
  emit(fresh, [4, 5, 6, 7, 8]);
  way.lead((await serve(t, {}, fresh)).url);
  for (const height of ['4', '5', '6', '7', '8']) assert.equal((await next()).data['height'], height);
  assert.deepEqual(gaps, [{ reason: 'restarted' }]);
});

test('what the node keeps no more is told as a gap', { timeout: 60_000 }, async (t) => {
  const { url, node } = await serve(t);
  emit(node, [1, 2, 3, 4, 5]);
  node.forgetEvents(3);
  const { next, gaps } = follow(t, url, { fromCursor: 1 });
  assert.equal((await next()).cursor, 4);
  assert.deepEqual(gaps, [{ reason: 'forgotten' }]);
});

test('what follows the last event seen at once is no gap', { timeout: 60_000 }, async (t) => {
  const { url, node } = await serve(t);
  emit(node, [1, 2, 3, 4, 5]);
  node.forgetEvents(3);
  const { next, gaps } = follow(t, url, { fromCursor: 3 });
  assert.equal((await next()).cursor, 4);
  assert.deepEqual(gaps, []);
});

test('a node that is asked too often is asked again later', { timeout: 60_000 }, async (t) => {
  const { url, node, get } = await serve(t, { loopbackRequestBurst: 2, loopbackRequestsPerSecond: 2 });
  emit(node, [1]);
  // One request and the connection itself take all there is.
  assert.equal((await get('/v1/models')).status, 200);
  const { next } = follow(t, url, { fromCursor: 0 });
  assert.equal((await next()).cursor, 1);
});

test('only what passes the filter comes, and the signal ends the iteration', { timeout: 60_000 }, async (t) => {
  const { url, node } = await serve(t);
  const { next, events, stop } = follow(t, url, { fromCursor: 0, filter: { height: '2' } });
  emit(node, [1, 2, 3, 2]);
  assert.deepEqual([(await next()).cursor, (await next()).cursor], [2, 4]);
  const ended = events.next();
  stop.abort();
  assert.equal((await ended).done, true);
});

test('a refusal is thrown by its name', { timeout: 60_000 }, async (t) => {
  const { url } = await serve(t);
  const signal = AbortSignal.timeout(10_000);
  await assert.rejects(subscribe(url, 'nothing' as 'newHeads', { signal }).next(), { code: 'INVALID_PARAMS' });
  await assert.rejects(subscribe(url, 'newHeads', { signal, fromCursor: -1 }).next(), { code: 'INVALID_PARAMS' });
});

test('a reader that leaves ends the connection', { timeout: 60_000 }, async (t) => {
  const { url, node } = await serve(t);
  const { events, next } = follow(t, url, { fromCursor: 0 });
  emit(node, [1]);
  await next();
  assert.equal(node.listeners(), 2);
  await events.return(undefined);
  while (node.listeners() > 1) await new Promise((resolve) => setImmediate(resolve));
});
