import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { limits } from '../../src/client/limits.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { longScoreJob, scoreJob, writeJob } from './jobs.ts';
import { startRecorder } from './recorder.ts';

const directory = await tinyModel();

test('one worker: generates, scores, embeds and tells tokens; the pieces make the text', async () => {
  const recorder = startRecorder(directory);
  const { client, events } = recorder;
  assert.equal(client.state(), 'starting');
  client.submit(writeJob('w'));
  client.submit(scoreJob('s'));
  client.submit({ kind: 'embed', id: 'e', priority: 'answer', texts: ['a', 'b'] });
  const [written, scored, embedded] = await Promise.all(['w', 's', 'e'].map((id) => recorder.final(id)));
  const streamed = events.flatMap((event) => (event.kind === 'token' && event.id === 'w' ? [event.text] : []));
  assert.ok(written?.kind === 'generated' && written.result.text === streamed.join('') && streamed.length > 1);
  assert.deepEqual(scored?.kind === 'scored' && scored.scores.map((score) => score.scorePpm > 0), [true, false]);
  assert.ok(embedded?.kind === 'embedded' && embedded.vectors[1] instanceof Float32Array);
  const { tokens, text } = written.result;
  client.submit({ kind: 'detokenize', id: 'd', priority: 'train', tokens });
  const told = await recorder.final('d');
  assert.ok(told.kind === 'detokenized' && told.bytes.length === tokens.length);
  assert.equal(Buffer.concat(told.bytes).toString(), text);
  assert.equal(client.state(), 'ready');
  assert.deepEqual(client.info(), recorder.info());
  assert.equal(client.info()?.name, 'synod-tiny');
  assert.equal(client.pending(), 0);
  await client.close();
});

test('cancelling a running answer ends it; the rest is not disturbed', async () => {
  const recorder = startRecorder(directory);
  for (const id of ['long', 'a', 'b', 'c']) recorder.client.submit(writeJob(id, { content: 'always' }));
  await recorder.token('long');
  recorder.client.cancel('long');
  const event = await recorder.final('long');
  assert.equal(event.kind === 'generated' && event.result.finish, 'cancelled');
  const others = await Promise.all(['a', 'b', 'c'].map((id) => recorder.final(id)));
  for (const other of others) assert.equal(other.kind === 'generated' && other.result.finish, 'stop');
  recorder.client.submit(scoreJob('next'));
  assert.equal((await recorder.final('next')).kind, 'scored');
  await recorder.client.close();
});

test('cancelling ends a job at once, whatever its worker computes: with the tokens told so far; the id can be taken again', async () => {
  const recorder = startRecorder(directory);
  const { client, events } = recorder;
  await recorder.ready();
  for (const id of ['long', 'other']) client.submit(writeJob(id, { content: 'always' }));
  client.submit({ ...longScoreJob('waits'), priority: 'train' });
  await recorder.until(() => events.filter(({ kind, id }) => kind === 'token' && id === 'long').length >= 5);
  const pid = client.pid()!;
  process.kill(pid, 'SIGSTOP');
  for (const id of ['long', 'waits']) client.cancel(id);
  assert.equal(recorder.finals('long').length, 0, 'not from within cancel');
  const [long, waits] = await Promise.all([recorder.final('long'), recorder.final('waits')]);
  assert.ok(long.kind === 'generated' && long.result.finish === 'cancelled');
  assert.equal(waits.kind === 'failed' && waits.code, 'CANCELLED');
  const { text, tokens, logProbabilities, promptTokens } = long.result;
  assert.equal(events.flatMap((one) => (one.kind === 'token' && one.id === 'long' ? [one.text] : [])).join(''), text);
  const told = events.length;
  client.submit(writeJob('long', { content: 'tell' }));
  process.kill(pid, 'SIGCONT');
  await recorder.until(() => recorder.finals('long').length === 2 && recorder.finals('other').length === 1);
  const again = recorder.finals('long')[1]!;
  assert.ok(again.kind === 'generated' && again.result.finish === 'stop' && again.result.tokens.length === 103);
  const pieces = events.slice(told).flatMap((one) => (one.kind === 'token' && one.id === 'long' ? [one.text] : []));
  assert.equal(pieces.join(''), again.result.text, 'nothing of the cancelled one');
  const other = recorder.finals('other')[0]!;
  assert.ok(other.kind === 'generated' && other.result.finish === 'stop');
  assert.deepEqual(tokens, other.result.tokens.slice(0, tokens.length));
  assert.deepEqual(logProbabilities, other.result.logProbabilities.slice(0, tokens.length));
  assert.equal(promptTokens, other.result.promptTokens);
  client.submit({ kind: 'detokenize', id: 'd', priority: 'train', tokens });
  const bytes = await recorder.final('d');
  assert.equal(bytes.kind === 'detokenized' && Buffer.concat(bytes.bytes).toString(), text);
  assert.equal(client.pending(), 0);
  await client.close();
});

test('kill -9: the worker comes back and nothing is lost: waiting jobs are done, streaming answers go on where they were', async () => {
  const recorder = startRecorder(directory);
  const ids = Array.from({ length: 24 }, (_, i) => `w${i}`);
  for (const id of ids) recorder.client.submit(writeJob(id, { content: 'always' }));
  await recorder.token('w0');
  const first = recorder.client.pid()!;
  process.kill(first, 'SIGKILL');
  await recorder.until(() => recorder.downs.length === 1);
  const streamed = (id: string) => recorder.events.some((event) => event.kind === 'token' && event.id === id);
  const unfinished = ids.filter((id) => recorder.finals(id).length === 0);
  assert.ok(unfinished.some(streamed) && !unfinished.every(streamed));
  assert.deepEqual(recorder.client.health().load, { score: 0, answer: unfinished.length, verify: 0, train: 0 });
  for (const id of ids) {
    const event = await recorder.final(id);
    assert.ok(event.kind === 'generated' && event.result.finish === 'stop');
    const pieces = recorder.events.flatMap((one) => (one.kind === 'token' && one.id === id ? [one.text] : []));
    assert.equal(pieces.join(''), event.result.text);
    assert.equal(recorder.finals(id).length, 1);
  }
  assert.notEqual(recorder.client.pid(), first);
  assert.match(recorder.downs[0]!, /SIGKILL/);
  const { state, restarts, lastError } = recorder.client.health();
  assert.deepEqual({ state, restarts, lastError }, { state: 'ready', restarts: 1, lastError: recorder.downs[0] });
  await recorder.client.close();
});

test('a worker that hangs is ended, and its job is done by the next', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const recorder = startRecorder(directory);
  const { client } = recorder;
  await recorder.ready();
  const pid = client.pid()!;
  process.kill(pid, 'SIGSTOP');
  client.submit(writeJob('caught'));
  t.mock.timers.tick(limits.silenceMs);
  assert.deepEqual([client.pid(), client.state()], [pid, 'ready'], 'there is a second wait');
  // A sign of life may have been on its way; the end of a process takes its time.
  for (const until = performance.now() + 20_000; client.state() === 'ready' && performance.now() < until; ) {
    t.mock.timers.tick(limits.silenceMs + limits.silenceAgainMs);
    await setImmediate();
  }
  assert.match(client.health().lastError ?? '', /SIGKILL, because it gave no sign of life/);
  t.mock.timers.tick(limits.restartDelayMinMs);
  assert.equal((await recorder.final('caught')).kind, 'generated');
  assert.notEqual(client.pid(), pid);
  t.mock.timers.reset();
  await client.close();
});

test('a worker that gives signs of life is not ended, however long it works', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const recorder = startRecorder(directory);
  const { client } = recorder;
  await recorder.ready();
  const pid = client.pid();
  for (const id of ['first', 'second', 'third']) {
    client.submit(scoreJob(id));
    await recorder.final(id);
    t.mock.timers.tick(limits.silenceMs - 1);
  }
  client.submit(scoreJob('last'));
  await Promise.race([recorder.final('last'), recorder.until(() => recorder.downs.length > 0)]);
  assert.deepEqual([recorder.downs, client.pid()], [[], pid]);
  t.mock.timers.reset();
  await client.close();
});

test('a job survives one death of its worker and fails with WORKER_LOST at the second', async () => {
  const recorder = startRecorder(directory);
  await recorder.ready();
  recorder.client.submit(longScoreJob('unlucky'));
  process.kill(recorder.client.pid()!, 'SIGKILL');
  await recorder.ready(2);
  assert.equal(recorder.downs.length, 1);
  assert.equal(recorder.client.pending(), 1);
  process.kill(recorder.client.pid()!, 'SIGKILL');
  const event = await recorder.final('unlucky');
  assert.equal(event.kind === 'failed' && event.code, 'WORKER_LOST');
  recorder.client.submit(scoreJob('next'));
  assert.equal((await recorder.final('next')).kind, 'scored');
  await recorder.client.close();
});

test('a job cancelled while its worker dies is not done again', async () => {
  const recorder = startRecorder(directory);
  await recorder.ready();
  recorder.client.submit(longScoreJob('cancelled'));
  process.kill(recorder.client.pid()!, 'SIGKILL');
  recorder.client.cancel('cancelled');
  const event = await recorder.final('cancelled');
  assert.equal(event.kind === 'failed' && event.code, 'CANCELLED');
  await recorder.client.close();
});

test('cancelling before the worker is ready; an id in flight is not taken twice', async () => {
  const recorder = startRecorder(directory);
  recorder.client.submit(scoreJob('early'));
  recorder.client.cancel('early');
  recorder.client.submit(scoreJob('twice'));
  recorder.client.submit(scoreJob('twice'));
  assert.equal(recorder.client.pending(), 1);
  const event = await recorder.final('early');
  assert.equal(event.kind === 'failed' && event.code, 'CANCELLED');
  await recorder.final('twice');
  recorder.client.submit(scoreJob('after'));
  await recorder.final('after');
  assert.equal(recorder.finals('twice').length, 1);
  await recorder.client.close();
});

test('too many jobs in flight are answered BUSY, each once; closing ends the others', async () => {
  const recorder = startRecorder(directory);
  const ids = Array.from({ length: limits.inFlightMax + 3 }, (_, i) => `j${i}`);
  for (const id of ids) recorder.client.submit(scoreJob(id));
  assert.equal(recorder.events.length, 0);
  assert.equal(recorder.client.pending(), limits.inFlightMax);
  await recorder.client.close();
  assert.equal(recorder.events.length, ids.length);
  const busy = recorder.events.filter((event) => event.kind === 'failed' && event.code === 'BUSY');
  assert.deepEqual(
    busy.map((event) => event.id),
    ids.slice(-3),
  );
  recorder.client.submit(scoreJob('late'));
  assert.equal((await recorder.final('late')).kind, 'failed');
  assert.equal(recorder.client.pid(), undefined);
});

test('a folder without a model: down with the reason, no restart, jobs fail at once', async () => {
  const recorder = startRecorder('/nonexistent');
  recorder.client.submit(scoreJob('s'));
  const event = await recorder.final('s');
  assert.equal(event.kind === 'failed' && event.code, 'WORKER_LOST');
  await recorder.until(() => recorder.downs.length === 1);
  assert.match(recorder.downs[0]!, /MODEL_NOT_FOUND/);
  assert.equal(recorder.client.state(), 'down');
  assert.equal(recorder.client.pid(), undefined);
  recorder.client.submit(scoreJob('again'));
  assert.equal((await recorder.final('again')).kind, 'failed');
});
