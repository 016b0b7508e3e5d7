import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeChat } from '../../src/engine/chat.ts';
import { openLanguageModel } from '../../src/engine/language-model.ts';
import { continuationLogProbabilities } from '../../src/engine/likelihood.ts';
import { loadTokenizer } from '../../src/engine/tokenizer.ts';
import { factorsAbout, zeroFactors } from '../../src/learning/fixed-factors.ts';
import { gateLimits } from '../../src/learning/gate-limits.ts';
import { openProbeModel } from '../../src/learning/probe-model.ts';
import { tinyModel } from '../engine/tiny-model.ts';

const directory = await tinyModel();
const probe = await openProbeModel(directory);
const model = await openLanguageModel(directory, probe.manifest.architecture);
const tokenizer = await loadTokenizer(directory);
after(() => Promise.all([probe.close(), model.close()]));
const adapter = probe.load(zeroFactors(factorsAbout(probe.manifest)));
const control = { signal: new AbortController().signal, checkpoint: async () => {} };

/** Mean −ln p a token of each answer, each read by itself after the whole prompt. */
async function plainLosses(prompt: string, answers: readonly string[]): Promise<number[]> {
  const chat = encodeChat([{ role: 'user', content: prompt }], '', { tokenizer, ...model.shape });
  const ids = chat.slice(-gateLimits.promptTokensMax);
  const continuations = answers.map((answer) => tokenizer.encode(answer).slice(0, gateLimits.answerTokensMax));
  const all = await continuationLogProbabilities(model, { adapter, prompt: ids, continuations }, control);
  return all.map((values) => (values.length === 0 ? 0 : -values.reduce((sum, one) => sum + one, 0) / values.length));
}

const long = 'Which of the many towers of the town is the highest, and who was it that built it? '.repeat(4);
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['How high is tower 3?', ['103 metres', 'a', '', 'It is higher than all others of the town.']],
  ['How high is tower 3?', ['It is higher than all others of the town.']],
  ['Who built it?', ['', 'Nobody']],
  ['Who built it?', ['x']],
  [long, ['103 metres', 'Nobody knows who built it']],
];

test('answers have the losses that reading prompt and answer one after the other gives, wherever passes are cut', async () => {
  for (const [prompt, answers] of cases) {
    const [reading] = await probe.read(adapter, [{ prompt, answers }], control);
    const { losses, first } = reading!;
    const plain = await plainLosses(prompt, answers);
    assert.equal(losses.length, answers.length);
    for (const [i, loss] of losses.entries())
      assert.ok(Math.abs(loss - plain[i]!) < 1e-3, `${answers[i]}: ${loss} ${plain[i]}`);
    const sum = first.reduce((all, value) => all + Math.exp(value), 0);
    assert.ok(Math.abs(sum - 1) < 1e-3);
  }
});

test('company changes nothing: questions and answers read together have the readings that each has by itself', async () => {
  const questions = [
    ...cases.map(([prompt, answers]) => ({ prompt, answers })),
    { prompt: 'How high is tower 4?', answers: ['103 metres', '10 metres', '103 metres'] },
    { prompt: 'How high is tower 3? zqxj', answers: ['103 metres'] },
  ];
  const together = await probe.read(adapter, questions, control);
  for (const [i, { prompt, answers }] of questions.entries()) {
    const { losses, first } = together[i]!;
    const [bare] = await probe.read(adapter, [{ prompt, answers: [] }], control);
    for (const [token, value] of first.entries()) assert.ok(Math.abs(value - bare!.first[token]!) < 1e-4, prompt);
    for (const [at, answer] of answers.entries()) {
      const [alone] = await probe.read(adapter, [{ prompt, answers: [answer] }], control);
      assert.ok(Math.abs(alone!.losses[0]! - losses[at]!) < 1e-4, `${prompt} ${answer}`);
    }
  }
});

test('a question without answers tells how one would begin; a cancelled reading ends', async () => {
  const [reading] = await probe.read(adapter, [{ prompt: 'Who?', answers: [] }], control);
  assert.deepEqual([reading!.losses, reading!.first.length], [[], model.shape.vocabulary]);
  assert.deepEqual(await probe.read(adapter, [], control), []);
  const cancelled = probe.read(adapter, [{ prompt: 'Who?', answers: ['x'] }], {
    ...control,
    signal: AbortSignal.abort(),
  });
  await assert.rejects(cancelled, { code: 'CANCELLED' });
});
