import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { askedBy, FEATURES, type FeatureName } from '../../src/retrieval/features.ts';
import { createLexicalIndex } from '../../src/retrieval/lexical-index.ts';
import { limits } from '../../src/retrieval/limits.ts';
import { createNameIndex, editDistance } from '../../src/retrieval/name-index.ts';
import { fitRelations, RELATION_FEATURES, type RelationWeights } from '../../src/retrieval/relation-fit.ts';
import { createRelations } from '../../src/retrieval/relations.ts';
import { normsOf, wordsOf } from '../../src/retrieval/words.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { document, passages, temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const { embed } = wordEmbedder();
const knowledge = await openKnowledge(await writeFolder(await temporaryFolder()), { embed });
const best = async (question: string) => (await knowledge.retrieve(question, undisturbed)).candidates[0]?.passage;

const found: readonly (readonly [string, string, string])[] = [
  ['by name and relation', 'What is the capital of Peru?', 'Lima'],
  ['by another way of asking', 'How many people live there, in Japan?', '125.7 million'],
  ['by alias', 'Which currency has the French Republic?', 'euro'],
  ['misspelt', 'What is the capital of Norwey?', 'Oslo'],
  ['in lower case without a question mark', 'capital kenya', 'Nairobi'],
  ['possessive', "What is Japan's population?", '125.7 million'],
  ['by value', 'Which country has the capital Nairobi?', 'Nairobi'],
];
for (const [name, question, value] of found) {
  test(`the passage is found ${name}`, async () => assert.equal((await best(question))?.value, value));
}

test('an answer is more probable than a sibling fact, an unknown subject or an unknown relation', async () => {
  const top = async (question: string) => (await knowledge.retrieve(question, undisturbed)).candidates[0]!.probability;
  const asked = await top('What is the capital of Peru?');
  for (const other of [
    'What is the capital of Freedonia?',
    'Who wrote the anthem of Peru?',
    'Does Peru have vampires?',
  ]) {
    assert.ok((await top(other)) < asked / 2, other);
  }
});

test('a document that states the same fact comes before the shipped passage', async () => {
  const text = 'The capital of France is Lyon.';
  const both = await writeFolder(await temporaryFolder(), [...passages, document(text, 'France')]);
  const { candidates } = await (await openKnowledge(both, { embed })).retrieve(
    'What is the capital of France?',
    undisturbed,
  );
  assert.equal(candidates[0]?.passage.text, text);
  const other = await (await openKnowledge(both, { embed })).retrieve('What is the currency of France?', undisturbed);
  assert.equal(other.candidates[0]?.passage.value, 'euro');
});

test('hostile and empty questions find little and harm nothing', async () => {
  const hostile = [
    '',
    ' \n\t',
    '???',
    '\ud800\udfff\ud800',
    '\u0000\u202e',
    '🦄🦄🦄',
    'x'.repeat(5_000_000),
    '1 '.repeat(1_000_000),
    '不知道',
  ];
  for (const question of hostile) {
    const { candidates } = await knowledge.retrieve(question, undisturbed);
    assert.ok(candidates.length <= limits.returnedMax);
    assert.ok((candidates[0]?.probability ?? 0) < 0.5, question.slice(0, 20));
  }
});

test('any question gives ordered probabilities between 0 and 1', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 80 }), async (question) => {
      const { candidates } = await knowledge.retrieve(question, undisturbed);
      for (const { probability } of candidates) assert.ok(probability >= 0 && probability <= 1);
    }),
    { numRuns: 40 },
  );
});

test('words: accents, thousands, possessives, decimals, languages with signs', () => {
  assert.deepEqual(normsOf("São Tomé's area is 1,001.5 km²"), ['sao', 'tome', 'area', 'is', '1001.5', 'km2']);
  assert.deepEqual(normsOf('C++ and C#, HTTP-404'), ['c++', 'and', 'c#', 'http', '404']);
});

test('names: longest match, symbols that are function words, swaps and typos', () => {
  const names = createNameIndex(['New Guinea', 'Guinea', 'Arsenic', 'Philadelphia'], new Map([['Arsenic', ['As']]]));
  const find = (text: string) =>
    names.find(wordsOf(text), (norm) => norm !== 'philadlephia').map(({ subject }) => subject);
  assert.deepEqual(find('Is New Guinea an island?'), ['New Guinea']);
  assert.deepEqual(find('As large as what?'), []);
  assert.deepEqual(find('Which element is As?'), ['Arsenic']);
  assert.deepEqual(find('Where is Philadlephia?'), ['Philadelphia']);
});

test('a misspelt name means all that are equally near, and a number is never misspelt', () => {
  const names = createNameIndex(['dimethyl sulfide', 'diethyl sulfide', 'CWE-488', 'Philadelphia'], new Map());
  const find = (text: string) => names.find(wordsOf(text), () => false).map(({ subject }) => subject);
  assert.deepEqual(find('dimthyl sulfide').toSorted(), ['diethyl sulfide', 'dimethyl sulfide']);
  assert.deepEqual(find('diethyl sulfid'), ['diethyl sulfide']);
  assert.deepEqual(find('What is CWE-489?'), []);
  assert.deepEqual(find('What is CWA-488?'), ['CWE-488']);
  const many = createNameIndex(['marla', 'marlb', 'marlc', 'marld'], new Map());
  assert.deepEqual(
    many.find(wordsOf('marlx'), () => false),
    [],
  );
});

test('a people names its country', async () => {
  const peruvians = { ...passages[0]!, text: 'People from Peru are called Peruvian.', subject: 'Peru' };
  const all = [...passages, { ...peruvians, relation: 'demonym', value: 'Peruvian' }];
  const own = await openKnowledge(await writeFolder(await temporaryFolder(), all), { embed });
  assert.deepEqual(
    own.retriever.read('the Peruvian capital?').links.map(({ subject }) => subject),
    ['Peru'],
  );
});

test('a passage of another subject that mentions the name does not miss it', async () => {
  const trade = { ...passages[0]!, text: 'Norway sells fish to Peru.', subject: 'Norway', relation: 'exports' };
  const all = [...passages, { ...trade, value: 'fish' }];
  const own = await openKnowledge(await writeFolder(await temporaryFolder(), all), { embed });
  const found = await own.retriever.candidates('What is sold to Peru?', undisturbed);
  const { features } = found.find(({ index }) => index === all.length - 1)!;
  assert.equal(features[FEATURES.indexOf('otherNamed')], 1);
  assert.equal(features[FEATURES.indexOf('nameMissing')], 0);
});

test('features tell a name and a number that a passage lacks, and how much of a name is said', async () => {
  const { retriever } = knowledge;
  const rowsOf = async (question: string) => {
    const found = await retriever.candidates(question, undisturbed);
    return (text: string, name: FeatureName) =>
      found.find(({ index }) => passages[index]!.text === text)?.features[FEATURES.indexOf(name)];
  };
  const capital = (name: string, city: string) => `The capital of ${name} is ${city}.`;
  const peru = await rowsOf('What is the capital of Peru in 1987?');
  assert.equal(peru(capital('Peru', 'Lima'), 'nameMissing'), 0);
  assert.equal(peru(capital('France', 'Paris'), 'nameMissing'), 1);
  assert.equal(peru(capital('Peru', 'Lima'), 'numberUncovered'), 1);
  assert.equal(peru(capital('Peru', 'Lima'), 'subjectCovered'), 1);
  const none = await rowsOf('What is the capital of the French one?');
  assert.equal(none(capital('Kenya', 'Nairobi'), 'nameMissing'), 0);
  assert.equal(none(capital('Kenya', 'Nairobi'), 'numberUncovered'), 0);
  assert.ok(none(capital('France', 'Paris'), 'subjectCovered')! > 0);
  assert.ok(none(capital('France', 'Paris'), 'subjectCovered')! < 1);
});

test('a relation that is asked with another word is asked for less', () => {
  const words = ['who', 'where', 'when', 'why', 'how many', null];
  const asked = ['By whom?', 'Where is it?', 'In what year?', 'How come?', 'How much is it?', 'Which one?'];
  assert.deepEqual(asked.map(askedBy), words);
  const phrases = new Map([['capital', ['where is the government', 'seat of government']]]);
  assert.deepEqual(createRelations(passages, phrases).askWordsOf('capital'), ['where']);
});

test('the row of a relation tells whether its phrases ask with the word of the question', async () => {
  const asks = async (question: string) => {
    const { names, rows } = (await knowledge.retriever.relationRows(question, 'Peru', undisturbed))!;
    return rows[names.indexOf('population')]![RELATION_FEATURES.indexOf('asks')];
  };
  assert.equal(await asks('How many inhabitants has Peru?'), 1);
  assert.equal(await asks('Where are the inhabitants of Peru?'), -0.25);
  assert.equal(await asks('Which inhabitants has Peru?'), 0);
});

test('edit distance counts a swap of neighbours as one edit and stops at its bound', () => {
  assert.equal(editDistance('norway', 'norwya', 2), 1);
  assert.equal(editDistance('norway', 'norwegia', 4), 4);
  assert.equal(editDistance('norway', 'kenya', 2), 3);
});

test('an everyday word is never rare; another unknown word is as rare as can be', () => {
  const index = createLexicalIndex(passages, () => []);
  assert.ok(index.rarity('use') <= 1);
  assert.equal(index.rarity('unobtainium'), index.rarity('wakanda'));
  assert.ok(index.rarity('unobtainium') > 1);
});

test('the lead of a relation is positive for the one asked for, negative for its siblings, and bounded', async () => {
  const { retriever } = knowledge;
  const place = FEATURES.indexOf('relationLead');
  const found = await retriever.candidates('What is the capital of Peru?', undisturbed);
  const ofPeru = found.filter(({ index }) => knowledge.passages[index]!.subject === 'Peru');
  assert.ok(ofPeru.length > 1);
  for (const { index, features } of ofPeru) {
    const isAsked = knowledge.passages[index]!.relation === 'capital';
    assert.ok(isAsked ? features[place]! > 0 : features[place]! < 0, knowledge.passages[index]!.text);
    assert.ok(Math.abs(features[place]!) <= 0.3);
  }
});

test('the odds of the relation asked for are the only ones above even, a relation that the subject lacks among them', async () => {
  const place = FEATURES.indexOf('relationOdds');
  const isCapitalOfPeru = (i: number) => passages[i]!.subject === 'Peru' && passages[i]!.relation === 'capital';
  const found = await knowledge.retriever.candidates('What is the capital of Peru?', undisturbed, isCapitalOfPeru);
  const ofPeru = found.filter(({ index }) => passages[index]!.subject === 'Peru');
  assert.ok(ofPeru.length > 1);
  for (const { features } of ofPeru) assert.ok(features[place]! < 0);
  const whole = await knowledge.retriever.candidates('What is the capital of Peru?', undisturbed);
  assert.ok(whole.find(({ index }) => isCapitalOfPeru(index))!.features[place]! > 0);
});

test('relations compete: odds are bounded, equals are even, and the best cosine leads the second best', () => {
  const zero = Object.fromEntries(RELATION_FEATURES.map((name) => [name, 0]));
  const weights = { ...zero, phrase: 4 } as RelationWeights;
  const row = (cosine: number) => RELATION_FEATURES.map((name) => (name === 'phrase' ? cosine : 0));
  const even = fitRelations(['a', 'b'], [row(0.5), row(0.5)], weights);
  assert.deepEqual([even.get('a')!.odds, even.get('a')!.cosineLead], [0, 0]);
  const apart = fitRelations(['a', 'b', 'c'], [row(0.9), row(0.4), row(0.2)], { ...weights, phrase: 100 });
  assert.equal(apart.get('a')!.odds, 1);
  assert.equal(apart.get('b')!.odds, -1);
  assert.ok(apart.get('a')!.sureness > -0.01 && Math.abs(apart.get('b')!.sureness + 1) < 0.01);
  assert.ok(Math.abs(apart.get('a')!.cosineLead - 0.5) < 1e-9);
  assert.ok(Math.abs(apart.get('b')!.cosineLead + 0.5) < 1e-9);
});

test('a wording stands for its relation when several passages have it', () => {
  const { statementsOf, valuesOf } = createRelations(passages, new Map());
  assert.deepEqual(statementsOf('capital'), ['The capital of it is that.']);
  assert.deepEqual(valuesOf('capital').slice(0, 2), ['Paris', 'Tokyo']);
  const single = createRelations(passages.slice(0, 1), new Map());
  assert.deepEqual(single.statementsOf('capital'), []);
});
