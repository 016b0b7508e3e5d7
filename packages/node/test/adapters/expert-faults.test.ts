/** Experts at fault on purpose: who is not named answers as ever; who is lies, waits or says nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Address } from '@synod/chain';
import type { AnswerJob, JobEvent } from '@synod/inference';
import { type ExpertFault, FaultyExperts } from '../../src/adapters/expert-faults.ts';

const liar = 'syn1liar' as Address;
const cities = ['Paris is the capital of France.', 'Tokyo is the capital of Japan.', 'Owls sleep by day.'];

function job(expert: Address, knowledge: string | null): AnswerJob {
  return {
    kind: 'answer',
    id: `answer/${'ab'.repeat(32)}/1/${expert}/1`,
    priority: 'answer',
    messages: [{ role: 'user', content: 'What is the capital of Japan?' }],
    expert: { profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 8 }, knowledge, adapter: null },
    seed: 1,
    stop: [],
  };
}

function experts(fault: ExpertFault | null) {
  const submitted: AnswerJob[] = [];
  const { promise: answered, resolve } = Promise.withResolvers<JobEvent>();
  const faulty = new FaultyExperts(() => new Map(fault === null ? [] : [[liar, fault]]));
  return { faulty, submitted, answered, way: { submit: (one: AnswerJob) => submitted.push(one), answer: resolve } };
}

function folder(context: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'synod-lie-'));
  context.after(() => rmSync(made, { recursive: true }));
  const lines = cities.map((text) => JSON.stringify({ text, source: 'cities.md' }));
  writeFileSync(join(made, 'passages.jsonl'), `${lines.join('\n')}\n`);
  return made;
}

test('nobody named, and anybody else, answers as ever', () => {
  const honest = experts(null);
  assert.equal(honest.faulty.take(job(liar, null), honest.way), false);
  const { faulty, way } = experts({ kind: 'drop', delayMs: 0 });
  assert.equal(faulty.take(job('syn1other' as Address, null), way), false);
  assert.equal(faulty.take({ ...job(liar, null), id: `score/${'ab'.repeat(32)}/score/1` }, way), false);
});

test('a liar quotes a passage of its own that does not answer, or is asked something else', async (context) => {
  const { faulty, way, answered } = experts({ kind: 'lie', delayMs: 0 });
  assert.equal(faulty.take(job(liar, folder(context)), way), true);
  const event = await answered;
  assert.ok(event.kind === 'answered');
  const [segment] = event.result.segments;
  assert.ok(segment?.kind === 'quote');
  assert.equal(segment.text, cities[2]);
  assert.equal(segment.index, 2);

  const bare = experts({ kind: 'lie', delayMs: 0 });
  assert.equal(bare.faulty.take(job(liar, null), bare.way), true);
  assert.notEqual(bare.submitted[0]?.messages[0]?.content, job(liar, null).messages[0]?.content);
});

test('a liar whose knowledge cannot be read fails', async () => {
  const { faulty, way, answered } = experts({ kind: 'lie', delayMs: 0 });
  faulty.take(job(liar, join(tmpdir(), 'synod-no-such-folder')), way);
  assert.equal((await answered).kind, 'failed');
});

test('one that drops fails at once; one that is slow begins late, and not at all once it is cancelled', async (context) => {
  const drop = experts({ kind: 'drop', delayMs: 0 });
  assert.equal(drop.faulty.take(job(liar, null), drop.way), true);
  assert.equal((await drop.answered).kind, 'failed');
  assert.equal(drop.submitted.length, 0);

  context.mock.timers.enable({ apis: ['setTimeout'] });
  const slow = experts({ kind: 'slow', delayMs: 5_000 });
  slow.faulty.take(job(liar, null), slow.way);
  context.mock.timers.tick(4_999);
  assert.equal(slow.submitted.length, 0);
  context.mock.timers.tick(1);
  assert.deepEqual(slow.submitted, [job(liar, null)]);
  slow.faulty.take(job(liar, null), slow.way);
  assert.equal(slow.faulty.cancel(job(liar, null).id), true);
  context.mock.timers.tick(60_000);
  assert.equal(slow.submitted.length, 1);
});
