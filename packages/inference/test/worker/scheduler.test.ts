import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Job, JobEvent, JobPriority } from '../../src/client/protocol.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { createScheduler } from '../../src/worker/scheduler.ts';
import { tinyModel } from '../engine/tiny-model.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());

const write = (id: string, priority: JobPriority = 'answer', maxTokens = 12): Job => ({
  kind: 'generate',
  id,
  priority,
  messages: [{ role: 'user', content: 'hello' }],
  profile: { instruction: '', temperature: 1, topP: 1, maxTokens },
  seed: 1,
  stop: [],
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
  const scheduler = createScheduler({
    engine,
    queuedMax: { score: room, answer: room, verify: room, train: room },
    emit: (event) => {
      events.push(event);
      onEvent(event);
      if (finals().length === expected) resolve();
    },
  });
  return { scheduler, events, finals, ended: promise };
}

test('waiting jobs run by priority', async () => {
  const { scheduler, finals, ended } = record(5);
  scheduler.submit(vector('first', 'train'));
  scheduler.submit(vector('t', 'train'));
  scheduler.submit(vector('v', 'verify'));
  scheduler.submit(vector('a', 'answer'));
  scheduler.submit(rate('s'));
  await ended;
  assert.deepEqual(
    finals().map((event) => event.id),
    ['first', 's', 'a', 'v', 't'],
  );
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

test('a job of the same priority waits for the running one', async () => {
  let submitted = false;
  const { scheduler, finals, ended } = record(2, {
    onEvent: (event) => {
      if (event.kind === 'token' && !submitted) {
        submitted = true;
        scheduler.submit(write('second', 'answer', 2));
      }
    },
  });
  scheduler.submit(write('first'));
  await ended;
  assert.deepEqual(
    finals().map((event) => event.id),
    ['first', 'second'],
  );
});

test('a full queue answers BUSY; everything accepted still ends', async () => {
  const { scheduler, finals, ended } = record(4, { room: 2 });
  for (const id of ['running', 'a', 'b', 'c']) scheduler.submit(vector(id, 'answer'));
  await ended;
  const busy = finals().filter((event) => event.kind === 'failed' && event.code === 'BUSY');
  assert.deepEqual(
    busy.map((event) => event.id),
    ['c'],
  );
  assert.equal(finals().length, 4);
});

test('cancelling: a running answer ends at its next token, a waiting job fails, an unknown id is nothing', async () => {
  const { scheduler, events, finals, ended } = record(2, {
    onEvent: (event) => {
      if (event.kind === 'token' && event.id === 'running') scheduler.cancel('running');
    },
  });
  scheduler.submit(write('running'));
  scheduler.submit(write('waiting'));
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
