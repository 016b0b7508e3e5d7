import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { createLibrary } from '../../src/knowledge/library.ts';
import { limits } from '../../src/knowledge/limits.ts';
import { remembering } from '../../src/knowledge/remembered.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { temporaryFolder, wordEmbedder, writeFolder } from './fixture.ts';

const folder = await writeFolder(await temporaryFolder());
const QUESTION = 'What is the capital of Kenya?';

test('a question asked again in one worker is looked up once, by whoever asks', async () => {
  const { embed, counts } = wordEmbedder();
  const library = createLibrary({ embed });
  const first = await (await library.open(folder)).retrieve(QUESTION, undisturbed);
  const after = counts.texts;
  const known = await library.openKnown({ knowledge: folder }, undisturbed);
  assert.deepEqual(await known!.retrieve(QUESTION, undisturbed), first);
  assert.equal(counts.texts, after);
  await known!.retrieve(`${QUESTION} `, undisturbed);
  assert.ok(counts.texts > after);
});

test('only the latest questions are remembered, and none once vectors have come in', async () => {
  const { embed, counts } = wordEmbedder();
  const knowledge = remembering(await openKnowledge(folder, { embed }));
  const isLookedUp = async (question: string): Promise<boolean> => {
    const before = counts.texts;
    await knowledge.retrieve(question, undisturbed);
    return counts.texts > before;
  };
  assert.equal(await isLookedUp(QUESTION), true);
  for (let i = 1; i < limits.questionsRemembered; i++) await isLookedUp(`Who lives at number ${i}?`);
  assert.equal(await isLookedUp(QUESTION), false);
  await isLookedUp('Who lives there?');
  assert.equal(await isLookedUp(QUESTION), false);
  assert.equal(await isLookedUp('Who lives at number 1?'), true);
  await knowledge.embedAll(() => {}, undisturbed);
  assert.equal(await isLookedUp(QUESTION), true);
});

test('a search that failed is made again', async () => {
  const { embed } = wordEmbedder();
  let isDown = false;
  const failing = async (texts: readonly string[]) => {
    if (isDown) throw new Error('down');
    return embed(texts);
  };
  const knowledge = remembering(await openKnowledge(folder, { embed: failing }));
  isDown = true;
  await assert.rejects(knowledge.retrieve(QUESTION, undisturbed), /down/);
  isDown = false;
  assert.ok((await knowledge.retrieve(QUESTION, undisturbed)).candidates.length > 0);
});
