import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfaithful } from '../../src/answering/faithfulness.ts';

const quote = { text: 'The melting point of iron is 1538 °C, and it boils at 2861 °C.', value: '1538 °C' };
const check = (phrasing: string, of = quote) => unfaithful(phrasing, of);

test('the value, and the value in words of the quote, are faithful', () => {
  for (const phrasing of [
    '1538 °C',
    'The melting point of iron is 1538 °C.',
    'Iron melting point: 1538 °C'.slice(5),
    'It is 1538 °C.',
  ]) {
    assert.equal(check(phrasing), null, phrasing);
  }
});

const faults: readonly (readonly [string, string, string])[] = [
  ['another number', 'The melting point of iron is 1583 °C.', 'value'],
  ['a true sibling value', '2861 °C', 'value'],
  ['a further number', 'The melting point of iron is 1538 °C, or 2800 F.', 'words'],
  ['a name that is not there', 'The melting point of copper is 1538 °C.', 'words'],
  ['another unit', 'Iron melts at 1538 kelvin.', 'value'],
  ['a sign that is not there', 'The melting point is -1538 °C.', 'sign'],
  ['a negation', 'The melting point of iron is not 1538 °C.', 'negation'],
  ['a contracted negation', "Isn't the melting point of iron 1538 °C", 'negation'],
  ['a comparison', 'The melting point of iron is over 1538 °C.', 'comparison'],
  ['nothing', '', 'length'],
  ['too much', `${'the point of it '.repeat(6)} 1538 °C`, 'length'],
];
for (const [name, phrasing, reason] of faults) {
  test(`unfaithful: ${name}`, () => assert.equal(check(phrasing), reason));
}

test('turning subject and value around is unfaithful', () => {
  const capital = { text: 'The capital of France is Paris.', value: 'Paris' };
  assert.equal(check('The capital of Paris is France.', capital), 'words');
  assert.equal(check('The capital of France is Paris.', capital), null);
});

test('a quote that negates must stay negated', () => {
  const stable = { text: 'Technetium has no stable isotopes and is radioactive.', value: 'radioactive' };
  assert.equal(check('Technetium is radioactive', stable), 'negation');
  assert.equal(check('Technetium has no stable isotopes and is radioactive', stable), null);
});
