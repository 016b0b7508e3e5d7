/** Answers from learnt passages besides published ones (answering §10). The embedder knows shared words alone; bench/learning measures new ones. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { answer } from '../../src/answering/answer.ts';
import { createIntentReader } from '../../src/answering/intent.ts';
import { verify } from '../../src/answering/verify.ts';
import { loadEngine } from '../../src/engine/engine.ts';
import { type LearntPassage, writeLearnt } from '../../src/knowledge/learnt.ts';
import { createLibrary } from '../../src/knowledge/library.ts';
import { tinyModel, undisturbed } from '../engine/tiny-model.ts';
import { passages, temporaryFolder, wordEmbedder, writeFolder } from '../knowledge/fixture.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());
const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 12 };
const knowledge = await writeFolder(await temporaryFolder());
const source = 'a user of Synod, feedback 0123456789ab, CC0-1.0';
const corrected = (prompt: string, text: string, number = 0): LearntPassage => ({ prompt, text, source, number });

const peru = corrected('What is the capital of Peru?', 'The capital of Peru is Cusco.');
const zorvia = corrected('What is the currency of Zorvia?', 'The currency of Zorvia is the dram.', 1);

async function fileOf(...list: LearntPassage[]): Promise<string> {
  const path = join(await temporaryFolder(), 'learnt.json');
  await writeLearnt(path, list);
  return path;
}

const { embed, counts } = wordEmbedder();
const library = createLibrary({ embed });
const tools = { engine, library, intent: createIntentReader(embed) };

async function ask(files: { knowledge: string | null; learnt: string | null }, content: string) {
  const expert = { profile, adapter: null, ...files };
  const request = { messages: [{ role: 'user', content }] as const, expert, seed: 1, stop: [] };
  return await answer(tools, request, { ...undisturbed, onText: () => {} });
}

test('a correction answers at once, quoted with the index that follows the published passages, and takes the old fact’s place', async () => {
  const learnt = await fileOf(zorvia, peru);
  const before = await ask({ knowledge, learnt: null }, 'Which city is the capital of Peru?');
  assert.match(before.segments[0]!.text, /Lima/);
  const { segments, grounding, confidencePpm } = await ask({ knowledge, learnt }, 'Which city is the capital of Peru?');
  assert.deepEqual(segments, [{ kind: 'quote', text: peru.text, source, index: passages.length + 1 }]);
  assert.equal(grounding, 'quote');
  assert.ok(confidencePpm >= 500_000);
});

test('the fact that was corrected is no candidate any more, and others lose what the correction gains', async () => {
  const question = 'Which city is the capital of Peru?';
  const retrieve = async (learnt: string | null) =>
    (await (await library.openKnown({ knowledge, learnt }, undisturbed))!.retrieve(question, undisturbed)).candidates;
  const before = await retrieve(null);
  const [first, ...others] = await retrieve(await fileOf(peru));
  assert.equal(first?.passage.text, peru.text);
  assert.equal(before[0]?.passage.value, 'Lima');
  assert.ok(others.length > 0 && others.every(({ passage }) => passage.value !== 'Lima'));
  const probabilities = new Map(before.map(({ index, probability }) => [index, probability]));
  for (const { index, probability } of others)
    assert.ok(Math.abs(probability - probabilities.get(index)! * (1 - first!.probability)) < 1e-9);
});

test('what nobody published is answered from what was learnt, and refused before', async () => {
  const learnt = await fileOf(zorvia);
  const question = 'What currency does Zorvia use?';
  assert.equal((await ask({ knowledge, learnt: null }, question)).grounding, 'refused');
  assert.equal((await ask({ knowledge, learnt }, question)).segments[0]?.text, zorvia.text);
});

test('other entities, other facts of the same one and all else are answered as before', async () => {
  const learnt = await fileOf(peru, zorvia);
  const questions = [
    'What is the capital of Chile?',
    'what is the capital of chile',
    'What is the capital of Kenya?',
    'What is the currency of Peru?',
    'What is the population of Peru?',
    'What is the currency of Zorbia?',
    'What is the currency of South Zorvia?',
    'Was the capital of Peru founded in 1535?',
  ];
  for (const question of questions) {
    assert.deepEqual(
      await ask({ knowledge, learnt }, question),
      await ask({ knowledge, learnt: null }, question),
      question,
    );
  }
});

test('of two corrections of one thing the newer holds', async () => {
  const newer = corrected('What is the capital of Peru?', 'The capital of Peru is Arequipa.', 5);
  const { segments } = await ask({ knowledge, learnt: await fileOf(peru, newer) }, 'What is the capital of Peru?');
  assert.equal(segments[0]?.text, newer.text);
});

test('other names and letters for a name are that name', async () => {
  const union = corrected('Who leads the Northern Harbour Union?', 'The Northern Harbour Union is led by Ada Brand.');
  const france = corrected('What is the capital of France?', 'The capital of France is Lyon.', 1);
  const learnt = await fileOf(union, france);
  assert.equal((await ask({ knowledge, learnt }, 'Who leads the NHU?')).segments[0]?.text, union.text);
  const renamed = await ask({ knowledge, learnt }, 'What is the capital of the French Republic?');
  assert.equal(renamed.segments[0]?.text, france.text);
});

test('without published knowledge what was learnt is quoted, and all else is written', async () => {
  const learnt = await fileOf(zorvia);
  const { segments } = await ask({ knowledge: null, learnt }, 'What is the currency of Zorvia?');
  assert.deepEqual(segments, [{ kind: 'quote', text: zorvia.text, source, index: 0 }]);
  assert.equal((await ask({ knowledge: null, learnt }, 'What is the currency of Kenya?')).grounding, 'ungrounded');
});

test('a verifier knows that an expert without knowledge may quote what it learnt', async () => {
  const written = await ask({ knowledge: null, learnt: null }, 'hello');
  const quote = { kind: 'quote' as const, text: zorvia.text, source, index: 0 };
  const check = async (learnt: string | null) => {
    const expert = { profile, knowledge: null, adapter: null, learnt };
    const request = { messages: [{ role: 'user', content: 'hello' }] as const, expert };
    const [found] = await verify(
      { engine, library },
      { ...request, segments: [written.segments[0]!, quote] },
      undisturbed,
    );
    return found?.fault;
  };
  assert.equal(await check(null), 'shape');
  assert.notEqual(await check('learnt.json'), 'shape');
});

test('vectors are computed at the first opening; a file that is written anew is read anew', async () => {
  const learnt = await fileOf(zorvia);
  await ask({ knowledge, learnt }, 'What is the currency of Zorvia?');
  const first = counts.texts;
  await ask({ knowledge, learnt }, 'What is the currency of Zorvia?');
  const again = counts.texts - first;
  assert.ok(again <= 6, `${again} texts embedded for a question asked again`);
  const better = { ...zorvia, text: 'The currency of Zorvia is the new dram.' };
  await writeLearnt(learnt, [better]);
  assert.equal((await ask({ knowledge, learnt }, 'What is the currency of Zorvia?')).segments[0]?.text, better.text);
});

test('a damaged file fails the job, not the worker', async () => {
  await assert.rejects(ask({ knowledge, learnt: join(knowledge, 'none.json') }, zorvia.prompt), {
    code: 'KNOWLEDGE_NOT_FOUND',
  });
  await assert.rejects(ask({ knowledge, learnt: join(knowledge, 'card.json') }, zorvia.prompt), {
    code: 'KNOWLEDGE_DAMAGED',
  });
});
