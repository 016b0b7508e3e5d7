/** The typed client against a real server, and against things that are none. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSynodClient, type QueryEventJson } from '../../src/client/index.ts';
import { serve } from '../fixture/serve.ts';
import { hashOfName } from '../fixture/small-chain.ts';

test('calls are typed by the method and answered', async (t) => {
  const { url } = await serve(t);
  const client = createSynodClient({ url: `${url}/` });
  const head = await client.call('chain_getHead');
  assert.equal(head.height, '3');
  const block = await client.call('chain_getBlock', { height: 2 });
  assert.equal(block.transactions[0]?.payload.type, 'transfer');
  // @ts-expect-error an address is required
  await assert.rejects(client.call('state_getAccount', {}), { code: 'INVALID_PARAMS' });
});

test('errors carry the name, facts and code of the server', async (t) => {
  const { url } = await serve(t);
  const client = createSynodClient({ url });
  await assert.rejects(
    client.call('chain_getBlock', { height: 9 }),
    (error: Error & { code?: string; facts?: Record<string, unknown> }) => {
      assert.deepEqual(
        [error.code, error.facts?.['rpcCode'], error.facts?.['reason'], error.facts?.['head']],
        ['FUTURE', -32001, 'future', '3'],
      );
      return true;
    },
  );
  await assert.rejects(client.call('query_submit', { prompt: '' }), { code: 'PROMPT_EMPTY' });
});

test('following a query gives its events from the beginning to the end', async (t) => {
  const { url, node } = await serve(t);
  const client = createSynodClient({ url });
  const { queryId } = await client.call('query_submit', { prompt: 'What is the capital of France?' });
  const events: QueryEventJson[] = [];
  for await (const event of client.followQuery(queryId)) events.push(event);
  const words = events.flatMap((event) =>
    event.kind === 'token' && event.expert === node.experts[0]?.address ? [event.text] : [],
  );
  assert.equal(words.join(''), 'The capital of France is Paris.');
  assert.deepEqual([events[0]?.kind, events[1]?.kind, events.at(-1)?.kind], ['opened', 'selected', 'final']);
  const final = events.at(-1);
  assert.ok(final?.kind === 'final');
  assert.deepEqual(final.query, await client.call('query_get', { queryId }));
});

test('following ends with the signal, and an unknown query is an error', async (t) => {
  const { url, node } = await serve(t, { observedQueriesMax: 0 });
  node.script = 'manual';
  const client = createSynodClient({ url });
  const { queryId } = await client.call('query_submit', { prompt: 'hello' });
  const id = hashOfName('query 1');
  node.push(id, { kind: 'opened', queryId: id, height: 1 });
  const stop = new AbortController();
  const kinds: string[] = [];
  for await (const event of client.followQuery(queryId, { signal: stop.signal })) {
    kinds.push(event.kind);
    stop.abort();
  }
  assert.deepEqual(kinds, ['opened']);
  await assert.rejects(client.followQuery(`0x${hashOfName('none')}`).next(), { code: 'NOT_FOUND' });
});

test('no node, a silent one and a stranger are told apart', async (t) => {
  const stranger = await listen(t, (_, response) => response.end('<html>'));
  await assert.rejects(createSynodClient({ url: stranger }).call('chain_getHead'), { code: 'RPC_RESPONSE_INVALID' });
  const silent = await listen(t, () => {});
  await assert.rejects(createSynodClient({ url: silent, timeoutMs: 50 }).call('chain_getHead'), {
    code: 'RPC_TIMEOUT',
  });
  const nobody = await closedPort();
  await assert.rejects(createSynodClient({ url: nobody }).call('chain_getHead'), {
    code: 'RPC_UNREACHABLE',
    message: /synod devnet/,
  });
  await assert.rejects(createSynodClient({ url: nobody }).followQuery('0x00').next(), { code: 'RPC_UNREACHABLE' });
});

test('the client loads nothing of the server', async () => {
  const { execFileSync } = await import('node:child_process');
  const script = `await import(${JSON.stringify(import.meta.resolve('../../src/client/index.ts'))}); console.log(process.moduleLoadList.length, Object.keys((await import('node:module')).default._cache).filter((path) => /fastify|prom-client/.test(path)).length)`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.match(printed, / 0\n$/);
});

async function listen(t: TestContext, handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
