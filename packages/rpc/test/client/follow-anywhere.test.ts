/** Following a query although nodes die, fall silent, or do not know it. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSynodClient, followAnywhere } from '../../src/client/index.ts';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

async function listen(t: TestContext, handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A node that tells its head and then does to the stream what is asked. */
const dyingNode = (t: TestContext, onStream: RequestListener) =>
  listen(t, (request, response) => {
    if (request.method === 'POST') response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: { height: '3' } }));
    else onStream(request, response);
  });

async function followed(urls: readonly string[], queryId: string, { validUntil = 60, silenceMs = 20_000 } = {}) {
  const moves: string[] = [];
  const kinds: string[] = [];
  const clients = urls.map((url) => createSynodClient({ url, silenceMs }));
  const onMove = ({ from, to, reason }: { from: string; to: string; reason: string }) =>
    moves.push(`${urls.indexOf(from)} ${urls.indexOf(to)} ${reason}`);
  const options = { signal: new AbortController().signal, validUntil, onMove };
  for await (const { kind } of followAnywhere(clients, queryId, options)) kinds.push(kind);
  return { moves, last: kinds.at(-1) };
}

test('a node that dies, ends the stream or falls silent is left for the next one, which tells the end', async (t) => {
  const { url } = await serve(t);
  const { queryId } = await createSynodClient({ url }).call('query_submit', { prompt: 'hello' });
  const dead = await dyingNode(t, (_, response) => void response.write('data: ', () => response.destroy()));
  const ended = await dyingNode(t, (_, response) => response.end(': waiting\n\n'));
  const silent = await dyingNode(t, (_, response) => void response.write(': waiting\n\n'));
  const { moves, last } = await followed([dead, ended, silent, url], queryId, { silenceMs: 100 });
  assert.deepEqual(moves, ['0 1 RPC_UNREACHABLE', '1 2 RPC_UNREACHABLE', '2 3 RPC_TIMEOUT']);
  assert.equal(last, 'final');
});

test('the read key of a private query goes to the first node alone', async (t) => {
  const seen: [number, string | undefined][] = [];
  const spy = (index: number) =>
    dyingNode(t, (request, response) => {
      seen.push([index, request.headers['x-synod-read-key'] as string | undefined]);
      response.end(': waiting\n\n');
    });
  const clients = [createSynodClient({ url: await spy(0) }), createSynodClient({ url: await spy(1) })];
  const options = { signal: new AbortController().signal, validUntil: 60, readKey: '0xabc' };
  await assert.rejects(followAnywhere(clients, '0x00', options).next(), { code: 'RPC_UNREACHABLE' });
  assert.deepEqual(seen, [
    [0, '0xabc'],
    [1, undefined],
  ]);
});

test('a query that no block can take any more was never opened; while one can, it is waited for', async (t) => {
  const { url } = await serve(t);
  const unknown = `0x${hashOfName('none')}`;
  await assert.rejects(followed([url], unknown, { validUntil: 2 }), {
    code: 'QUERY_NOT_OPENED',
    message: /Nothing was charged/,
  });
  const stop = new AbortController();
  const asked = followAnywhere([createSynodClient({ url })], unknown, { signal: stop.signal, validUntil: 3 });
  const first = asked.next();
  setImmediate(() => stop.abort());
  assert.equal((await first).done, true);
});

test('when all nodes are gone the last one’s error is told, and a query that is known is never called unopened', async (t) => {
  const dead = await listen(t, (request) => request.destroy());
  await assert.rejects(followed([dead, dead], '0x00'), { code: 'RPC_UNREACHABLE' });
  const { url } = await serve(t);
  const { queryId } = await createSynodClient({ url }).call('query_submit', { prompt: 'hello' });
  assert.equal((await followed([url], queryId, { validUntil: 0 })).last, 'final');
});
