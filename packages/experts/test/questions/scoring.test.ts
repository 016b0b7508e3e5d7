/** Scoring of answers, splits and template questions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains, f1, makeQuestions, normalWords, splitOf, strict } from '@synod/experts';

const golden = (gold: readonly string[], more: object = {}) => ({
  question: 'What is the capital of France?',
  subject: 'France',
  gold,
  caseSensitive: false,
  ...more,
});

test('normal words drop accents, case, separators and full stops but keep signs and decimals', () => {
  assert.deepEqual(normalWords('São Paulo: 1,234,567.5 people; −5? -5.2 °C, U.S. well-known.'), [
    'sao',
    'paulo',
    '1234567.5',
    'people',
    '5',
    '-5.2',
    'c',
    'u',
    's',
    'well-known',
  ]);
});

test('contains needs whole words in order', () => {
  assert.ok(contains('It is Paris.', golden(['Paris'])));
  assert.ok(contains('In Addis Ababa it is.', golden(['addis ababa'])));
  assert.ok(!contains('Parisian life', golden(['Paris'])));
  assert.ok(!contains('Ababa Addis', golden(['Addis Ababa'])));
  assert.ok(!contains('It is 1234.', golden(['234'])));
  assert.ok(contains('It is 1,234 km.', golden(['1234'])));
  assert.ok(!contains('anything', golden([])));
  assert.ok(!contains('anything', golden([''])));
});

test('symbols are compared with their case and stand alone', () => {
  const cobalt = golden(['Co'], { caseSensitive: true });
  assert.ok(contains('The symbol is Co.', cobalt));
  assert.ok(!contains('The symbol is CO.', cobalt));
  assert.ok(!contains('The symbol is Cobalt.', cobalt));
  assert.ok(contains('(a+b)*', golden(['(a+b)'], { caseSensitive: true })));
});

test('strict allows fillers, the words of the question and two more', () => {
  assert.ok(strict('The capital of France is Paris.', golden(['Paris'])));
  assert.ok(strict('Paris, on the Seine', golden(['Paris'])));
  assert.ok(!strict('Paris, on the Seine, a large old city', golden(['Paris'])));
  assert.ok(!strict('Lyon', golden(['Paris'])));
  assert.ok(!strict(`Paris ${'the '.repeat(30)}`, golden(['Paris'])));
});

test('F1 is that of the best alias', () => {
  assert.equal(f1('Paris', golden(['Paris'])), 1);
  assert.equal(f1('Lyon', golden(['Paris'])), 0);
  assert.equal(f1('New York', golden(['York', 'New York City'])), 0.8);
});

test('the split of a subject never changes and is about 6 : 2 : 2', () => {
  assert.deepEqual(['France', 'iron', 'Turkey', 'Elements'].map(splitOf), ['train', 'train', 'test', 'tune']);
  const counts = { train: 0, tune: 0, test: 0 };
  for (let index = 0; index < 10_000; index += 1) counts[splitOf(`subject ${index}`)] += 1;
  assert.ok(Math.abs(counts.train - 6000) < 200 && Math.abs(counts.test - 2000) < 160, JSON.stringify(counts));
});

test('template questions: the phrasing of the split, one right value, reverse only when unique', () => {
  const passage = (subject: string, value: string) => ({
    text: `The capital of ${subject} is ${value}.`,
    source: 'S',
    subject,
    relation: 'capital',
    value,
  });
  const phrasings = (what: string) => ({ train: [`train ${what}`], tune: [`tune ${what}`], test: [`test ${what}`] });
  const questions = makeQuestions({
    domain: 'd',
    passages: [
      passage('France', 'Paris'),
      passage('Turkey', 'Ankara'),
      passage('Elements', 'Ankara'),
      passage('Twice', 'A'),
      passage('Twice', 'B'),
    ],
    aliases: { France: ['la France'] },
    recipe: {
      templates: [
        { relation: 'capital', asks: 'value', phrasings: phrasings('{subject}') },
        { relation: 'capital', asks: 'subject', phrasings: phrasings('{value}') },
      ],
      inventedSubjects: ['Nowhere'],
      unheldRelations: [{ relation: 'mayor', of: 'capital', phrasings: phrasings('mayor {subject}') }],
      perTemplate: { train: 9, tune: 9, test: 9 },
    },
  });
  const answerable = questions.filter(({ unanswerable }) => unanswerable === null);
  assert.deepEqual(
    new Set(answerable.map(({ question, gold }) => `${question}: ${gold}`)),
    new Set([
      'train France: Paris',
      'tune Elements: Ankara',
      'test Turkey: Ankara',
      'train Paris: France,la France',
      ...['A', 'B'].map((value) => `${splitOf('Twice')} ${value}: Twice`),
    ]),
  );
  assert.ok(questions.some(({ unanswerable, question }) => unanswerable === 'entity' && question.includes('Nowhere')));
  assert.ok(questions.some(({ unanswerable, gold }) => unanswerable === 'relation' && gold.length === 0));
});
