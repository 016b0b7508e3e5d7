/** The recipes of medicine and programming on small fixtures, and the folders and questions that are shipped. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MEDICINE } from '../../src/domains/medicine/recipe.ts';
import { PROGRAMMING } from '../../src/domains/programming/recipe.ts';
import { passageProblem, type Question, readFolder, splitOf } from '../../src/index.ts';
import { readFixture } from './fixtures.ts';

const experts = join(import.meta.dirname, '../..');
const bench = join(experts, '../../bench/domains');
const recipes = [MEDICINE, PROGRAMMING];

const questionsOf = (domain: string, file: string): readonly Question[] =>
  readFileSync(join(bench, domain, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Question);

for (const recipe of recipes) {
  const { domain } = recipe;

  test(`${domain}: the same files give the same passages, each obeying the rules and none twice`, async () => {
    const first = await recipe.passages(readFixture);
    assert.deepEqual(await recipe.passages(readFixture), first);
    assert.deepEqual(
      first.map(passageProblem).filter((problem) => problem !== undefined),
      [],
    );
    assert.equal(new Set(first.map(({ text }) => text)).size, first.length);
    assert.ok(first.every(({ text, value }) => value !== null && text.includes(value)));
    assert.ok(first.every(({ text }) => Buffer.byteLength(text) <= 300));
  });

  test(`${domain}: every relation of the shipped passages says how people ask for it`, async () => {
    const { passages, relations } = await readFolder(join(experts, 'knowledge', domain));
    const asked = new Set(Object.keys(relations).filter((relation) => (relations[relation] ?? []).length > 0));
    assert.deepEqual(
      [...new Set(passages.map(({ relation }) => relation))].filter((name) => !asked.has(name)),
      [],
    );
  });

  test(`${domain}: the shipped folder has the size it should have`, async () => {
    const { passages } = await readFolder(join(experts, 'knowledge', domain));
    assert.ok(passages.length >= 3_000 && passages.length <= 8_000, `${passages.length} passages`);
  });

  test(`${domain}: at least sixty questions by hand ask about test subjects`, () => {
    const hand = questionsOf(domain, 'hand.jsonl');
    const answerable = hand.filter(({ unanswerable }) => unanswerable === null);
    assert.ok(answerable.length >= 60, `${answerable.length} answerable questions`);
    for (const { subject } of answerable) assert.equal(splitOf(subject), 'test', subject);
  });
}

const medical = await MEDICINE.passages(readFixture);
const computing = await PROGRAMMING.passages(readFixture);
const textsOf = (list: typeof medical): readonly string[] => list.map(({ text }) => text);

test('WordNet and ICD-10-CM become sentences about diseases and medicines', async () => {
  const texts = textsOf(medical);
  for (const text of [
    'Asthma is defined as respiratory disorder with wheezing.',
    'Asthma is also called bronchial asthma.',
    'Aspirin is defined as a medicine against pain.',
    'The ICD-10 code for asthma is J45.',
  ])
    assert.ok(texts.includes(text), text);
  assert.ok(!texts.some((text) => text.includes('Superficial injury')));
  const aliases = await MEDICINE.aliases(readFixture);
  assert.ok(aliases['malignant neoplasm of breast']?.includes('breast cancer'));
});

test('the packages of programming become sentences', async () => {
  const texts = textsOf(computing);
  for (const text of [
    'HTTP 404 means Not Found.',
    'The file extension of Rust is .rs.',
    'The MIME type of .png files is image/png.',
    'The SPDX identifier of the licence MIT License is MIT.',
    'CWE-79 (Cross-site Scripting) means: The product shows input, "as is".',
    'Pixel is defined as the smallest part of an image.',
    'The CSS property color is inherited by child elements.',
    'Chrome supports the CSS property gap since version 66.',
    'The HTML element <center> is deprecated.',
  ])
    assert.ok(texts.includes(text), text);
  assert.ok(!texts.some((text) => text.includes('CWE-1 ')));
  assert.ok((await PROGRAMMING.aliases(readFixture))['Cross-site Scripting']?.includes('XSS'));
});
