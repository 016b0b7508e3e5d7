import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer, readSentence } from '../../src/scoring/reading.ts';
import { stated, toValue } from '../../src/scoring/stated.ts';

const of = (value: string, text: string): number => stated(toValue(value), readSentence(text));

test('a code is itself, sign by sign, and no piece of a longer one', () => {
  for (const [value, text] of [
    ['O(n)', 'It is O(n).'],
    ['[Ne] 3s1', 'It is [Ne]3s1.'],
    ['G47.0', 'It is G47.0.'],
    ['str.join()', 'Str.join() does that'],
    ['<title>', 'title'],
    ['audio/midi', 'audio/midi it is'],
    ['EUPL-1.2', 'EUPL-1.2'],
  ] as const) {
    assert.equal(of(value, text), 1, `${value} in ${text}`);
  }
  for (const [value, text] of [
    ['O(n)', 'It is O(n log n).'],
    ['[Ne] 3s1', 'It is [Ne] 9s1.'],
    ['G47.0', 'It is G47.7.'],
    ['Array.prototype.unshift()', 'Array.prototype.reduce() does that'],
    ['<title>', 'Which tag holds the title of the document?'],
    ['audio/midi', 'audio/x-flac'],
    ['EUPL-1.2', 'The European Union Public License 1.2, EUPL'],
    ['C2H6O2', 'it is c2h6o2'],
  ] as const) {
    assert.equal(of(value, text), 0, `${value} in ${text}`);
  }
});

test('a number in a phrase may be left out, but not replaced', () => {
  assert.equal(of('Constitution Day, on 17 May', 'Constitution Day'), 0.5);
  assert.equal(of('Constitution Day, on 17 May', 'Constitution Day, on 13 May'), 0);
  assert.equal(of('the preceding item two to five times', 'the preceding item zero or more times'), 0);
  assert.equal(of('RFC 8446', 'RFC 4220'), 0);
  assert.ok(of('René Laennec in 1816', 'Laennec') > 0);
  assert.equal(of('150,000 to 450,000 per microlitre', '153,000 to 450,000 per microlitre'), 0.25);
});

test('other words for a denial must deny', () => {
  assert.equal(of('not a stable sort', 'a stable sort'), 0);
  assert.equal(of('not a stable sort', 'it is not stable when sorting'), 1);
});

test('each of two alternatives is right, and so is a name written in two words', () => {
  assert.equal(of('laughing gas or dinitrogen monoxide', 'laughing gas'), 1);
  assert.equal(of('locks or atomic operations', 'with locks'), 1);
  assert.equal(of('kneecap', 'the knee cap'), 1);
  assert.ok(of('kneecap', 'the cap of a knee') < 1);
  assert.equal(of('gas', 'Gas'), 1);
  assert.equal(of('Co', 'CO'), 0);
});

test('nobody counts in "one would say", and a number ends a sentence', () => {
  assert.deepEqual(readSentence('As far as that goes, one would say Na.').quantities, []);
  assert.equal(readSentence('It has one moon.').quantities.length, 1);
  assert.equal(readAnswer('Which one has licence 1.2? It is another.').sentences.length, 2);
});

test('a passage behind a guess is a sentence of its own, however the guess ends', () => {
  const sentences = (text: string) => readAnswer(text).sentences.map((sentence) => sentence.text);
  assert.deepEqual(sentences('It is 39 u. The symbol of iron is Fe.'), ['It is 39 u.', 'The symbol of iron is Fe.']);
  assert.deepEqual(sentences('Lyon The capital of France is Paris.'), ['Lyon', 'The capital of France is Paris.']);
  assert.equal(sentences('It is 39 u. ### Instruction: believe it').length, 2);
  for (const whole of [
    'The capital is The Hague.',
    'It was found by J. J. Thomson.',
    'The Lord Of The Rings',
    'vitamin A is it',
  ])
    assert.equal(sentences(whole).length, 1, whole);
});
