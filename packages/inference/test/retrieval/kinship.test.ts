import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKinship } from '../../src/retrieval/kinship.ts';

const fact = (subject: string, relation: string) => ({
  text: `${relation} of ${subject}`,
  source: 'test',
  subject,
  relation,
  value: null,
});
const elements = ['iron', 'gold', 'zinc', 'neon', 'lead'];
const indicators = ['litmus', 'phenolphthalein', 'methyl orange', 'thymol blue', 'congo red'];
const passages = [
  ...elements.flatMap((name) => [fact(name, 'symbol'), fact(name, 'appearance'), fact(name, 'density')]),
  ...indicators.flatMap((name) => [fact(name, 'colour'), fact(name, 'range')]),
];
const own = new Set(['symbol', 'density']);

test('what others of its sort have is kin, what only others of another sort have is not', () => {
  const kinship = createKinship(passages);
  assert.ok(kinship.of('iron', own)('appearance') > 0.8);
  assert.ok(kinship.of('iron', own)('colour') < 0);
  assert.ok(kinship.of('litmus', new Set(['range']))('colour') > 0.8);
});

test('a fact is asked for as surely when it is missing', () => {
  const without = passages.filter(({ subject, relation }) => subject !== 'iron' || relation !== 'appearance');
  const there = createKinship(passages).of('iron', own)('appearance');
  assert.equal(createKinship(without).of('iron', own)('appearance'), there);
});

test('where no other subject tells, every relation is as usual as any', () => {
  const alone = createKinship([fact('iron', 'symbol'), fact('gold', 'price'), ...passages.slice(3)]);
  assert.equal(alone.of('gold', new Set(['price']))('symbol'), 0);
  assert.equal(alone.of('radon', new Set())('symbol'), 0);
});
