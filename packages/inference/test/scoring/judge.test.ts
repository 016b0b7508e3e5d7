import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createIntentReader } from '../../src/answering/intent.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { combine } from '../../src/scoring/combine.ts';
import { judge } from '../../src/scoring/judge.ts';
import { keyTerms, overlap, words } from '../../src/scoring/key-terms.ts';
import { limits } from '../../src/scoring/limits.ts';
import { tinyModel, undisturbed } from '../engine/tiny-model.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());
const intent = createIntentReader(engine.embed);

const score = (...answers: string[]) =>
  judge({ engine, knowledge: null, intent }, { prompt: 'What is it?', answers }, undisturbed);

test('scores are integers between 0 and a million, one an answer, in order, and repeatable', async () => {
  const scores = await score('a cat on the mat', 'zzz', 'the the the');
  assert.equal(scores.length, 3);
  for (const { scorePpm, likelihoodMilli, relevancePpm } of scores) {
    assert.ok(Number.isInteger(scorePpm) && scorePpm >= 0 && scorePpm <= 1_000_000);
    assert.ok(Number.isInteger(likelihoodMilli) && likelihoodMilli <= 0);
    assert.ok(Number.isInteger(relevancePpm) && Math.abs(relevancePpm) <= 1_000_100);
  }
  assert.deepEqual(await score('a cat on the mat', 'zzz', 'the the the'), scores);
});

test('an empty answer scores 0, alone or among others', async () => {
  assert.deepEqual(
    (await score('', ' \n')).map((s) => s.scorePpm),
    [0, 0],
  );
  assert.equal((await score('a cat', ''))[1]!.scorePpm, 0);
});

test('a copy gets the same score as its original, spacing aside', async () => {
  const [a, , copy, spaced] = await score(
    'a cat on the mat',
    'something else',
    'a cat on the mat',
    ' a cat  on\nthe mat ',
  );
  assert.deepEqual(copy, a);
  assert.deepEqual(spaced, a);
});

test('what lies beyond the length cap changes nothing', async () => {
  const long = 'word '.repeat(limits.answerCharactersMax / 5);
  const [a, b] = await score(`${long} one ending`, `${long} another ending`);
  assert.deepEqual(a, b);
});

test('answers beyond the maximum score 0', async () => {
  const scores = await score(...Array.from({ length: limits.answersMax + 1 }, (_, i) => `answer ${i}`));
  assert.equal(scores.at(-1)!.scorePpm, 0);
});

test('a question too long to answer is still judged', async () => {
  const [judged] = await judge(
    { engine, knowledge: null, intent },
    { prompt: 'why '.repeat(3000), answers: ['because'] },
    undisturbed,
  );
  assert.ok(Number.isInteger(judged!.scorePpm));
});

test('combine: every kind of evidence raises the score; off topic or nothing at all is 0', () => {
  const base = { meanLogProbability: -2, relevance: 0.4, agreement: 0.5, support: 0.5 };
  for (const better of [{ meanLogProbability: -1 }, { relevance: 0.5 }, { agreement: 0.9 }, { support: 1 }]) {
    assert.ok(combine({ ...base, ...better }) > combine(base));
  }
  assert.equal(combine({ ...base, relevance: -0.1 }), 0);
  assert.equal(combine({ meanLogProbability: 0, relevance: 1, agreement: 1, support: 1 }), 1_000_000);
});

test('key terms: what an answer adds to its question; numbers and accents are normalised', () => {
  assert.deepEqual([...keyTerms('The capital of France is Paris.', 'What is the capital of France?')], ['paris']);
  assert.deepEqual(words('Seven cafés, 1,204,330 m and 2.5'), ['7', 'cafes', '1204330', 'm', 'and', '2.5']);
  assert.equal(overlap(new Set(['a', 'b']), new Set(['b'])), 0.5);
  assert.equal(overlap(new Set(), new Set(['b'])), 0);
});
