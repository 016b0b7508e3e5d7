/** What contributors tell of countries beside the Factbook. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { readFolder } from '@synod/experts';
import { parsePopulations } from '../../src/domains/geography/recent.ts';

const knowledge = resolve(join(import.meta.dirname, '../../knowledge/geography'));

test('a table of populations gives the words that a sentence needs', () => {
  const people = parsePopulations('# a comment\n\nIS | 393,000\nFR | 66.5 million\nCN | 1.42 billion\n');
  assert.deepEqual(
    [...people],
    [
      ['IS', '393,000'],
      ['FR', '66.5 million'],
      ['CN', '1.42 billion'],
    ],
  );
});

test('a line of another form, or a code told twice, is refused with its number', () => {
  for (const text of ['IS | many\n', 'Iceland | 393,000\n', 'IS | 393,000\nIS | 394,000\n']) {
    const line = text.trim().split('\n').length;
    assert.throws(() => parsePopulations(text), { code: 'KNOWLEDGE_FORMAT', message: new RegExp(`:${line} `) });
  }
});

test('the shipped folder tells the population of today, and no country two of them', async () => {
  const { passages } = await readFolder(knowledge);
  const told = passages
    .filter(({ relation }) => relation === 'population')
    .map(({ subject, text }) => ({ subject, text }));
  assert.equal(new Set(told.map(({ subject }) => subject)).size, told.length);
  const textOf = (subject: string) => told.find((one) => one.subject === subject)?.text;
  assert.equal(textOf('Iceland'), 'The population of Iceland is about 393,000 people (2024).');
  assert.equal(textOf('Tokyo'), 'The population of the city of Tokyo is about 14 million people.');
});

test('every country has a side of the road: the left where it was British once, the right in most', async () => {
  const { passages } = await readFolder(knowledge);
  const side = new Map(
    passages.filter(({ relation }) => relation === 'driving-side').map((one) => [one.subject, one.value]),
  );
  const sides = ['Malta', 'Japan', 'Thailand', 'Kenya', 'Canada', 'Egypt', 'Sweden'].map((name) => side.get(name));
  assert.deepEqual(sides, ['left', 'left', 'left', 'left', 'right', 'right', 'right']);
  assert.equal(side.get('Antarctica'), undefined);
});
