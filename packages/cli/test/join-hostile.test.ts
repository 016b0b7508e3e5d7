/** `--join` against a node that answers as it likes: one error with a next step, nothing written, bounded time and memory. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { genesisHash, genesisToJson, type Hash } from '@synod/chain';
import { campaign, runs } from '../../node/test/fuzz/campaign.ts';
import { Lab } from '../../node/test/host/lab.ts';
import { readAddresses, readBlockHash, readGenesisAnswer } from '../src/join/join-answers.ts';
import { joinNetwork } from '../src/join/join-network.ts';
import { describeFailure, formatFailure } from '../src/terminal/failure.ts';

const { genesis } = new Lab();
const hash = 'ab'.repeat(32) as Hash;
const peer = '12D3KooWA1b4tAMNpY6obHAxsZQgKmXPDyF7NSaYZZVYEJoDbUHu';
const good: Readonly<Record<string, unknown>> = {
  chain_getGenesis: { genesisHash: `0x${genesisHash(genesis)}`, genesis: genesisToJson(genesis) },
  chain_getBlock: { hash: `0x${hash}`, height: '3' },
  node_addresses: { own: [`/ip4/127.0.0.1/tcp/9546/p2p/${peer}`], others: [] },
};

type Answer = (method: string, response: ServerResponse) => unknown;

/** What one node says; `answer` gives the body's fields, or undefined when it has written by itself. */
async function joinOf(context: TestContext, answer: Answer, given = { height: 3, hash }) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () => {
      const fields = answer((JSON.parse(body) as { method: string }).method, response);
      if (fields === undefined) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...(fields as object) }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'synod-hostile-'));
  context.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const dataDir = join(folder, 'home');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const joined = joinNetwork({ join: url, dataDir, rpcPort: '9999' }, given, {});
  const failure = await joined.then(() => null, describeFailure);
  return { failure, isWritten: existsSync(dataDir) };
}

const told = (method: string) => ({ result: good[method] });

test('a node that tells the truth is joined', async (context) => {
  assert.deepEqual(await joinOf(context, told), { failure: null, isWritten: true });
});

const junk = [
  null,
  0,
  'x',
  [],
  {},
  true,
  [null],
  { hash: 5 },
  { hash: '0x' },
  { own: 5, others: 'abc' },
  { genesis: [] },
];
const expected = {
  chain_getGenesis: 'GENESIS_INVALID',
  chain_getBlock: 'RPC_RESPONSE_INVALID',
  node_addresses: 'NO_PEERS',
} as const;

for (const [method, code] of Object.entries(expected)) {
  test(`${method} answered with anything else is ${code}, and nothing is written`, async (context) => {
    for (const result of junk) {
      const { failure, isWritten } = await joinOf(context, (asked) => (asked === method ? { result } : told(asked)));
      assert.equal(failure?.code, code, `${JSON.stringify(result)}: ${failure?.message}`);
      assert.match(failure?.message ?? '', /another node/);
      assert.equal(isWritten, false);
    }
  });
}

test('another block at the height, a height that the node has not reached, and no node at all are told as they are', async (context) => {
  const other = await joinOf(context, told, { height: 3, hash: 'cd'.repeat(32) as Hash });
  assert.deepEqual([other.failure?.code, other.isWritten], ['CHECKPOINT_MISMATCH', false]);
  const error = { code: -32_001, message: 'Block 900 is not there yet.', data: { name: 'FUTURE' } };
  const future = await joinOf(context, (method) => (method === 'chain_getBlock' ? { error } : told(method)));
  assert.deepEqual([future.failure?.code, future.isWritten], ['FUTURE', false]);
  const closed = await joinOf(context, (_, response) => void response.destroy());
  assert.deepEqual([closed.failure?.code, closed.isWritten], ['NODE_UNREACHABLE', false]);
});

test('pages, redirects and server errors are no answers', async (context) => {
  for (const status of [200, 301, 404, 500, 503]) {
    const { failure, isWritten } = await joinOf(context, (_, response) => {
      response.writeHead(status, { 'content-type': 'text/html' }).end('<html>not here</html>');
    });
    assert.deepEqual([failure?.code, isWritten], ['RPC_RESPONSE_INVALID', false], String(status));
  }
});

test('an answer without end is cut off, and costs little memory', async (context) => {
  let sent = 0;
  const { failure, isWritten } = await joinOf(context, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(1 << 20, 32);
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      sent += chunk.length;
      response.once('drain', pour);
    };
    pour();
  });
  assert.deepEqual([failure?.code, isWritten], ['RPC_RESPONSE_INVALID', false]);
  assert.ok(sent < 200 * 1024 * 1024, `${sent} bytes were taken`);
});

test('what a node says of its error moves no terminal, fills no screen and takes no name that is none', async (context) => {
  const message = `\u001b[2J\u001b]0;owned\u0007 ${'x'.repeat(1_000_000)}`;
  for (const name of ['__proto__', 'constructor', 'A B', 5, 'EVIL\u001b[2J']) {
    const { failure } = await joinOf(context, () => ({ error: { code: 1, message, data: { name } } }));
    assert.equal(failure?.code, 'RPC_ERROR', String(name));
    const shown =
      stripVTControlCharacters(formatFailure(failure?.message ?? '').slice(0, 12)) +
      formatFailure(failure?.message ?? '').slice(12);
    assert.doesNotMatch(shown.replaceAll('\n', ''), /\p{C}/u, 'control characters reach the terminal');
    assert.ok(shown.length < 5_000);
  }
});

const wrong: readonly unknown[] = [
  ...junk,
  ...[-1, 0.5, 1e300, '-1', '1e9', '99999999999999999999999999', ' 5', '0x', '', '\u0000', 'x'.repeat(5_000)],
  ...[Array.from({ length: 3 }, () => ({})), { __proto__: null, constructor: 1 }, '/ip4/1.2.3.4/tcp/1', [[[[]]]]],
];

type Tree = Record<string, unknown>;

/** One of the three answers with things put in the place of others: which, where and what out of the input. */
function mangled(bytes: Uint8Array): unknown {
  const root: Tree = { answer: structuredClone(Object.values(good)[(bytes[0] ?? 0) % 3]) };
  for (let at = 1; at + 4 < bytes.length && at < 40; at += 5) {
    const [first = 0, second = 0, third = 0, depth = 0, what = 0] = bytes.subarray(at, at + 5);
    let [tree, key] = [root, 'answer'];
    for (const turn of [first, second, third].slice(0, depth % 4)) {
      const below = tree[key];
      if (typeof below !== 'object' || below === null || Object.keys(below).length === 0) break;
      const keys = Object.keys(below);
      [tree, key] = [below as Tree, keys[turn % keys.length]!];
    }
    tree[key] = wrong[what % wrong.length];
  }
  return root['answer'];
}

/** Whatever a node answers: an error of ours with a next step, or values that are what they should be. */
function answered(bytes: Uint8Array): string {
  const value = mangled(bytes);
  for (const address of readAddresses(value)) assert.match(address, /^\/(?:ip4|ip6|dns)/);
  const ways = [readGenesisAnswer, readBlockHash].map((read) => {
    try {
      read(value, 'http://node');
      return 'ok';
    } catch (error) {
      const { code, message } = describeFailure(error);
      assert.notEqual(code, 'INTERNAL', message);
      return code === 'GENESIS_INVALID' ? message.replaceAll(/"[^"]*"|\d+|0x\w+|\[\w*\]/g, '#').slice(0, 120) : code;
    }
  });
  return [...ways, readAddresses(value).length].join(', ');
}

test(`join-answers: ${runs} inputs`, (context) => {
  const seeds = [0, 1, 2].flatMap((which) => [[which], [which, 1, 2, 3, 2, 5], [which, 1, 7, 3, 3, 1, 1, 4, 9, 3, 14]]);
  const { ways, slowestMs } = campaign({
    name: 'join-answers',
    good: seeds.map((seed) => Uint8Array.from(seed)),
    answer: answered,
  });
  context.diagnostic(`${ways} ways of answering, slowest ${slowestMs.toFixed(1)} ms`);
  assert.ok(ways >= 20);
});
