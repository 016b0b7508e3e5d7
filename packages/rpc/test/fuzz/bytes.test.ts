/** Bytes as nobody should send them, over real sockets: the server answers or hangs up, and serves the next one as before. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { allMethods } from '../../src/methods/registry.ts';
import { type Served, serve } from '../fixture/serve.ts';

const request =
  '{"jsonrpc":"2.0","id":1,"method":"state_getAccount","params":{"address":"syn1l4jvmu974wsfrl3ex5jdq8z5ag5ce8lvpdscqh"}}';

/** A request with some of its bytes changed, taken out or repeated; and bytes that never were one. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .array(fc.tuple(fc.nat(request.length), fc.nat(8), fc.uint8Array({ maxLength: 8 })), { minLength: 1, maxLength: 5 })
    .map((edits) => {
      let bytes = Buffer.from(request);
      for (const [at, drop, put] of edits) {
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + drop))]);
      }
      return bytes;
    }),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
  fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 120 }).map((values) => Buffer.from(JSON.stringify(values))),
  fc.integer({ min: 1, max: 50_000 }).map((depth) => Buffer.from('['.repeat(depth))),
);

async function isServing({ rpc, logged }: Served): Promise<void> {
  assert.equal((await rpc('chain_getHead')).result.height, '3');
  assert.deepEqual(
    logged.filter(({ level }) => level === 'error'),
    [],
  );
}

/** Every response of an answer is well formed and none is a bug. */
function checkAnswer(text: string): void {
  for (const response of [JSON.parse(text)].flat()) {
    assert.equal(response.jsonrpc, '2.0');
    assert.notEqual(response.error?.code, -32603);
    if (response.error !== undefined) assert.match(response.error.data.name, /^[A-Z_]+$/);
  }
}

test('any body of a POST is answered as JSON-RPC', async (t) => {
  const served = await serve(t);
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const { status, text } = await served.post(body);
      assert.ok([200, 204].includes(status), `${status} ${text}`);
      if (status === 200) checkAnswer(text);
    }),
    { numRuns: 400 },
  );
  await isServing(served);
});

test('any query of a GET is answered with a status that is not 500', async (t) => {
  const served = await serve(t);
  const anyText = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => encodeURIComponent(text.toWellFormed()));
  const names = fc.oneof(fc.constantFrom(...allMethods.map(({ name }) => name)), anyText);
  const queries = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom('address', 'height', 'limit', 'cursor', '__proto__', 'constructor'), anyText),
      anyText,
    ),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(names, queries, async (name, query) => {
      const { status, text } = await served.get(`/rpc/${name}?${query.map((pair) => pair.join('=')).join('&')}`);
      assert.ok([200, 400, 404, 405, 414].includes(status), `${status} ${text.slice(0, 300)}`);
      checkAnswer(text);
    }),
    { numRuns: 600 },
  );
  await isServing(served);
});

/** Writes bytes to the port, and resolves when the server has answered or hung up. */
async function pour(url: string, chunks: readonly Uint8Array[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const heard: Buffer[] = [];
  socket.on('data', (data) => heard.push(data));
  socket.on('error', () => undefined);
  for (const chunk of chunks) socket.write(chunk);
  socket.end();
  await once(socket, 'close');
  return Buffer.concat(heard).toString('latin1');
}

test('bytes that are no HTTP, and HTTP that is broken, end their own connection only', async (t) => {
  const served = await serve(t);
  const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${request.length}\r\n\r\n`;
  const requests = fc.oneof(
    fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
    fc
      .nat(head.length)
      .chain((at) =>
        fc
          .uint8Array({ maxLength: 6 })
          .map((put) => [Buffer.from(head.slice(0, at)), put, Buffer.from(head.slice(at) + request)]),
      ),
    fc.nat(head.length + request.length).map((end) => [Buffer.from((head + request).slice(0, end))]),
  );
  await fc.assert(
    fc.asyncProperty(requests, async (chunks) => {
      assert.doesNotMatch(await pour(served.url, chunks), /^HTTP\/1\.1 500/);
    }),
    { numRuns: 200 },
  );
  await isServing(served);
});

test('any message on a WebSocket is answered as JSON-RPC, text or not', async (t) => {
  const served = await serve(t);
  const socket = await open(t, served.url);
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (body, isText) => {
      if (isText && !isUtf8(body)) return;
      // The second request tells that the first was dealt with: it may be a notification.
      const answers: string[] = [];
      const isOver = new Promise<void>((resolve) => {
        socket.on('message', (data) => {
          const text = String(data);
          if (text.includes('"end of run"')) resolve();
          else answers.push(text);
        });
      });
      socket.send(isText ? Buffer.from(body).toString() : body);
      socket.send('{"jsonrpc":"2.0","id":"end of run","method":"eth_chainId"}');
      await isOver;
      socket.removeAllListeners('message');
      for (const answer of answers) checkAnswer(answer);
    }),
    { numRuns: 300 },
  );
  await isServing(served);
});

test('frames that break the protocol end their own connection only', async (t) => {
  const served = await serve(t);
  const upgrade = `GET /ws HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`;
  const bystander = await open(t, served.url);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 6 }),
      async (frames) => {
        const heard = await pour(served.url, [Buffer.from(upgrade), ...frames]);
        assert.match(heard, /^HTTP\/1\.1 101/);
      },
    ),
    { numRuns: 150 },
  );
  assert.equal(bystander.readyState, WebSocket.OPEN);
  await isServing(served);
});

async function open(t: TestContext, url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

function isUtf8(bytes: Uint8Array): boolean {
  return Buffer.compare(Buffer.from(Buffer.from(bytes).toString()), bytes) === 0;
}
