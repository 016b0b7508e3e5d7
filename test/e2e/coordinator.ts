/**
 * A coordinator that lies or vanishes, against real processes: `synod ask` ends with the receipt that the chain decided, or says
 * what does not hold and that nothing was charged. Owns the proxies that stand for such nodes. Run by one-devnet.test.ts; its last test
 * kills the first node.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { runSynod } from './devnet-process.ts';
import { devnet } from './shared-devnet.ts';

type Account = { readonly balance: string };
type Query = { readonly queryId: string; readonly cost: string; readonly refund: string; readonly status: string };
type Rpc = { readonly id: unknown; readonly method: string };

const closing: (() => void)[] = [];

after(() => {
  for (const close of closing) close();
});

/** A node's address with something between it and whoever asks. `answer` gives the text to send, or null for what the node says. */
async function proxy(options: {
  readonly answer?: (call: Rpc) => Promise<object | null>;
  readonly afterwards?: (call: Rpc, result: { readonly queryId?: string }) => Promise<boolean>;
  readonly events?: (text: string) => string;
}): Promise<string> {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const call = body === '' ? null : (JSON.parse(body) as Rpc);
    const own = call === null ? null : await options.answer?.(call);
    const json = { 'content-type': 'application/json' };
    if (call !== null && own != null) {
      response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result: own }));
      return;
    }
    if (call === null) return relayEvents(`${devnet.url()}${request.url}`, response, options.events);
    const answer = await fetch(devnet.url(), { method: 'POST', headers: json, body });
    const text = await answer.text();
    const isLast = (await options.afterwards?.(call, JSON.parse(text).result ?? {})) === true;
    response.writeHead(answer.status, json).end(text);
    if (isLast) response.on('finish', () => server.close(() => {}) && server.closeAllConnections());
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A stream, event by event: what is changed must not be cut in two. */
async function relayEvents(url: string, response: ServerResponse, change = (text: string) => text): Promise<void> {
  const answer = await fetch(url);
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const end = rest.lastIndexOf('\n\n') + 2;
    if (end < 2) continue;
    response.write(change(rest.slice(0, end)));
    rest = rest.slice(end);
  }
  response.end(change(rest));
}

const alice = () => devnet.info.accounts[0]!.address;
const balanceAt = async (index: number) =>
  BigInt((await devnet.rpc<Account>('state_getAccount', { address: alice() }, index)).balance);
const others = () => [1, 2, 3].map((index) => devnet.url(index));

test('ask --verify proves the receipt by several nodes', async () => {
  const urls = [devnet.url(), ...others()].join();
  const asked = await runSynod(['ask', '--json', '--verify', '--rpc', urls, 'What is the capital of France?']);
  assert.equal(asked.code, 0, asked.stderr);
  const { verified } = JSON.parse(asked.stdout) as { verified: { trust: string; url: string } };
  assert.match(verified.trust, /^\d+@0x[0-9a-f]{64}$/);
  const alone = await runSynod(['ask', '--json', '--verify', '--rpc', devnet.url(), 'What is the capital of France?']);
  assert.match(alone.stderr, /CHECKPOINT_REQUIRED/);
});

test('a node that tells another answer is found out: what it told does not hold', async () => {
  // Alone, so that no pause of a busy machine lets another node tell the truth; void queries have no answer, and it makes one up.
  const lying = await proxy({
    events: (text) =>
      text.replaceAll('"answer":"', '"answer":"Trust me: ').replaceAll('"answer":null', '"answer":"Trust me"'),
  });
  const head = await devnet.rpc<{ readonly height: string; readonly hash: string }>('chain_getHead', {}, 1);
  const trust = `${head.height}@${head.hash}`;
  const question = 'What is the capital of Peru?';
  const asked = await runSynod(['ask', '--json', '--verify', '--trust', trust, '--rpc', lying, question]);
  assert.equal(asked.code, 11, `${asked.stdout}${asked.stderr}`);
  assert.match(asked.stderr, /PROOF_INVALID/);
});

test('a node that never sends the query on: ask says that nothing was charged', async () => {
  const queryId = `0x${'ab'.repeat(32)}`;
  const validUntil = String((await devnet.height(1)) + 3);
  const hiding = await proxy({
    answer: async ({ method }) => (method === 'query_submit' ? { queryId, status: 'pending', validUntil } : null),
  });
  const before = await balanceAt(1);
  const asked = await runSynod([
    'ask',
    '--json',
    '--rpc',
    [hiding, ...others()].join(),
    'What is the capital of Chile?',
  ]);
  assert.equal(asked.code, 5, asked.stderr);
  assert.match(asked.stderr, /QUERY_NOT_OPENED.*Nothing was charged/);
  assert.equal(await balanceAt(1), before);
});

test('a coordinator killed right after query_submit: ask ends with the final receipt of another node, and it is paid', async () => {
  const before = await balanceAt(1);
  const dying = await proxy({
    afterwards: async ({ method }, { queryId }) => {
      if (method !== 'query_submit') return false;
      await devnet.until('another node has heard of the query', 10_000, async () => {
        await devnet.rpc('query_get', { queryId }, 1);
        return true;
      });
      process.kill(devnet.info.nodes[0]!.pid, 'SIGKILL');
      return true;
    },
  });
  const asked = await runSynod([
    'ask',
    '--json',
    '--rpc',
    [dying, ...others()].join(),
    'What is the capital of Spain?',
  ]);
  assert.equal(asked.code, 0, asked.stderr);
  assert.ok(
    asked.stderr.includes(`${dying} is gone; the query goes on, following it at ${devnet.url(1)}`),
    asked.stderr,
  );
  const told = JSON.parse(asked.stdout) as Query & { receipt: { finalized: boolean }; answer: string | null };
  assert.equal(told.receipt.finalized, true);
  const queryAt2 = () => devnet.rpc<Query>('query_get', { queryId: told.queryId }, 2);
  // Whoever told that it is final may be a block ahead.
  await devnet.until('a third node says final, too', 10_000, async () => (await queryAt2()).status === 'final');
  const { cost, refund } = await queryAt2();
  assert.equal(cost, told.cost);
  const charged = before - (await balanceAt(2));
  // Besides the cost only the opening's own fee: the rest of the escrow is back.
  assert.ok(charged >= BigInt(cost) && charged - BigInt(cost) < BigInt(refund), `${charged} for ${cost}`);
});
