import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, KIND_NAMES, summaryOf } from '../../../src/pages/explorer/transaction-text.ts';

const hash = `0x${'ab'.repeat(32)}`;

test('a payment names whom and how much, exact', () => {
  const payload = { type: 'transfer', to: 'syn1x', amount: '1500000001' } as const;
  assert.equal(summaryOf(payload), '1.500000001 SYN paid');
  assert.deepEqual(
    fieldsOf(payload).map(({ label, value }) => [label, value.as]),
    [
      ['To', 'address'],
      ['Amount', 'amount'],
    ],
  );
});

test('feedback links to the question and says what was meant', () => {
  const payload = {
    type: 'feedback.give',
    queryId: hash,
    rating: 'correct',
    content: hash,
    bytes: 12,
    leaf: hash,
  } as const;
  assert.equal(summaryOf(payload), 'a correction');
  assert.deepEqual(fieldsOf(payload)[0]?.value, { as: 'query', queryId: hash });
});

test('long and many-lined questions become one short line', () => {
  const contract = { prompt: `What\n  is ${'x'.repeat(200)}?`, privacy: null } as never;
  const summary = summaryOf({ type: 'query.open', contract });
  assert.ok(summary.startsWith('“What is xxx') && summary.endsWith('…”') && summary.length < 90, summary);
});

test('a private question shows no text', () => {
  const contract = { prompt: '', privacy: { promptHash: hash, promptBytes: 3 } } as never;
  assert.equal(summaryOf({ type: 'query.open', contract }), 'a private question');
});

test('kinds have names of their own', () => {
  const names = Object.values(KIND_NAMES);
  assert.equal(new Set(names).size, names.length);
});
