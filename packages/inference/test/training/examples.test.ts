import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadTokenizer } from '../../src/engine/tokenizer.ts';
import { createBatch, encodeExample, fitBatch } from '../../src/training/batch.ts';
import { domainExamples, heldOutExamples } from '../../src/training/domain-examples.ts';
import { formatExamples } from '../../src/training/format-examples.ts';
import { limits } from '../../src/training/limits.ts';
import { REFUSAL } from '../../src/training/reader-prompt.ts';
import { readTrainingSource, type SourceQuestion, type TrainingSource } from '../../src/training/training-source.ts';
import { tinyModel } from '../engine/tiny-model.ts';
import { temporaryFolder } from '../models/temporary-folder.ts';

const splits = ['train', 'train', 'tune', 'test'] as const;
const entities = Array.from({ length: 24 }, (_, i) => ({
  name: `Land${i}x`,
  split: splits[i % 4]!,
  capital: `City${i}x`,
  area: `${i + 5} km²`,
}));
const passages = entities.flatMap(({ name, capital, area }) => [
  { text: `The capital of ${name} is ${capital}.`, subject: name, relation: 'capital', value: capital },
  { text: `The area of ${name} is ${area}.`, subject: name, relation: 'area', value: area },
  { text: `${name} has hills.`, subject: name, relation: 'document', value: null },
]);

function question(subject: string, split: SourceQuestion['split'], changes: Partial<SourceQuestion>): SourceQuestion {
  const basic = { id: 'x', subject, split, caseSensitive: false, unanswerable: null, passage: null, gold: [] };
  return { relation: 'capital', question: '', ...basic, ...changes };
}

const source: TrainingSource = {
  passages,
  relations: { capital: ['capital', 'seat'] },
  questions: entities.flatMap(({ name, split, capital, area }) => [
    question(name, split, {
      question: `What is the capital of ${name}?`,
      gold: [capital],
      passage: `The capital of ${name} is ${capital}.`,
    }),
    question(name, split, {
      question: `How big is ${name}?`,
      relation: 'area',
      gold: ['big', area],
      passage: `The area of ${name} is ${area}.`,
    }),
    question(name, split, { question: `Who rules ${name}?`, relation: 'ruler', unanswerable: 'relation' }),
  ]),
};

const text = ({ prompt, answer }: { prompt: string; answer: string }) => `${prompt} ${answer}`;
const examples = domainExamples(source, { count: 600, seed: 3 });

test('no entity outside the train split is ever shown, in questions, passages or answers', () => {
  const outside = entities.filter(({ split }) => split !== 'train');
  const shown = examples.map((example) => text(example).toLowerCase());
  for (const { name, capital } of outside) {
    for (const word of [name, capital]) assert.ok(!shown.some((line) => line.includes(word.toLowerCase())), word);
  }
  assert.ok(
    entities
      .filter(({ split }) => split === 'train')
      .every(({ name }) => shown.some((line) => line.includes(name.toLowerCase()))),
  );
});

test('an answer stands in its passages; the passages of a refusal do not answer its question', () => {
  const truth = new Map(entities.map(({ name, capital, area }) => [name.toLowerCase(), { capital, area }]));
  let refusals = 0;
  for (const { prompt, answer } of examples) {
    const [context = '', asked = ''] = prompt.split('\nQuestion: ');
    if (answer !== REFUSAL) {
      assert.ok(context.includes(answer), prompt);
      continue;
    }
    refusals++;
    const facts = truth.get(/land\d+x/.exec(asked.toLowerCase())![0])!;
    const wanted = /rules/.test(asked.toLowerCase())
      ? undefined
      : /big|area/.test(asked.toLowerCase())
        ? facts.area
        : facts.capital;
    assert.ok(wanted === undefined || !context.includes(` ${wanted}.`), prompt);
  }
  assert.ok(refusals > 80 && refusals < 160, `${refusals} of 600 refuse`);
});

test('facts are asked in several ways, relations come equally often, the seed decides', () => {
  const asked = examples
    .filter(({ answer }) => answer === 'City0x')
    .map(({ prompt }) => prompt.split('\nQuestion: ')[1]);
  assert.ok(new Set(asked).size >= 4, asked.join(' | '));
  const areas = examples.filter(({ answer }) => answer.endsWith('km²')).length;
  assert.ok(Math.abs(areas - 240) < 40, `${areas}`);
  assert.deepEqual(domainExamples(source, { count: 600, seed: 3 }), examples);
  assert.notDeepEqual(domainExamples(source, { count: 600, seed: 4 }), examples);
});

test('held-out examples are of the split asked for and the same for a seed', () => {
  const held = heldOutExamples(source, { split: 'tune', count: 100, seed: 1 });
  assert.equal(held.length, 12);
  assert.ok(held.every(({ question: { split } }) => split === 'tune'));
  assert.deepEqual(heldOutExamples(source, { split: 'tune', count: 3, seed: 1 }), held.slice(0, 3));
});

test('the format control names nothing of a domain and follows from its seed', () => {
  const control = formatExamples({ count: 200, seed: 1 });
  assert.deepEqual(formatExamples({ count: 200, seed: 1 }), control);
  assert.equal(new Set(control.map(text)).size, 200);
  assert.ok(control.every(({ prompt, answer }) => answer === REFUSAL || prompt.includes(answer)));
  const refusals = control.filter(({ answer }) => answer === REFUSAL).length;
  assert.ok(refusals > 20 && refusals < 60, `${refusals}`);
});

test('only answers are scored: every answer token and the end of the turn, each example by its weight', async () => {
  const directory = await tinyModel();
  const tokenizer = await loadTokenizer(directory);
  const model = { tokenizer, beginToken: 1, endToken: 2 };
  const long = encodeExample({ prompt: 'hello', answer: 'the end' }, model);
  const short = encodeExample({ prompt: 'a', answer: 'b', weight: 3 }, model);
  const { rows, columns, ids, cells, spots, positions, targets, weights } = createBatch([long, short]);
  assert.deepEqual([rows, columns, cells.length], [2, long.ids.length, 2 * columns]);
  assert.deepEqual(ids, [...long.ids, ...short.ids]);
  const padding = Array.from({ length: columns - short.ids.length }, () => undefined);
  assert.deepEqual(
    cells.map((cell) => ids[cell]),
    [...long.ids, ...short.ids, ...padding],
  );
  assert.deepEqual(
    spots.map((spot) => cells[spot]),
    ids.map((_, i) => i),
  );
  const answers = [...tokenizer.encode('the end'), 2, ...tokenizer.encode('b'), 2];
  assert.deepEqual(targets, answers);
  assert.deepEqual(
    positions.map((at) => ids[at + 1]),
    answers,
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const longTokens = long.ids.length - long.answerStart;
  assert.ok(Math.abs(sum(weights.slice(0, longTokens)) - 0.5) < 1e-9);
  assert.ok(Math.abs(sum(weights.slice(longTokens)) - 1.5) < 1e-9);
  const wide = { ids: Array.from({ length: 300 }, () => 5), answerStart: 290, weight: 1 };
  assert.equal(fitBatch(Array.from({ length: 9 }, () => wide)).length, Math.floor(limits.batchTokensMax / 300));
});

test('a source file that lacks a field is refused with its line', async (t) => {
  const folder = await temporaryFolder(t);
  const lines = (values: readonly object[]) => values.map((value) => JSON.stringify(value)).join('\n');
  await writeFile(join(folder, 'passages.jsonl'), lines(passages));
  await writeFile(join(folder, 'relations.json'), JSON.stringify(source.relations));
  await writeFile(join(folder, 'questions.jsonl'), lines(source.questions));
  assert.deepEqual(await readTrainingSource(folder, join(folder, 'questions.jsonl')), source);
  await writeFile(join(folder, 'questions.jsonl'), `${lines(source.questions)}\n{"id":"y"}`);
  await assert.rejects(readTrainingSource(folder, join(folder, 'questions.jsonl')), {
    code: 'TRAINING_DATA',
    message: /line 73,/,
  });
  await assert.rejects(readTrainingSource(folder, join(folder, 'absent.jsonl')), { code: 'TRAINING_DATA' });
});
