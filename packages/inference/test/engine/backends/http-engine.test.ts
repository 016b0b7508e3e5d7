import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { answer } from '../../../src/answering/answer.ts';
import { createIntentReader } from '../../../src/answering/intent.ts';
import { UNKNOWN_TOKEN } from '../../../src/client/protocol.ts';
import { limits } from '../../../src/engine/backends/limits.ts';
import { createLibrary } from '../../../src/knowledge/library.ts';
import { type Asked, control, engineOn, event, finish, profile, type Reply, request, text } from './server-engine.ts';

test('an answer streams, with the server’s log-probabilities, key and settings', async (t) => {
  process.env['SYNOD_BACKEND_KEY'] = 'secret';
  t.after(() => delete process.env['SYNOD_BACKEND_KEY']);
  const logprobs = {
    logprobs: {
      content: [
        { token: 'It', logprob: -0.25 },
        { token: ' is', logprob: -1 },
      ],
    },
  };
  const pieces = [
    text('It is', logprobs),
    text(' naïve 🙂', {}),
    finish('length'),
    event({ choices: [], usage: { prompt_tokens: 9 } }),
  ];
  const bytes = Buffer.from(`${pieces.join('')}data: [DONE]\n\n`);
  const { engine, asked } = await engineOn(t, (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // Cut in the middle of a character: the stream has to be put together first.
    response.write(bytes.subarray(0, bytes.indexOf('🙂') + 2));
    setImmediate(() => response.end(bytes.subarray(bytes.indexOf('🙂') + 2)));
  });
  const seen: string[] = [];
  const result = await engine.generate(request, { ...control, onText: (piece) => seen.push(piece) });
  assert.deepEqual(seen, ['It is', ' naïve 🙂']);
  assert.deepEqual(result, {
    text: 'It is naïve 🙂',
    tokens: [UNKNOWN_TOKEN, UNKNOWN_TOKEN],
    logProbabilities: [250, 1000],
    promptTokens: 9,
    finish: 'length',
  });
  const [{ headers, path, body }] = asked as [Asked];
  assert.equal(path, '/v1/chat/completions');
  assert.equal(headers.authorization, 'Bearer secret');
  assert.deepEqual(body['messages'], [{ role: 'user', content: 'Be brief.\nWho?' }]);
  const { model, temperature, top_p, max_tokens, seed, stop, stream } = body;
  assert.deepEqual(
    [model, temperature, top_p, max_tokens, seed, stop, stream],
    ['large-model', 0.5, 0.9, 20, 7, ['\n'], true],
  );
});

test('judging and embedding stay on this machine, and no log-probabilities are made up', async (t) => {
  const { engine, asked } = await engineOn(t, (response) =>
    response.end(`${text('Yes.')}${finish('stop')}data: [DONE]\n\n`),
  );
  const judged = await engine.likelihoods({ question: 'Who?', answers: ['Me.'], tokensMax: 4, adapter: null }, control);
  assert.ok(judged[0]!.length > 0);
  assert.equal((await engine.embed(['Me.'], control)).length, 1);
  assert.equal(asked.length, 0);
  const { tokens, logProbabilities, finish: end } = await engine.generate(request, control);
  assert.deepEqual([tokens, logProbabilities, end], [[], [], 'stop']);
  assert.throws(() => engine.detokenize([1]), { code: 'MODEL_ERROR' });
});

test('a server that does not stream is read, too', async (t) => {
  const choice = {
    message: { role: 'assistant', content: 'Ada.' },
    finish_reason: 'stop',
    logprobs: { content: [{ token: 'Ada', logprob: -0.5 }] },
  };
  const { engine } = await engineOn(t, (response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify({ choices: [choice], usage: { prompt_tokens: 4 } }));
  });
  const seen: string[] = [];
  const result = await engine.generate(request, { ...control, onText: (piece) => seen.push(piece) });
  const expected = { text: 'Ada.', tokens: [UNKNOWN_TOKEN], logProbabilities: [500], promptTokens: 4, finish: 'stop' };
  assert.deepEqual([result, seen], [expected, ['Ada.']]);
});

test('an answer for the market needs the log-probabilities, and the error says how to get them', async (t) => {
  let isTold = false;
  const logprobs = { logprobs: { content: [{ token: 'Yes', logprob: -1 }] } };
  const { engine } = await engineOn(t, (response) => {
    response.end(`${text('Yes.', isTold ? logprobs : {})}${finish('stop')}data: [DONE]\n\n`);
  });
  const tools = { engine, library: createLibrary({ embed: engine.embed }), intent: createIntentReader(engine.embed) };
  const { messages, seed, stop } = request;
  const job = { messages, seed, stop, expert: { profile, knowledge: null, adapter: null } };
  await assert.rejects(answer(tools, job, control), {
    code: 'MODEL_ERROR',
    message: /large-model tells no log-probabilities.*logprobs.*--model default/,
  });
  isTold = true;
  const { segments, grounding } = await answer(tools, job, control);
  assert.equal(grounding, 'ungrounded');
  assert.deepEqual(segments, [{ kind: 'generated', text: 'Yes.', tokens: [UNKNOWN_TOKEN], logProbabilities: [1000] }]);
});

test('a server that falls silent, before or in the middle, is given up', async (t) => {
  for (const first of ['', text('Wait')]) {
    const { engine, arrived } = await engineOn(t, (response) => {
      if (first !== '') response.write(first);
    });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const begun = Promise.withResolvers<void>();
    const waiting = engine.generate(request, { ...control, onText: () => begun.resolve() });
    await (first === '' ? arrived : begun.promise);
    t.mock.timers.tick(first === '' ? limits.firstByteMs : limits.silenceMs);
    await assert.rejects(waiting, { code: 'MODEL_ERROR', message: /silent for too long/ });
    t.mock.timers.reset();
  }
});

const failures: readonly (readonly [name: string, reply: Reply, expected: { code: string; message: RegExp }])[] = [
  [
    'a wrong key',
    (r) => r.writeHead(401).end('no key'),
    { code: 'MODEL_ERROR', message: /401: no key.*SYNOD_BACKEND_KEY/ },
  ],
  [
    'an unknown model',
    (r) => r.writeHead(404).end('no such model'),
    { code: 'MODEL_ERROR', message: /404.*model name/ },
  ],
  [
    'a long prompt',
    (r) => r.writeHead(400).end('maximum context length is 10'),
    { code: 'PROMPT_TOO_LONG', message: /Shorten/ },
  ],
  [
    'an error in the stream',
    (r) => r.end(event({ error: { message: 'out of memory' } })),
    { code: 'MODEL_ERROR', message: /out of memory/ },
  ],
  [
    'a busy server',
    (r) => r.writeHead(429).end('slow down'),
    { code: 'MODEL_ERROR', message: /429: slow down.*try again later/ },
  ],
  [
    'a whole answer that is no JSON',
    (r) => r.writeHead(200, { 'content-type': 'application/json' }).end('{'),
    { code: 'MODEL_ERROR', message: /not JSON/ },
  ],
  ['another protocol', (r) => r.end('data: <html>\n\n'), { code: 'MODEL_ERROR', message: /not JSON/ }],
  [
    'a broken connection',
    (r) => r.write(text('I'), () => r.destroy()),
    { code: 'MODEL_ERROR', message: /did not answer/ },
  ],
  ['an endless event', (r) => r.end(`data: ${'x'.repeat(1 << 19)}`), { code: 'MODEL_ERROR', message: /does not end/ }],
];
for (const [name, reply, expected] of failures) {
  test(`${name} becomes one clear error`, async (t) => {
    const { engine } = await engineOn(t, reply);
    await assert.rejects(engine.generate(request, control), expected);
  });
}

test('a server that is not there is named', async (t) => {
  const { engine, stop } = await engineOn(t, () => {});
  stop();
  await assert.rejects(engine.generate(request, control), {
    code: 'MODEL_ERROR',
    message: /127\.0\.0\.1.*Check that it runs/,
  });
});

test('a cancelled answer keeps what has come and ends the request', async (t) => {
  const caller = new AbortController();
  let closed: Promise<unknown> | undefined;
  const { engine } = await engineOn(t, (response) => {
    closed = once(response, 'close');
    response.write(text('Only this'));
  });
  const result = await engine.generate(request, { ...control, signal: caller.signal, onText: () => caller.abort() });
  assert.deepEqual([result.text, result.finish], ['Only this', 'cancelled']);
  await closed;
});
