import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIntentReader, ordersText } from '../../src/answering/intent.ts';
import { passCheckpoint } from '../../src/engine/control.ts';
import { wordEmbedder } from '../knowledge/fixture.ts';

const orders = [
  'Write a poem about iron.',
  'Please write me a short story about a dragon in Kenya.',
  'Could you rewrite this: iron melts.',
  'Summarise the history of Peru.',
  'translate "iron" into French',
  'Hello!',
  'What do you think about gold?',
  'Implement a function that sorts numbers.',
  'So, should I leave my job?',
];
const questions = [
  'What is the symbol of iron?',
  'Give me the capital of Kenya.',
  'Tell me the population of Peru.',
  'Who wrote the anthem of Norway?',
  'What does the write function of a stream return?',
  'Name the code for cholera.',
  'Hi, what is the capital of Kenya?',
  'Which doctor should I see about my eyes?',
  'Can you tell me in a sentence what fuzzing is?',
];
for (const prompt of orders) test(`orders a text: ${prompt}`, () => assert.equal(ordersText(prompt), true));
for (const prompt of questions) test(`is a question: ${prompt}`, () => assert.equal(ordersText(prompt), false));

test('a huge prompt is read at its beginning only', () => {
  const startedMs = performance.now();
  assert.equal(ordersText(`What is ${'write a '.repeat(2_000_000)}`), false);
  assert.ok(performance.now() - startedMs < 500);
});

test('one job that is cancelled or paused while the examples are read holds up or fails no other', async () => {
  const { embed } = wordEmbedder();
  const reader = createIntentReader(async (texts, control) => {
    await passCheckpoint(control);
    return embed(texts);
  });
  const paused = { signal: new AbortController().signal, checkpoint: () => new Promise<void>(() => {}) };
  void reader.openness('Explain iron.', paused);
  const other = { signal: new AbortController().signal, checkpoint: async () => {} };
  const expected = await reader.openness('Explain iron.', other);
  const anew = createIntentReader(async (texts, control) => {
    await new Promise(setImmediate);
    await passCheckpoint(control);
    return embed(texts);
  });
  const abort = new AbortController();
  const cancelled = anew.openness('Explain iron.', { ...other, signal: abort.signal });
  const second = anew.openness('Explain iron.', other);
  abort.abort();
  await assert.rejects(cancelled, { code: 'CANCELLED' });
  assert.equal(await second, expected);
});
