import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLibrary } from '../../src/knowledge/library.ts';
import { passages, temporaryFolder, wordEmbedder, writeFolder } from './fixture.ts';

const { embed } = wordEmbedder();
const folders = await Promise.all([1, 2, 3].map(async () => writeFolder(await temporaryFolder())));
const [a, b, c] = folders as [string, string, string];

test('folders stay open until memory runs out; the least recently used goes first', async () => {
  const one = await createLibrary({ embed }).open(a);
  const library = createLibrary({ embed, bytesMax: 2 * one.memoryBytes() });
  const first = await library.open(a);
  const second = await library.open(b);
  assert.equal(await library.open(a), first);
  await library.open(c);
  assert.equal(await library.open(a), first);
  assert.notEqual(await library.open(b), second);
});

test('a folder larger than all memory is open while it is used', async () => {
  const library = createLibrary({ embed, bytesMax: 1 });
  assert.equal(await library.open(a), await library.open(a));
});

test('a folder that was built anew is read anew', async () => {
  const folder = await writeFolder(await temporaryFolder());
  const library = createLibrary({ embed });
  assert.equal((await library.open(folder)).passages.length, passages.length);
  await writeFolder(folder, passages.slice(0, 3));
  assert.equal((await library.open(folder)).passages.length, 3);
});

test('two openings at once read once', async () => {
  const library = createLibrary({ embed });
  const [one, two] = await Promise.all([library.open(a), library.open(a)]);
  assert.equal(one, two);
});

test('a damaged folder fails each time and opens once it is mended', async () => {
  const folder = await writeFolder(await temporaryFolder(), passages, { 'card.json': '{' });
  const library = createLibrary({ embed });
  await assert.rejects(library.open(folder), { code: 'KNOWLEDGE_DAMAGED' });
  await writeFolder(folder);
  assert.equal((await library.open(folder)).passages.length, passages.length);
});
