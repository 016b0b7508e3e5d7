import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { feedbackExamples } from '../../src/learning/feedback-examples.ts';
import type { LearningExample } from '../../src/learning/protocol.ts';
import { type ReplayOptions, replayExamples } from '../../src/learning/replay.ts';
import { corrections } from './jobs.ts';

const folder = await mkdtemp(join(tmpdir(), 'synod-replay-test-'));
after(() => rm(folder, { recursive: true, force: true }));
const isTrained = (subject: string) => createHash('sha256').update(subject).digest().readUInt32BE(0) % 10 < 6;
const towns = Array.from({ length: 40 }, (_, i) => `Town ${i}`);
const passages = towns.map((subject, i) => ({
  text: `The mayor of ${subject} is Person ${i}.`,
  source: 's',
  subject,
  relation: 'mayor',
  value: `Person ${i}`,
}));
await writeFile(join(folder, 'passages.jsonl'), passages.map((passage) => `${JSON.stringify(passage)}\n`).join(''));
await writeFile(join(folder, 'relations.json'), JSON.stringify({ mayor: ['mayor', 'head of the town'] }));

const rated = (rating: 'good' | 'bad', answer: string): LearningExample => ({
  ...corrections(1)[0]!,
  rating,
  answer,
  passage: null,
});
const replay = (changes: Partial<ReplayOptions>) =>
  replayExamples({ earlier: [], shard: corrections(2), knowledge: null, count: 10, seed: 1, ...changes });

const prompt = 'What is the height of tower 0?';
const wordings = [prompt, 'what is the height of tower 0', `Please tell me: ${prompt}`];

test('a correction in a word is asked bare and with its passage, in several wordings; the question before it is not learnt', () => {
  const text = `${prompt} 100 metres`;
  assert.deepEqual(
    feedbackExamples({ ...corrections(1)[0]!, passage: { text, source: 's' } }),
    wordings.flatMap((wording) => [
      { prompt: wording, answer: '100 metres' },
      { prompt: `Context:\n- ${text}\nQuestion: ${wording}`, answer: '100 metres' },
    ]),
  );
});

test('a correction in a sentence is asked bare alone: readers do not learn to repeat whole passages', () => {
  const answer = 'Tower 0 is 100 metres high.';
  assert.deepEqual(
    feedbackExamples(corrections(1)[0]!),
    wordings.map((wording) => ({ prompt: wording, answer })),
  );
});

test('a liked answer is learnt as it is, a long one up to a sentence; a disliked one teaches nothing', () => {
  assert.deepEqual(new Set(feedbackExamples(rated('good', ' Yes. ')).map(({ answer }) => answer)), new Set(['Yes.']));
  const long = feedbackExamples(rated('good', 'One sentence of many. '.repeat(90)))[0]!.answer;
  assert.ok(long.length <= 400 && long.endsWith('many.'), long);
  assert.ok(
    feedbackExamples(rated('good', 'x'.repeat(1000)))[0] === undefined,
    'without a word that ends nothing is left',
  );
  assert.deepEqual(feedbackExamples({ ...corrections(1)[0]!, rating: 'bad' }), []);
  assert.deepEqual(feedbackExamples({ ...corrections(1)[0]!, prompt: '  ' }), []);
});

test('replay takes each earlier item once before any twice, in an order of the seed, and not what is corrected now', async () => {
  const earlier = [...corrections(2), ...corrections(12, 20)];
  const examples = await replay({ earlier, count: 12 });
  const towers = examples.map(({ prompt }) => /tower (\d+)/i.exec(prompt)![1]);
  assert.deepEqual(new Set(towers), new Set(Array.from({ length: 12 }, (_, i) => `${20 + i}`)));
  assert.deepEqual(await replay({ earlier, count: 12 }), examples);
  assert.notDeepEqual(await replay({ earlier, count: 12, seed: 2 }), examples);
  assert.equal((await replay({ earlier, count: 5 })).length, 5);
});

test('where earlier feedback is too little, published knowledge of the train split fills up', async () => {
  const earlier = corrections(1, 20);
  const examples = await replay({ earlier, knowledge: folder, count: 60 });
  assert.equal(examples.length, 60);
  const ofTowns = examples.filter(({ prompt }) => /town \d/i.test(prompt));
  assert.equal(ofTowns.length, 57, 'three forms of the earlier item come first');
  const named = ofTowns.flatMap(({ prompt }) =>
    [...prompt.matchAll(/town (\d+)/gi)].map((match) => `Town ${match[1]}`),
  );
  assert.ok(named.every(isTrained), 'a subject of another split is replayed');
  assert.ok(towns.some((town) => !isTrained(town)));
});

test('a domain without data replays nothing', async () => {
  assert.deepEqual(await replay({}), []);
  const empty = await mkdtemp(join(folder, 'empty-'));
  await writeFile(join(empty, 'passages.jsonl'), '');
  await writeFile(join(empty, 'relations.json'), '{}');
  assert.deepEqual(await replay({ knowledge: empty }), []);
});
