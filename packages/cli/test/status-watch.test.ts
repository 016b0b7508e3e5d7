/** `synod status --watch`: a look at every event of the node, and what it says and does when there are none. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createRpcServer } from '@synod/rpc';
import { createMemoryNode } from '../../rpc/test/fixture/memory-node.ts';
import { MAIN_FILE } from '../src/devnet/node-process.ts';
import { feedLimits } from '../src/operating/node-feed.ts';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const timeout = 120_000;

type Line = {
  readonly head?: object;
  readonly error?: { readonly code: string };
  readonly feed: { readonly kind: string; readonly reason: string | null };
};

/** The running command, its lines one by one, and everything that it printed. */
function watching(t: TestContext, url: string, flags: readonly string[] = ['--json']) {
  const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' };
  const args = [MAIN_FILE, 'status', '--watch', ...flags, '--rpc', url];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  let rest = '';
  let text = '';
  let wake: () => void = silent;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  child.stdout.on('data', (chunk) => {
    const [...parts] = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  /** The first line from now on that is wanted. */
  const until = async (isWanted: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const found = lines.splice(0).find(isWanted);
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      if (lines.length === 0) await promise;
    }
  };
  const json = async (isWanted: (line: Line) => boolean): Promise<Line> =>
    JSON.parse(await until((line) => isWanted(JSON.parse(line) as Line))) as Line;
  return { child, lines, until, json, text: () => text };
}

function ended(child: ChildProcess): Promise<readonly [number | null, string | null]> {
  return new Promise((done) => child.once('close', (code, signal) => done([code, signal])));
}

test('it looks again when the node tells of a block, says when the node went away, and goes on when it is back', {
  timeout,
}, async (t) => {
  const memory = createMemoryNode();
  const first = createRpcServer({ api: memory.api, port: 0, log });
  const url = await first.listen();
  const { child, lines, json, text } = watching(t, url);
  await json(({ head, feed }) => head !== undefined && feed.kind === 'events');
  const startedMs = performance.now();
  for (let block = 0; block < 4; block++) {
    memory.emit('newHeads', { height: String(block) });
    await json(({ head }) => head !== undefined);
  }
  assert.ok(performance.now() - startedMs < 2 * feedLimits.silenceMs, 'it did not wait for silence to pass');

  await first.close();
  const gone = await json(({ error }) => error !== undefined);
  assert.equal(gone.error?.code, 'NODE_UNREACHABLE');
  assert.deepEqual(gone.feed, { kind: 'polling', reason: 'the connection to it was lost' });
  assert.equal(lines.length, 0, 'and says it once');

  const second = createRpcServer({ api: memory.api, port: Number(new URL(url).port), log });
  await second.listen();
  t.after(() => second.close());
  await json(({ head, feed }) => head !== undefined && feed.kind === 'events');
  const end = ended(child);
  child.kill('SIGINT');
  const [code, signal] = await end;
  assert.ok(code === 130 || signal === 'SIGINT', `${code} ${signal}`);
  assert.ok(!text().includes('\u001b'), 'no codes for a terminal where there is none');
});

test('a node behind something that takes no WebSocket is asked every two seconds, and it says so', {
  timeout,
}, async (t) => {
  const server = createRpcServer({ api: createMemoryNode().api, port: 0, log });
  const target = await server.listen();
  t.after(() => server.close());
  const front = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(target, { method: 'POST', headers, body: Buffer.concat(parts) });
    response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((done) => front.listen(0, '127.0.0.1', done));
  t.after(() => {
    front.closeAllConnections();
    front.close();
  });
  const { until } = watching(t, `http://127.0.0.1:${(front.address() as AddressInfo).port}`, []);
  for (let look = 0; look < 2; look++) {
    await until((line) => line.includes('block '));
    const note = await until((line) => line.includes('following'));
    assert.match(note, /no events from this node \(it has taken no WebSocket yet\); asked every 2 s/);
  }
});
