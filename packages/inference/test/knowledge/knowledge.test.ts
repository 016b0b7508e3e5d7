import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { passages, temporaryFolder, wordEmbedder, writeFolder } from './fixture.ts';

const lineOf = (value: object) => `${JSON.stringify(value)}\n`;
const allLines = passages.map(lineOf).join('');

const open = async (change: Record<string, string>) => {
  const folder = await writeFolder(await temporaryFolder(), passages, change);
  return openKnowledge(folder, { embed: wordEmbedder().embed });
};

test('a folder opens with its card and passages by line', async () => {
  const knowledge = await open({});
  assert.equal(knowledge.card.domain, 'test-facts');
  assert.deepEqual(knowledge.passages, passages);
});

const damages: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  [
    'a line that is not JSON',
    { 'passages.jsonl': `${lineOf(passages[0]!)}{"text": \n` },
    /passages\.jsonl.* line 2 is not JSON/,
  ],
  [
    'a value that is not in the text',
    { 'passages.jsonl': lineOf({ ...passages[0]!, value: 'Rome' }) },
    /line 1 has the value "Rome"/,
  ],
  [
    'a text too long',
    { 'passages.jsonl': lineOf({ ...passages[0]!, text: 'é'.repeat(400) }) },
    /line 1 has a text of 800 bytes/,
  ],
  [
    'a control character',
    { 'passages.jsonl': lineOf({ ...passages[0]!, text: 'Paris\u0007' }) },
    /line 1 has a control character/,
  ],
  ['a text not in NFC', { 'passages.jsonl': lineOf({ ...passages[0]!, text: 'Pe\u0301ru' }) }, /NFC/],
  ['a missing line', { 'passages.jsonl': allLines.slice(0, allLines.length / 3) }, /line \d+ is not JSON/],
  [
    'fewer passages than promised',
    { 'passages.jsonl': lineOf(passages[0]!) },
    /holds 1 passages, but card\.json promises 15/,
  ],
  ['a card that is not JSON', { 'card.json': '{' }, /card\.json is damaged: it is not JSON/],
  ['a card without root', { 'card.json': '{"formatVersion":1,"domain":"x","title":"x"}' }, /no root/],
  ['aliases of another shape', { 'aliases.json': '{"France": "Gaul"}' }, /aliases\.json.*"France"/],
  ['relations of another shape', { 'relations.json': '[]' }, /relations\.json.*not an object/],
];

for (const [name, change, message] of damages) {
  test(`damage is one error that names file and place: ${name}`, async () => {
    await assert.rejects(open(change), { code: 'KNOWLEDGE_DAMAGED', message });
  });
}

test('a folder that is not there is KNOWLEDGE_NOT_FOUND with the next command', async () => {
  const opened = openKnowledge('/nonexistent', { embed: wordEmbedder().embed });
  await assert.rejects(opened, { code: 'KNOWLEDGE_NOT_FOUND', message: /synod expert build/ });
});

const question = 'What is the capital of Kenya?';

/** Texts embedded by opening a folder with the vectors file and asking once. */
async function embeddedBy(folder: string, vectorsFile: string): Promise<number> {
  const { embed, counts } = wordEmbedder();
  const knowledge = await openKnowledge(folder, { embed, vectorsFile });
  const { candidates } = await knowledge.retrieve(question, undisturbed);
  assert.equal(candidates[0]?.passage.value, 'Nairobi');
  return counts.texts;
}

test('vectors are computed once and found again; a lost, torn, foreign or wrong-size file is made anew', async () => {
  const folder = await writeFolder(await temporaryFolder());
  const file = join(await temporaryFolder(), 'deep', 'test.vectors');
  const progress: number[] = [];
  const knowledge = await openKnowledge(folder, { embed: wordEmbedder().embed, vectorsFile: file });
  await knowledge.embedAll((done) => progress.push(done), undisturbed);
  assert.equal(progress.at(-1), knowledge.retriever.texts.length);
  // The probe and the two forms of the question are all that is left to embed.
  assert.equal(await embeddedBy(folder, file), 3);
  const whole = await readFile(file);
  await truncate(file, whole.length - 10);
  assert.equal(await embeddedBy(folder, file), 4);
  assert.equal((await readFile(file)).length, whole.length);
  for (const damaged of [Buffer.from('junk'), Buffer.alloc(whole.length, 7), wrongSize(whole)]) {
    await writeFile(file, damaged);
    assert.ok((await embeddedBy(folder, file)) > 20);
    assert.equal(await embeddedBy(folder, file), 3);
  }
});

function wrongSize(file: Buffer): Buffer {
  const other = Buffer.from(file);
  other.writeUInt32LE(32, 8);
  return other;
}

test('a vectors file that cannot be written costs no answer', async () => {
  const folder = await writeFolder(await temporaryFolder());
  assert.ok((await embeddedBy(folder, join(folder, 'card.json', 'x.vectors'))) > 20);
});

test('embedAll goes on where it stopped', async () => {
  const folder = await writeFolder(await temporaryFolder());
  const file = join(folder, 'test.vectors');
  const abort = new AbortController();
  const control = { signal: abort.signal, checkpoint: async () => {} };
  const first = await openKnowledge(folder, { embed: wordEmbedder().embed, vectorsFile: file });
  await first.retrieve(question, undisturbed);
  abort.abort();
  await assert.rejects(
    first.embedAll(() => {}, control),
    { code: 'CANCELLED' },
  );
  const { embed, counts } = wordEmbedder();
  const second = await openKnowledge(folder, { embed, vectorsFile: file });
  await second.embedAll(() => {}, undisturbed);
  assert.ok(counts.texts < second.retriever.texts.length);
});

test('embedPhrases computes the ways to ask and nothing else, and embedAll only the rest', async () => {
  const { embed, counts } = wordEmbedder();
  const knowledge = await openKnowledge(await writeFolder(await temporaryFolder()), { embed });
  const { phrases, texts } = knowledge.retriever;
  assert.ok(phrases.length > 0 && phrases.length < texts.length);
  const before = counts.texts;
  await knowledge.embedPhrases(() => {}, undisturbed);
  assert.equal(counts.texts - before, phrases.length);
  await knowledge.embedAll(() => {}, undisturbed);
  assert.equal(counts.texts - before, texts.length);
});
