/** The format of the tables of phrases. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinPhrases, readPhrases } from '../../src/domains/readers/phrases.ts';

test('a table gives the phrases of each relation, also those on indented lines', () => {
  assert.deepEqual(
    readPhrases('\ncapital: capital city; seat of government;\n  what is it run from\niso3-code: ISO code\n'),
    {
      capital: ['capital city', 'seat of government', 'what is it run from'],
      'iso3-code': ['ISO code'],
    },
  );
});

test('a line without a relation, an empty phrase and what is told twice are refused', () => {
  assert.throws(() => readPhrases('just words'), /no relation/);
  assert.throws(() => readPhrases('area: size;; surface'), /an empty phrase of “area”/);
  assert.throws(() => readPhrases('area: size; size'), /“area” tells something twice/);
  assert.throws(() => readPhrases('area: size\narea: surface'), /“area” tells something twice/);
});

test('two tables are joined; an unknown relation and what is told again are refused', () => {
  const table = { area: ['size'], capital: ['capital city'] };
  assert.deepEqual(joinPhrases(table, { area: ['how big is it'] }), {
    area: ['size', 'how big is it'],
    capital: ['capital city'],
  });
  assert.throws(() => joinPhrases(table, { river: ['stream'] }), /more phrases of “river”/);
  assert.throws(() => joinPhrases(table, { area: ['size'] }), /“area” tells “size” twice/);
});
