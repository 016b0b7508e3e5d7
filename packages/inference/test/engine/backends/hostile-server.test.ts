import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UNKNOWN_TOKEN, type WrittenPiece } from '../../../src/client/protocol.ts';
import { limits } from '../../../src/engine/backends/limits.ts';
import { control, engineOn, event, finish, type Reply, request, text } from './server-engine.ts';

const told = { logprobs: { content: [{ token: 'x', logprob: -1 }] } };

/** Writes as fast as it is read, until the reader is gone. */
function flood(response: ServerResponse, piece: Buffer): void {
  const more = (): void => {
    while (!response.destroyed) if (!response.write(piece)) return void response.once('drain', more);
  };
  response.on('error', () => {});
  more();
}

const refusals: readonly (readonly [name: string, reply: Reply, message: RegExp])[] = [
  ['nothing', (r) => r.end('data: null\n\n'), /no completion/],
  ['a list', (r) => r.end('data: [1]\n\n'), /no completion/],
  ['choices that are a text', (r) => r.end(event({ choices: 'abc' })), /choices are no list/],
  ['a choice that is nothing', (r) => r.end(event({ choices: [null] })), /first choice is no object/],
  ['a number for a text', (r) => r.end(event({ choices: [{ delta: { content: 5 } }] })), /content .* is no text/],
  [
    'parts for a text',
    (r) => r.end(event({ choices: [{ delta: { content: [{ text: 'a' }] } }] })),
    /content .* is no text/,
  ],
  [
    'a log-probability that is a text',
    (r) => r.end(text('a', { logprobs: { content: [{ logprob: 'x' }] } })),
    /no list of numbers/,
  ],
  [
    'a log-probability that is nothing',
    (r) => r.end(text('a', { logprobs: { content: [null] } })),
    /no list of numbers/,
  ],
  ['log-probabilities that are a number', (r) => r.end(text('a', { logprobs: { content: 5 } })), /no list of numbers/],
  ['a page', (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<html>'), /no answer of a chat model/],
  ['an empty stream', (r) => r.end(), /no answer of a chat model/],
  [
    'an empty object',
    (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    /no answer of a chat model/,
  ],
  ['no content at all', (r) => r.writeHead(204).end(), /status 204 has no content/],
  ['half an answer', (r) => r.end(text('I am cut', told)), /in the middle of its answer/],
  ['another address', (r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), /redirect/],
  ['a reason that is only a text', (r) => r.end(event({ error: 'out of memory' })), /out of memory/],
  ['orders to a terminal', (r) => r.writeHead(500).end('\u001b[31mred\u202e\u0007'), /status 500: \[31mred\. See/],
  ['an error without end', (r) => flood(r.writeHead(500), Buffer.alloc(1 << 16, 'x')), /status 500: x{300}\. /],
  [
    'a packed error',
    (r) => r.writeHead(500, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1 << 24, 'x'))),
    /status 500: x{300}\. /,
  ],
  [
    'a stream of nothing',
    (r) => flood(r, Buffer.from(event({ choices: [{ delta: {} }] }).repeat(999))),
    /does not end/,
  ],
  ['lines without end', (r) => flood(r, Buffer.alloc(1 << 16, '\n')), /does not end/],
  [
    'log-probabilities without end',
    (r) => flood(r, Buffer.from(event({ choices: [{ delta: {}, ...told }] }).repeat(19))),
    /does not end|stop writing/,
  ],
  [
    'more log-probabilities than any answer has',
    (r) => r.end(text('a', { logprobs: { content: new Array(limits.answerTokensMax + 1).fill({ logprob: -1 }) } })),
    /does not stop writing/,
  ],
  ['an answer without end', (r) => flood(r, Buffer.from(text('é'.repeat(999)))), /does not stop writing/],
];
for (const [name, reply, message] of refusals) {
  test(`a server that sends ${name} fails the job with one clear error`, async (t) => {
    const { engine } = await engineOn(t, reply);
    const seen: unknown[] = [];
    const patient = { ...request, profile: { ...request.profile, maxTokens: 1_000_000 } };
    const onText = (piece: string) => seen.push(piece);
    await assert.rejects(engine.generate(patient, { ...control, onText }), { code: 'MODEL_ERROR', message });
    assert.ok(seen.every((piece) => typeof piece === 'string'));
  });
}

test('an error that is null is none, and absurd counts are left out', async (t) => {
  const { engine } = await engineOn(t, (r) => {
    r.end(
      `${event({ error: null, choices: [{ delta: { content: 'Yes.' }, ...told }] })}${finish('stop')}${event({ choices: [], usage: { prompt_tokens: -1.5e300 } })}`,
    );
  });
  const expected = { text: 'Yes.', tokens: [UNKNOWN_TOKEN], logProbabilities: [1000], promptTokens: 0, finish: 'stop' };
  assert.deepEqual(await engine.generate(request, control), expected);
});

test('a character that is cut between two pieces comes whole, and half a one as U+FFFD', async (t) => {
  const { engine } = await engineOn(t, (r) => {
    const piece = (escaped: string) => `data: {"choices":[{"delta":{"content":"${escaped}"}}]}\n\n`;
    r.end(`${piece('a\\ud83d')}${piece('\\ude42 b \\udfff')}${piece('c\\ud800')}${finish('stop')}`);
  });
  const seen: string[] = [];
  const { text: all } = await engine.generate(request, { ...control, onText: (piece) => seen.push(piece) });
  assert.deepEqual([seen, all], [['a', '🙂 b \ufffd', 'c'], 'a🙂 b \ufffdc']);
});

test('stop sequences and the limit hold where the server heeds neither', async (t) => {
  const pieces = ['one ST', 'OP two', ' three'].map((piece) => text(piece, told)).join('');
  const { engine } = await engineOn(t, (r) => r.end(`${pieces}${finish('stop')}`));
  const seen: WrittenPiece[] = [];
  const heard = { ...control, onText: (_: string, written?: WrittenPiece) => written && seen.push(written) };
  const stopped = await engine.generate({ ...request, stop: ['STOP'] }, heard);
  assert.deepEqual([stopped.text, stopped.finish, stopped.tokens.length], ['one ', 'stop', 2]);
  const short = { ...request, stop: [], profile: { ...request.profile, maxTokens: 2 } };
  const limited = await engine.generate(short, control);
  assert.deepEqual([limited.text, limited.finish, limited.tokens.length], ['one STOP two', 'length', 2]);
});

test('the limit holds within a piece of several tokens; where nobody knows what they say, it is an error', async (t) => {
  const tokens = ['One', ' two', ' three', ' four'].map((token) => ({ token, logprob: -1 }));
  const body = (content: object[]) =>
    JSON.stringify({
      choices: [{ message: { content: 'One two three four' }, logprobs: { content }, finish_reason: 'stop' }],
    });
  let reply = body(tokens);
  const { engine } = await engineOn(t, (r) => r.writeHead(200, { 'content-type': 'application/json' }).end(reply));
  const write = (maxTokens: number) =>
    engine.generate({ ...request, profile: { ...request.profile, maxTokens } }, control);
  const short = await write(2);
  assert.deepEqual([short.text, short.finish, short.tokens.length], ['One two', 'length', 2]);
  const whole = await write(4);
  assert.deepEqual([whole.text, whole.finish, whole.tokens.length], ['One two three four', 'stop', 4]);
  for (const content of [
    tokens.map(({ logprob }) => ({ logprob })),
    tokens.map(({ logprob }) => ({ logprob, token: 'x' })),
  ]) {
    reply = body(content);
    await assert.rejects(write(2), { code: 'MODEL_ERROR', message: /does not stop writing.*max_tokens/ });
    assert.equal((await write(4)).text, 'One two three four');
  }
});

test('no words are asked for where none are wanted', async (t) => {
  const { engine, asked } = await engineOn(t, (r) => r.end(`${text('Yes.')}${finish('stop')}`));
  const none = { ...request, profile: { ...request.profile, maxTokens: 0 } };
  const { text: all, finish: end } = await engine.generate(none, control);
  assert.deepEqual([all, end, asked.length], ['', 'length', 0]);
});

test('a server that writes on and on, however slowly, is given up', async (t) => {
  let response: ServerResponse | undefined;
  const { engine, arrived } = await engineOn(t, (r) => {
    response = r;
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let heard = Promise.withResolvers<void>();
  const writing = engine.generate(request, { ...control, onText: () => heard.resolve() });
  const refused = assert.rejects(writing, { code: 'MODEL_ERROR', message: /its answer does not end/ });
  await arrived;
  // Never silent for long.
  for (let ms = 0; ms < limits.answerMs; ms += limits.silenceMs - 1) {
    heard = Promise.withResolvers();
    response!.write(text('.'));
    await heard.promise;
    t.mock.timers.tick(limits.silenceMs - 1);
  }
  await refused;
});
