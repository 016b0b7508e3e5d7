import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/client/protocol.ts';
import { Told } from '../../src/client/told.ts';
import { scoreJob, writeJob } from './jobs.ts';

const piece = (...tokens: number[]) => ({
  tokens,
  logProbabilities: tokens.map((token) => 10 * token),
  promptTokens: 9,
});
const answerJob: Job = {
  kind: 'answer',
  id: 'a',
  priority: 'answer',
  messages: [],
  expert: { profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 9 }, knowledge: null, adapter: null },
  seed: 1,
  stop: [],
};
const result = (text: string, tokens: number[]) => ({ text, ...piece(...tokens), finish: 'cancelled' });

test('a worker that does a job again tells nothing twice; what is told last was recorded by who told it', () => {
  const told = new Told();
  assert.equal(told.hear('ab', piece(1)), 'ab');
  assert.equal(told.hear('cd', piece(2, 3)), 'cd');
  told.restart();
  assert.ok(told.isBehind);
  assert.equal(told.hear('abc', piece(4)), '');
  assert.deepEqual(told.cancelled(writeJob('w')), { kind: 'generated', id: 'w', result: result('abcd', [1, 2, 3]) });
  assert.equal(told.hear('de', piece(5)), 'e');
  assert.ok(!told.isBehind);
  assert.deepEqual(told.cancelled(writeJob('w')), { kind: 'generated', id: 'w', result: result('abcde', [4, 5]) });
  told.restart();
  assert.equal(told.hear('abx', piece(4)), null);
});

test('a job that is taken back ends with what the model wrote of it, else it fails', () => {
  const failed = (id: string) => ({
    kind: 'failed',
    id,
    code: 'CANCELLED',
    message: 'The job was cancelled by its caller.',
  });
  const told = new Told();
  for (const job of [writeJob('w'), scoreJob('s'), answerJob]) assert.deepEqual(told.cancelled(job), failed(job.id));
  told.hear('A passage.', undefined);
  assert.deepEqual(told.cancelled(answerJob), failed('a'), 'a quote without its proof is no answer');
  const written = new Told();
  written.hear('So', piece(7));
  const event = written.cancelled(answerJob);
  assert.ok(event.kind === 'answered');
  assert.deepEqual(event.result, {
    segments: [{ kind: 'generated', text: 'So', tokens: [7], logProbabilities: [70] }],
    grounding: 'ungrounded',
    confidencePpm: 0,
    promptTokens: 9,
    finish: 'cancelled',
  });
});
