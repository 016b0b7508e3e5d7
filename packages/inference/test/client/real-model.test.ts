import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRecorder } from './recorder.ts';

const directory = process.env['SYNOD_MODEL_DIR'];

if (directory === undefined) {
  console.log('smoke test with the real model skipped: SYNOD_MODEL_DIR does not name a model folder');
} else {
  test('the real model answers a simple question and prefers the right answer', async () => {
    const recorder = startRecorder(directory);
    const prompt = 'What is the capital of France?';
    recorder.client.submit({
      kind: 'generate',
      id: 'w',
      priority: 'answer',
      messages: [{ role: 'user', content: prompt }],
      profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 40 },
      seed: 1,
      stop: [],
      adapter: null,
    });
    const answers = ['The capital of France is Paris.', 'The capital of France is Lyon.', 'Bananas are yellow.'];
    recorder.client.submit({ kind: 'score', id: 's', priority: 'score', prompt, answers, knowledge: null });
    const written = await recorder.final('w');
    assert.equal(written.kind === 'generated' && written.result.text, 'The capital of France is Paris.');
    const scored = await recorder.final('s');
    assert.ok(scored.kind === 'scored');
    const [right, wrong, offTopic] = scored.scores.map((score) => score.scorePpm);
    assert.ok(right! > wrong! && wrong! > offTopic!);
    await recorder.client.close();
  });
}
