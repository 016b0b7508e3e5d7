import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordersText } from '../../src/answering/intent.ts';

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
