import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GenerateJob, Job, JobEvent, JobPriority } from '../../src/client/protocol.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { runningMax } from '../../src/worker/limits.ts';
import { createScheduler } from '../../src/worker/scheduler.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { temporaryFolder, writeFolder } from '../knowledge/fixture.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());

const write = (id: string, priority: JobPriority = 'answer', maxTokens = 12): Job => ({
  kind: 'generate',
  id,
  priority,
  messages: [{ role: 'user', content: 'tell' }],
  profile: { instruction: '', temperature: 1, topP: 1, maxTokens },
  seed: 1,
  stop: [],
  adapter: null,
});
const contents = ['tell', 'always', `a longer prompt ${'of many words '.repeat(20)}`, 'x'] as const;
const writeOn = (id: string, content: string): Job => ({
  ...(write(id, 'answer', 40) as GenerateJob),
  messages: [{ role: 'user', content }],
});
const rate = (id: string, priority: JobPriority = 'score'): Job => ({
  kind: 'score',
  id,
  priority,
  prompt: 'why',
  knowledge: null,
  answers: ['so', ''],
});
const vector = (id: string, priority: JobPriority): Job => ({ kind: 'embed', id, priority, texts: ['x'] });

/** A scheduler whose events are recorded; `ended` resolves when that many jobs have their final event. */
function record(expected: number, { onEvent = (_: JobEvent) => {}, room = 8 } = {}) {
  const events: JobEvent[] = [];
  const finals = () => events.filter((event) => event.kind !== 'token');
  const { promise, resolve } = Promise.withResolvers<void>();
  let ended = 0;
  const scheduler = createScheduler({
    engine,
    queuedMax: { score: room, answer: room, verify: room, train: room },
    emit: (event) => {
      events.push(event);
      onEvent(event);
      if (event.kind !== 'token' && ++ended === expected) resolve();
    },
  });
  return { scheduler, events, finals, ended: promise };
}

test('a route job ends with domain, probabilities and difficulty', async () => {
  const { scheduler, finals, ended } = record(1);
  scheduler.submit({ kind: 'route', id: 'r', priority: 'answer', prompt: 'Explain tides.' });
  await ended;
  const [event] = finals();
  assert.ok(event?.kind === 'routed' && event.id === 'r');
  assert.equal(event.probabilities.length, 4);
  assert.ok(event.difficultyPpm >= 400_000);
});

test('a score job with knowledge is judged by it', async () => {
  const folder = await writeFolder(await temporaryFolder());
  const { scheduler, finals, ended } = record(1);
  const prompt = 'What is the capital of Japan?';
  scheduler.submit({
    kind: 'score',
    id: 'k',
    priority: 'score',
    prompt,
    knowledge: folder,
    answers: ['Lima', 'Tokyo'],
  });
  await ended;
  const [event] = finals();
  assert.ok(event?.kind === 'scored');
  assert.ok(event.scores[1]!.scorePpm > event.scores[0]!.scorePpm);
});

test('waiting jobs run by priority', async () => {
  const { scheduler, finals, ended } = record(6);
  for (const id of ['s1', 's2', 's3']) scheduler.submit(rate(id));
  scheduler.submit(vector('t', 'train'));
  scheduler.submit(vector('v', 'verify'));
  scheduler.submit(vector('a', 'answer'));
  await ended;
  const ids = finals().map((event) => event.id);
  assert.deepEqual([...ids.slice(0, 3).sort(), ...ids.slice(3)], ['s1', 's2', 's3', 'a', 'v', 't']);
});

test('a scoring job overtakes a running answer between two tokens, and the answer goes on unharmed', async () => {
  const alone = record(1);
  alone.scheduler.submit(write('w'));
  await alone.ended;
  let tokens = 0;
  const both = record(2, {
    onEvent: (event) => {
      if (event.kind === 'token' && ++tokens === 2) both.scheduler.submit(rate('s'));
    },
  });
  both.scheduler.submit(write('w'));
  await both.ended;
  const kinds = both.events.map((event) => event.kind);
  assert.deepEqual(kinds.slice(0, 3), ['token', 'token', 'scored']);
  assert.deepEqual(both.finals().at(-1), alone.finals()[0]);
});

test('jobs of one class run together up to their number; the next one starts when one ends', async () => {
  const { scheduler, events, ended } = record(5);
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) scheduler.submit(write(id, 'answer', 6));
  await ended;
  const firstFinal = events.findIndex((event) => event.kind !== 'token');
  const before = new Set(events.slice(0, firstFinal).map((event) => event.id));
  assert.deepEqual([...before].sort(), ids.slice(0, runningMax.answer));
  assert.ok(events.findIndex((event) => event.id === 'e') > firstFinal);
});

test('what is written together is what is written alone', async () => {
  const alone = [];
  for (const [i, content] of contents.entries()) {
    const { scheduler, finals, ended } = record(1);
    scheduler.submit(writeOn(String(i), content));
    await ended;
    alone.push(finals()[0]);
  }
  const together = record(contents.length);
  for (const [i, content] of contents.entries()) together.scheduler.submit(writeOn(String(i), content));
  await together.ended;
  const finals = together.finals().sort((a, b) => Number(a.id) - Number(b.id));
  assert.deepEqual(finals, alone);
});

const ask = (id: string, knowledge: string | null): Job => ({
  kind: 'answer',
  id,
  priority: 'answer',
  messages: [{ role: 'user', content: 'What is the capital of Kenya?' }],
  expert: { profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 4 }, knowledge, adapter: null },
  seed: 1,
  stop: [],
});

test('an answer job quotes or refuses from its folder, writes without one, and fails with the code of a damaged one', async () => {
  const folder = await writeFolder(await temporaryFolder());
  const damaged = await writeFolder(await temporaryFolder(), undefined, { 'card.json': '{' });
  const { scheduler, finals, ended } = record(3);
  scheduler.submit(ask('known', folder));
  scheduler.submit(ask('free', null));
  scheduler.submit(ask('damaged', damaged));
  await ended;
  const [known, free, failed] = ['known', 'free', 'damaged'].map((id) => finals().find((event) => event.id === id));
  assert.ok(known?.kind === 'answered' && ['quote', 'refused'].includes(known.result.grounding));
  assert.ok(free?.kind === 'answered' && free.result.grounding === 'ungrounded');
  assert.ok(failed?.kind === 'failed' && failed.code === 'KNOWLEDGE_DAMAGED');
});

test('a full queue answers BUSY; everything accepted still ends', async () => {
  const { scheduler, finals, ended } = record(8, { room: 2 });
  for (const id of ['r1', 'r2', 'r3', 'r4', 'a', 'b', 'c', 'd']) scheduler.submit(vector(id, 'answer'));
  await ended;
  const busy = finals().filter((event) => event.kind === 'failed' && event.code === 'BUSY');
  assert.deepEqual(
    busy.map((event) => event.id),
    ['c', 'd'],
  );
  assert.equal(finals().length, 8);
});

test('ten thousand requests at once: all end, the accepted ones with their result, the others with BUSY at once', async () => {
  const count = 10_000;
  const { scheduler, finals, ended } = record(count, { room: 32 });
  for (let i = 0; i < count; i++) scheduler.submit(vector(String(i), 'answer'));
  const accepted = 32 + runningMax.answer;
  assert.equal(finals().length, count - accepted);
  await ended;
  assert.equal(finals().filter((event) => event.kind === 'embedded').length, accepted);
  assert.equal(new Set(finals().map((event) => event.id)).size, count);
});

test('cancelling a paused answer ends it before the urgent work does; cancelling it twice changes nothing', async () => {
  const { scheduler, finals, ended } = record(2, {
    onEvent: (event) => {
      if (event.kind !== 'token' || event.id !== 'paused') return;
      scheduler.submit(rate('s'));
      setImmediate(() => {
        scheduler.cancel('paused');
        scheduler.cancel('paused');
      });
    },
  });
  scheduler.submit(write('paused', 'answer', 1000));
  await ended;
  const ids = finals().map((event) => event.id);
  assert.deepEqual(ids, ['paused', 's']);
  scheduler.cancel('paused');
  assert.equal(finals().length, 2);
});

test('cancelling: a running answer ends at its next token, a waiting job fails, an unknown id is nothing', async () => {
  const { scheduler, events, finals, ended } = record(2, {
    onEvent: (event) => {
      if (event.kind === 'token' && event.id === 'running') scheduler.cancel('running');
    },
  });
  scheduler.submit(write('running'));
  scheduler.submit(vector('waiting', 'train'));
  scheduler.cancel('waiting');
  scheduler.cancel('nobody');
  await ended;
  assert.equal(events.filter((event) => event.kind === 'token').length, 1);
  const [waiting, running] = finals();
  assert.deepEqual([waiting?.id, waiting?.kind === 'failed' && waiting.code], ['waiting', 'CANCELLED']);
  assert.equal(running?.kind === 'generated' && running.result.finish, 'cancelled');
});

test('a cancelled scoring job fails with CANCELLED', async () => {
  const { scheduler, finals, ended } = record(1);
  scheduler.submit(rate('s'));
  scheduler.cancel('s');
  await ended;
  const [event] = finals();
  assert.equal(event?.kind === 'failed' && event.code, 'CANCELLED');
});

test('a failing job becomes an event, and the next job runs', async () => {
  const { scheduler, finals, ended } = record(2);
  scheduler.submit({ ...write('long'), messages: [{ role: 'user', content: 'x'.repeat(5000) }] } as Job);
  scheduler.submit(vector('next', 'answer'));
  await ended;
  const [first, second] = finals();
  assert.equal(first?.kind === 'failed' && first.code, 'PROMPT_TOO_LONG');
  assert.equal(second?.kind, 'embedded');
});

test('a verify job ends with a check for each generated segment, and one that cannot be done with a failure', async () => {
  const { scheduler, finals, ended } = record(3);
  const messages = [{ role: 'user', content: 'tell' }] as const;
  const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 12 };
  const expert = { profile, knowledge: null, adapter: null };
  const written = await engine.generate(
    { messages, profile, seed: 1, stop: [], adapter: null },
    { signal: new AbortController().signal, checkpoint: async () => {}, onText: () => {} },
  );
  const { text, tokens, logProbabilities } = written;
  const honest = [{ kind: 'generated', text, tokens, logProbabilities }] as const;
  const swapped = [{ ...honest[0], tokens: tokens.toReversed() }] as const;
  const common = { kind: 'verify', priority: 'verify', messages, expert } as const;
  scheduler.submit({ ...common, id: 'honest', segments: honest });
  scheduler.submit({ ...common, id: 'swapped', segments: swapped });
  scheduler.submit({ ...common, id: 'lost', expert: { ...expert, adapter: '/absent.adapter' }, segments: honest });
  await ended;
  const byId = new Map(finals().map((event) => [event.id, event]));
  const verdictOf = (id: string) => {
    const event = byId.get(id);
    assert.ok(event?.kind === 'verified');
    return event.checks.map(({ segment, verdict }) => [segment, verdict]);
  };
  assert.deepEqual(verdictOf('honest'), [[0, 'match']]);
  assert.deepEqual(verdictOf('swapped'), [[0, 'mismatch']]);
  const lost = byId.get('lost');
  assert.deepEqual(lost?.kind === 'failed' ? lost.code : lost?.kind, 'ADAPTER_NOT_FOUND');
});
