/** The queue between a socket and its reader: bounded, and not deceived by a peer that has fallen silent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { createSocketReader } from '../../src/client/socket-reader.ts';

/** A server that does to each connection what is asked, and hears what it is sent. */
async function listen(t: TestContext, onConnection: (socket: WebSocket) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const heard: string[] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => heard.push(String(data)));
    onConnection(socket);
  });
  t.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, server, heard };
}

test('a reader that takes nothing has no more waiting than the bound, and is given that', {
  timeout: 20_000,
}, async (t) => {
  const { url, server } = await listen(t, (socket) => {
    for (let index = 0; index < 50; index++) socket.send(JSON.stringify({ index }));
  });
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  const reader = createSocketReader(url, { waitingMax: 5, silenceMs: 10_000, signal: new AbortController().signal });
  // It gives the connection up by itself.
  await once((await connected)[0], 'close');
  const items: unknown[] = [];
  for await (const item of reader.messages()) items.push(item);
  assert.deepEqual(items, ['open', { index: 0 }, { index: 1 }, { index: 2 }, { index: 3 }]);
});

test('a silent peer is asked once, and then it counts as gone', { timeout: 20_000 }, async (t) => {
  const { url, heard } = await listen(t, () => undefined);
  const reader = createSocketReader(url, { waitingMax: 5, silenceMs: 50, signal: new AbortController().signal });
  const items: unknown[] = [];
  for await (const item of reader.messages()) items.push(item);
  assert.deepEqual(items, ['open']);
  assert.ok(heard.length <= 1 && heard.every((text) => JSON.parse(text).method === 'node_health'), heard.join());
});
