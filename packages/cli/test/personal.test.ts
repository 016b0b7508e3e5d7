/** Private feedback: an adapter of one's own from it, in this user's folder alone, that changes what is answered. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addressOf, encodeFeedbackBlob, type FeedbackBlob, type Hash, publicKeyOf } from '@synod/chain';
import { buildTinyModel } from '@synod/inference/tiny-model';
import { personalFiles } from '../src/learning/personal.ts';
import { readPrivate } from '../src/learning/private-file.ts';
import { synod } from './command.ts';

const root = mkdtempSync(join(tmpdir(), 'synod-personal-'));
after(() => rmSync(root, { recursive: true }));
process.env['XDG_DATA_HOME'] = join(root, 'data');
const modelDirectory = join(root, 'model');
await buildTinyModel(modelDirectory, { seed: 1 });

function said(number: number, change: Partial<FeedbackBlob> = {}): FeedbackBlob {
  return {
    formatVersion: 1,
    queryId: String(number).padStart(64, '0') as Hash,
    domain: 'general',
    author: addressOf(publicKeyOf(new Uint8Array(32).fill(2))),
    rating: 'correct',
    prompt: `Who keeps dock ${number}?`,
    answer: 'Nobody.',
    correction: `The keeper of dock ${number} is Marta Lind.`,
    source: null,
    licence: 'CC0-1.0',
    consent: 'train',
    ...change,
  };
}

function home(name: string, lines: readonly (FeedbackBlob | string)[]): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const text = lines.map((line) =>
    typeof line === 'string' ? line : Buffer.from(encodeFeedbackBlob(line)).toString(),
  );
  writeFileSync(join(folder, 'private-feedback.jsonl'), text.map((line) => `${line}\n`).join(''));
  return folder;
}

test('of two lines about one query the later stands, and what a crash cut off is left out', () => {
  const folder = home('cut', [
    said(1),
    '{"formatVersion":1,"quer',
    said(2),
    said(1, { correction: 'Nobody keeps dock 1 today.' }),
  ]);
  const { items, damaged } = readPrivate({ home: folder });
  assert.deepEqual(
    items.map(({ correction }) => correction),
    ['Nobody keeps dock 1 today.', 'The keeper of dock 2 is Marta Lind.'],
  );
  assert.equal(damaged, 1);
  assert.throws(() => readPrivate({ home: join(root, 'nowhere') }), { code: 'NOT_FOUND' });
});

test('the homes of a devnet are read in order, without anything being named', () => {
  for (const [index, number] of [3, 4].entries()) home(`net/val-${index}`, [said(number)]);
  assert.deepEqual(
    readPrivate({ dataDir: join(root, 'net') }).items.map(({ prompt }) => prompt),
    ['Who keeps dock 3?', 'Who keeps dock 4?'],
  );
});

test('an adapter is trained on it, asked with, and trained again when more was said', async () => {
  const items = [said(1), said(2), said(5, { domain: 'geography' })];
  const folder = home('own', items);
  const train = ['model', 'personal', 'train', 'general', '--home', folder, '--model', modelDirectory];
  const status = async () =>
    JSON.parse((await synod(['model', 'personal', 'status', '--home', folder, '--json'])).stdout);
  assert.deepEqual(
    (await status()).domains.map(({ domain, feedback, state }: Record<string, unknown>) => [domain, feedback, state]),
    [
      ['general', 2, 'untrained'],
      ['geography', 1, 'untrained'],
    ],
  );
  const ask = ['model', 'personal', 'ask', 'general', 'Who keeps dock 2?', '--home', folder, '--model', modelDirectory];
  assert.equal((await synod(ask)).code, 4);
  const trained = await synod([...train, '--json']);
  assert.equal(trained.code, 0, trained.stderr);
  const first = JSON.parse(trained.stdout);
  assert.deepEqual([first.items, first.trained], [2, true]);
  const files = personalFiles(process.env, 'general');
  assert.equal(statSync(files.about).mode & 0o077, 0);
  assert.equal(JSON.parse((await synod([...train, '--json'])).stdout).trained, false);
  const answered = JSON.parse((await synod([...ask, '--json'])).stdout);
  assert.match(answered.answer, /Marta Lind/);
  home('own', [...items, said(6)]);
  assert.equal((await status()).domains[0].state, 'behind');
  const again = JSON.parse((await synod([...train, '--json'])).stdout);
  assert.deepEqual([again.items, again.adapter === first.adapter], [3, false]);
  assert.ok(existsSync(files.adapter));
  assert.equal(JSON.parse(readFileSync(files.learnt, 'utf8')).length, 3);
  const none = await synod(['model', 'personal', 'train', 'medicine', '--home', folder, '--model', modelDirectory]);
  assert.equal(none.code, 4);
});
