/** The rate of an address (spec: rpc §1.7): bucket, batches, sockets, and who is never refused. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { createRateLimiter } from '../../src/server/rate-limiter.ts';
import { serve } from '../fixture/serve.ts';

const rates = {
  requestsPerSecond: 10,
  requestBurst: 20,
  loopbackRequestsPerSecond: 100,
  loopbackRequestBurst: 1_000,
  rateAddressesMax: 3,
};

test('a bucket gives its burst, then its rate, and fills no further', () => {
  let now = 0;
  const limiter = createRateLimiter(rates, () => now);
  const taken = (count: number) =>
    Array.from({ length: count }, () => limiter.take('192.0.2.1', 1)).filter((wait) => wait === 0);
  assert.equal(taken(30).length, 20);
  assert.equal(limiter.take('192.0.2.1', 1), 100);
  assert.equal(limiter.take('192.0.2.1', 5), 500);
  now += 1_000;
  assert.equal(taken(30).length, 10);
  now += 1_000_000;
  assert.equal(taken(30).length, 20);
});

test('addresses have buckets of their own: a provider’s customer one, this machine one for all, and their number is bounded', () => {
  const limiter = createRateLimiter(rates, () => 0);
  assert.equal(limiter.take('2001:db8:1:2::1', 20), 0);
  assert.ok(limiter.take('2001:db8:1:2:ffff::7', 1) > 0);
  assert.equal(limiter.take('2001:db8:1:3::1', 1), 0);
  assert.equal(limiter.take('127.0.0.1', 900), 0);
  assert.equal(limiter.take('::1', 100), 0);
  assert.ok(limiter.take('::ffff:127.0.0.1', 1) > 0);
  assert.equal(limiter.take('::ffff:192.0.2.9', 20), 0);
  assert.equal(limiter.take('2001:db8:1:2::1', 20), 0, 'the oldest was forgotten for the fourth');
});

const limits = { loopbackRequestsPerSecond: 1, loopbackRequestBurst: 5 };
const head = { jsonrpc: '2.0', id: 1, method: 'chain_getHead' };

test('a batch counts as its items, and is refused whole with 429, Retry-After and -32005', async (t) => {
  const { post, get } = await serve(t, limits);
  assert.equal((await post([head, head, head])).status, 200);
  const refused = await post([head, head, head, { not: 'a request' }]);
  assert.equal(refused.status, 429);
  assert.deepEqual([refused.json.error.code, refused.json.error.data.name], [-32005, 'RATE_LIMITED']);
  assert.equal(refused.headers.get('retry-after'), '2');
  assert.match(refused.json.error.message, /Ask again in 2 s/);
  assert.equal((await post([head, head])).status, 200);
  const late = await get('/rpc/chain_getHead');
  assert.deepEqual(
    [late.status, late.json.error.data.name, late.headers.get('retry-after')],
    [429, 'RATE_LIMITED', '1'],
  );
  assert.equal((await get('/v1/models')).status, 429);
  for (const path of ['/livez', '/readyz', '/metrics']) assert.equal((await get(path)).status, 200, path);
});

test('messages of a WebSocket count as well', async (t) => {
  const { url } = await serve(t, { ...limits, loopbackRequestBurst: 3 });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  const codes: unknown[] = [];
  for (const body of [head, [head], head]) {
    const answered = once(socket, 'message');
    socket.send(JSON.stringify(body));
    const [answer] = [JSON.parse(String((await answered)[0]))].flat();
    codes.push([answer.id, answer.error?.code]);
  }
  assert.deepEqual(codes, [
    [1, undefined],
    [1, undefined],
    [1, -32005],
  ]);
});
