/** A question that says nothing but a name (spec: answering §2.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { bareRelation, surelyAsked } from '../../src/retrieval/bare-question.ts';
import { wordsOf } from '../../src/retrieval/words.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { fact, passages, temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const having =
  (...relations: readonly string[]) =>
  () =>
    new Set(relations);
const question = (text: string) => ({ words: wordsOf(text) });
const acid = { subject: 'acid', nameTerms: new Set(['acid']) };

test('a bare name asks for what tells best what it is; the first that there is', () => {
  const bare = question('What is an acid?');
  assert.equal(bareRelation(bare, acid, having('location', 'kind', 'definition', 'capital')), 'definition');
  assert.equal(bareRelation(bare, acid, having('location', 'kind')), 'kind');
  assert.equal(bareRelation(bare, acid, having('location', 'status-meaning')), 'status-meaning');
  assert.equal(bareRelation(bare, acid, having('capital')), null);
});

test('what says more than the name, or names nobody, is not bare', () => {
  const all = having('definition');
  for (const text of ["what's an acid", 'acid', 'Define acids.', 'The acid?', 'Explain please exactly what an acid is'])
    assert.equal(bareRelation(question(text), acid, all), 'definition', text);
  for (const text of ['What is an acid for?', 'Who is an acid?', 'What does an acid do?', 'What is a weak acid?'])
    assert.equal(bareRelation(question(text), acid, all), null, text);
  assert.equal(bareRelation(question('What is the?'), { subject: null, nameTerms: new Set() }, all), null);
});

test('the relation asked for is as sure as can be, every other as unlikely', () => {
  const fit = { cosine: 0.4, cosineLead: 0.1, odds: -0.2, sureness: -0.3 };
  const fits = surelyAsked(
    new Map([
      ['definition', fit],
      ['ph', fit],
    ]),
    'definition',
  );
  assert.deepEqual(fits.get('definition'), { ...fit, odds: 1, sureness: 0 });
  assert.deepEqual(fits.get('ph'), { ...fit, odds: -1, sureness: -1 });
});

test('a subject whose name is a relation of others is told by its definition, not by theirs', async () => {
  const definition = fact('solvent', 'definition', 'A solvent is what dissolves something else.', null);
  const others = ['Ink', 'Paint', 'Glue'].map((name) =>
    fact(name, 'solvent', `The solvent of ${name} is water.`, 'water'),
  );
  const named = fact('solvent', 'colour', 'The usual colour of a solvent is clear.', 'clear');
  const { embed } = wordEmbedder();
  const ask = async (all: typeof passages) => {
    const opened = await openKnowledge(await writeFolder(await temporaryFolder(), all), { embed });
    return (await opened.retrieve('What is a solvent?', undisturbed)).candidates[0]!;
  };
  const told = await ask([...passages, ...others, named, definition]);
  assert.equal(told.passage.text, definition.text);
  assert.ok(told.probability > 0.4, String(told.probability));
});
