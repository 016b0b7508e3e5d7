/** Options of a question: what is refused before anything is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noOptions, termsOf, termsProblems } from '../../src/pages/ask/terms.ts';

const bounds = { promptBytesMax: 10, respondentsMax: 8, roundsMax: 4 };

test('nothing named is nothing wrong, and leaves everything to the node', () => {
  assert.deepEqual(termsProblems('hello', noOptions, bounds), {});
  assert.deepEqual(termsOf(noOptions), {});
});

test('a prompt is measured in bytes', () => {
  assert.deepEqual(termsProblems('0123456789', noOptions, bounds), {});
  assert.match(termsProblems('ääääää', noOptions, bounds).prompt ?? '', /12 bytes; at most 10/);
});

test('amounts and counts that are none', () => {
  for (const maxCost of ['x', '0', '-1', '1.2.3']) {
    assert.ok(termsProblems('', { ...noOptions, maxCost }, bounds).maxCost, maxCost);
  }
  for (const respondents of ['0', '9', '1.5', 'two', '-1']) {
    assert.ok(termsProblems('', { ...noOptions, respondents }, bounds).respondents, respondents);
  }
  assert.ok(termsProblems('', { ...noOptions, rounds: '5' }, bounds).rounds);
});

test('terms are parameters of query_submit', () => {
  const options = { ...noOptions, domain: 'chemistry', maxCost: '0.01', respondents: '3', rounds: '2' };
  assert.deepEqual(termsOf(options), { domain: 'chemistry', maxCost: '10000000', respondents: 3, rounds: 2 });
});
