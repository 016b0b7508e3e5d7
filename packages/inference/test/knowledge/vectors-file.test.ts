/** The cache of vectors is bounded: a judge meets strangers' domains without end. */
import assert from 'node:assert/strict';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openKnowledge } from '../../src/knowledge/knowledge.ts';
import { limits } from '../../src/knowledge/limits.ts';
import { makeRoomFor } from '../../src/knowledge/vectors-file.ts';
import { undisturbed } from '../engine/tiny-model.ts';
import { temporaryFolder, wordEmbedder, writeFolder } from './fixture.ts';

/** A file of so many bytes, used so many minutes ago. */
async function keep(folder: string, name: string, { bytes, minutes }: { bytes: number; minutes: number }) {
  await writeFile(join(folder, name), Buffer.alloc(bytes));
  const used = new Date(Date.now() - minutes * 60_000);
  await utimes(join(folder, name), used, used);
}

test('files used longest ago go, with what was noted about them, until number and bytes are within bounds', async () => {
  const folder = await temporaryFolder();
  await keep(folder, 'a.vectors', { bytes: 10, minutes: 1 });
  await keep(folder, 'b.vectors', { bytes: 50, minutes: 3 });
  await keep(folder, 'b.phrases.json', { bytes: 5, minutes: 0 });
  await keep(folder, 'b-2.vectors', { bytes: 10, minutes: 2 });
  await keep(folder, '_learnt.vectors', { bytes: 10, minutes: 4 });
  await keep(folder, 'mine.txt', { bytes: 500, minutes: 9 });
  await keep(folder, 'Not.A.Domain.vectors', { bytes: 500, minutes: 9 });
  const strange = ['Not.A.Domain.vectors', 'mine.txt'];
  await makeRoomFor(join(folder, '_learnt.vectors'), { vectorFilesMax: 4, vectorBytesMax: 80 });
  assert.equal((await readdir(folder)).length, 7);
  await makeRoomFor(join(folder, '_learnt.vectors'), { vectorFilesMax: 4, vectorBytesMax: 79 });
  assert.deepEqual((await readdir(folder)).sort(), [...strange, '_learnt.vectors', 'a.vectors', 'b-2.vectors'].sort());
  await makeRoomFor(join(folder, 'a.vectors'), { vectorFilesMax: 2, vectorBytesMax: 79 });
  assert.deepEqual((await readdir(folder)).sort(), [...strange, '_learnt.vectors', 'a.vectors'].sort());
  // What is opened stays, however large.
  await makeRoomFor(join(folder, 'a.vectors'), { vectorFilesMax: 1, vectorBytesMax: 1 });
  assert.deepEqual((await readdir(folder)).sort(), [...strange, 'a.vectors'].sort());
});

test('opening a folder marks its vectors as used and bounds the others; one removed meanwhile is begun anew', async () => {
  const folder = await writeFolder(await temporaryFolder());
  const cache = await temporaryFolder();
  const file = join(cache, 'test-facts.vectors');
  const open = () => openKnowledge(folder, { embed: wordEmbedder().embed, vectorsFile: file });
  await (await open()).embedAll(() => {}, undisturbed);
  const day = new Date(Date.now() - 86_400_000);
  await utimes(file, day, day);
  for (let n = 0; n < limits.vectorFilesMax; n++) await keep(cache, `d${n}.vectors`, { bytes: 1, minutes: 10 + n });
  const first = await open();
  assert.ok((await stat(file)).mtimeMs > day.getTime() + 1_000);
  const names = await readdir(cache);
  assert.equal(names.length, limits.vectorFilesMax);
  assert.ok(!names.includes(`d${limits.vectorFilesMax - 1}.vectors`));
  await rm(file);
  const { embed, counts } = wordEmbedder();
  const second = await openKnowledge(folder, { embed, vectorsFile: file });
  await rm(file);
  await second.embedAll(() => {}, undisturbed);
  assert.ok(counts.texts > first.retriever.texts.length);
  const again = wordEmbedder();
  await (await openKnowledge(folder, { embed: again.embed, vectorsFile: file })).embedAll(() => {}, undisturbed);
  // The probe alone.
  assert.equal(again.counts.texts, 1);
});
