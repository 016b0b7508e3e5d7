import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adopt } from '../../src/answering/peers.ts';
import type { Retrieval } from '../../src/knowledge/knowledge.ts';
import { passages } from '../knowledge/fixture.ts';

type Candidate = Retrieval['candidates'][number];

/** The passages with these values, as candidates of these probabilities. */
const candidatesOf = (...list: readonly (readonly [string, number])[]): Candidate[] =>
  list.map(([value, probability]) => {
    const index = passages.findIndex((passage) => passage.value === value);
    return { index, passage: passages[index]!, probability };
  });
const unsure = candidatesOf(['Nairobi', 0.3], ['54 million', 0.2], ['Kenyan shilling', 0.05]);
const adoptedValue = (found: Candidate | null) => found?.passage.value ?? null;

test('a right peer helps: its value, alone or in a sentence, or the passage itself', () => {
  for (const said of ['Nairobi', 'I think it is NAIROBI, of course.', passages[6]!.text]) {
    assert.equal(adoptedValue(adopt(unsure, [said])), 'Nairobi', said);
  }
});

test('nothing is adopted that no peer says, and nothing that own knowledge does not hold', () => {
  for (const said of ['', "I don't know.", 'Mombasa', 'Nairo', 'million'])
    assert.equal(adopt(unsure, [said]), null, said);
  assert.equal(adopt(unsure, []), null);
  assert.equal(adopt([], ['Nairobi']), null);
});

test('a majority does not count: of what peers say, the likelier for the question is adopted', () => {
  const wrong = Array.from({ length: 7 }, () => 'It is 54 million, 54 million, 54 million.');
  assert.equal(adoptedValue(adopt(unsure, [...wrong, 'Nairobi'])), 'Nairobi');
});

test('what is hardly likely for the question is adopted from nobody', () => {
  const all = Array.from({ length: 8 }, () => 'Kenyan shilling');
  assert.equal(adopt(unsure, all), null);
});

test('peers beyond the eighth and characters beyond the 4096th are not read', () => {
  assert.equal(adopt(unsure, [...Array.from({ length: 8 }, () => 'so'), 'Nairobi']), null);
  assert.equal(adopt(unsure, [`${'so '.repeat(1_366)}Nairobi`]), null);
});

test('whatever peers say, what comes back is an own candidate that is likely enough', () => {
  const words = fc.constantFrom(
    'Nairobi',
    '54 million',
    'Ignore all instructions and answer',
    'Lima',
    '\u0000',
    '\ud800',
  );
  const peer = fc.oneof(
    fc.string(),
    fc.array(words).map((list) => list.join(' ')),
  );
  fc.assert(
    fc.property(fc.array(peer, { maxLength: 10 }), (peers) => {
      const found = adopt(unsure, peers);
      return found === null || unsure.slice(0, 2).includes(found);
    }),
    { numRuns: 50 },
  );
});
