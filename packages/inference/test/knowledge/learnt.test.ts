import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LearntPassage, readLearnt, writeLearnt } from '../../src/knowledge/learnt.ts';
import { limits } from '../../src/knowledge/limits.ts';
import { temporaryFolder } from './fixture.ts';

const one: LearntPassage = {
  text: 'The capital of Peru is Cusco.',
  source: 'a user of Synod, feedback 0123456789ab, CC0-1.0',
  prompt: 'What is the capital of Peru?',
  number: 7,
};
const fresh = async () => join(await temporaryFolder(), 'learnt.json');

test('what is written is read again in its order, and no draft is left', async () => {
  const path = await fresh();
  const text = fc.string({ minLength: 1, unit: 'binary' }).filter((value) => value.isWellFormed());
  const passage = fc.record({ text, source: text, prompt: text, number: fc.nat() }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(passage, { maxLength: 5 }), async (list) => {
      await writeLearnt(path, list);
      assert.deepEqual(await readLearnt(path), list);
    }),
    { numRuns: 12 },
  );
  assert.deepEqual(await readdir(dirname(path)), ['learnt.json']);
});

test('a file that is missing or damaged is named, with what is wrong and what to do', async () => {
  const path = await fresh();
  await assert.rejects(readLearnt(path), { code: 'KNOWLEDGE_NOT_FOUND' });
  const damages: readonly (readonly [string | Buffer, RegExp])[] = [
    ['[', /not JSON/],
    ['{}', /not a list/],
    [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), /not UTF-8/],
    [JSON.stringify([one, null]), /at place 1 something that is no passage/],
    [JSON.stringify([{ ...one, text: '' }]), /at place 0 a passage without text/],
    [JSON.stringify([{ ...one, text: 'half \ud83d' }]), /without text/],
    [JSON.stringify([{ ...one, prompt: 5 }]), /without prompt/],
    [JSON.stringify([{ ...one, number: -1 }]), /without a number/],
    [JSON.stringify([{ ...one, source: 'x'.repeat(limits.learntTextBytesMax + 1) }]), /source of \d+ bytes/],
  ];
  for (const [content, why] of damages) {
    await writeFile(path, content);
    await assert.rejects(readLearnt(path), (error: Error & { code: string }) => {
      assert.equal(error.code, 'KNOWLEDGE_DAMAGED');
      assert.match(error.message, why);
      assert.ok(error.message.includes(path) && error.message.includes('Restart the node'));
      return true;
    });
  }
});

test('a list that could not be read again is not written, and the file stays as it was', async () => {
  const path = await fresh();
  await writeLearnt(path, [one]);
  const before = await readFile(path, 'utf8');
  await assert.rejects(writeLearnt(path, [one, { ...one, text: '' }]), { code: 'KNOWLEDGE_DAMAGED' });
  assert.equal(await readFile(path, 'utf8'), before);
});
