import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openOnnxModel } from '../../../src/engine/backends/onnx-model.ts';
import { type Engine, loadEngine } from '../../../src/engine/engine.ts';
import { limits } from '../../../src/engine/limits.ts';
import { readBackend } from '../../../src/models/backends/backend-file.ts';
import { resolveModel } from '../../../src/models/index.ts';
import { GraphBuilder } from '../../../src/models/onnx/graph-builder.ts';
import { temporaryFolder } from '../../models/temporary-folder.ts';
import { writeBoth } from './foreign-folder.ts';

const control = { signal: new AbortController().signal, checkpoint: async () => {}, onText: () => {} };
const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 12 };

const write = (engine: Engine, content: string, lookup = false) =>
  engine.generate(
    { messages: [{ role: 'user', content }], profile, seed: 1, stop: [], adapter: null, lookup },
    control,
  );

for (const cacheType of ['float32', 'float16'] as const) {
  test(`an ordinary ONNX model with a ${cacheType} cache gives what the own graph of the same weights gives`, async (t) => {
    const folder = await temporaryFolder(t);
    const { own, foreign } = await writeBoth(folder, cacheType);
    const { directory, info } = await resolveModel({ model: foreign, helper: own, cacheDir: join(folder, 'cache') });
    assert.equal(info.backend, 'onnx');
    const [first, second] = [await loadEngine(own), await loadEngine(directory)];
    t.after(() => Promise.all([first.close(), second.close()]));
    assert.equal(first.info.backend, 'synod');
    assert.equal(second.info.hash, info.hash);
    const question = 'What is <|im_end|> for?';
    const request = { question, answers: ['one answer', 'another one altogether'], tokensMax: 8, adapter: null };
    const [expected, actual] = [await first.likelihoods(request, control), await second.likelihoods(request, control)];
    assert.deepEqual(
      actual.map((row) => row.length),
      expected.map((row) => row.length),
    );
    // The own graph rounds activations to 8 bits.
    const differences = expected.flat().map((value, at) => Math.abs(value - actual.flat()[at]!));
    assert.ok(differences.reduce((a, b) => a + b) / differences.length < 0.25, differences.join(' '));
    const written = await write(second, question);
    assert.equal(written.promptTokens, (await write(first, question)).promptTokens);
    assert.equal(written.tokens.length, 12);
    assert.deepEqual(
      (await write(second, question, true)).tokens,
      written.tokens,
      'drafts that are taken back leave no trace',
    );
    const [a, b] = [await first.embed(['a text'], control), await second.embed(['a text'], control)];
    assert.deepEqual(a, b);
    await assert.rejects(
      second.generate({ messages: [], profile, seed: 1, stop: [], adapter: 'some.adapter' }, control),
      { code: 'MODEL_ERROR', message: /takes no adapters/ },
    );
  });
}

test('a prompt that nobody else waits for is read in larger pieces', async (t) => {
  const folder = await temporaryFolder(t);
  const { own, foreign } = await writeBoth(folder, 'float32');
  const { directory } = await resolveModel({ model: foreign, helper: own, cacheDir: join(folder, 'cache') });
  const backend = await readBackend(directory);
  assert.ok(backend?.kind === 'onnx');
  const model = await openOnnxModel(backend);
  t.after(() => model.close());
  const bare = { hash: '', inputs: {} };
  const first = model.open(bare, 64);
  assert.equal(first.chunkTokens(), limits.densePrefillAloneTokens);
  const second = model.open(bare, 64);
  assert.equal(first.chunkTokens(), limits.prefillChunkTokens);
  second.close();
  assert.equal(first.chunkTokens(), limits.densePrefillAloneTokens);
  first.close();
});

test('folders that lack a file, a number or the usual inputs are refused with a reason', async (t) => {
  const folder = await temporaryFolder(t);
  const { own, foreign } = await writeBoth(folder, 'float32');
  const options = { model: foreign, helper: own, cacheDir: join(folder, 'cache') };
  const graph = new GraphBuilder('other');
  graph.input('pixel_values', 'float32', ['B']);
  graph.node('Identity', ['pixel_values'], { outputs: ['logits'] });
  graph.output('logits', 'float32', ['B']);
  await writeFile(join(foreign, 'onnx', 'model.onnx'), graph.encode());
  await assert.rejects(loadEngine((await resolveModel(options)).directory), {
    code: 'MODEL_ERROR',
    message: /wants the input pixel_values/,
  });
  await writeFile(join(foreign, 'onnx', 'model.onnx'), 'no graph');
  await assert.rejects(loadEngine((await resolveModel(options)).directory), {
    code: 'MODEL_ERROR',
    message: /Could not load/,
  });
  await writeFile(join(foreign, 'config.json'), '{"num_attention_heads": 4, "hidden_size": 64}');
  await assert.rejects(resolveModel(options), { code: 'MODEL_FORMAT', message: /num_hidden_layers/ });
  await writeFile(join(foreign, 'config.json'), '[');
  await assert.rejects(resolveModel(options), { code: 'MODEL_FORMAT', message: /no model configuration/ });
  const bare = await temporaryFolder(t);
  await writeFile(join(bare, 'config.json'), '{}');
  await assert.rejects(resolveModel({ ...options, model: bare }), {
    code: 'MODEL_NOT_FOUND',
    message: /tokenizer\.json/,
  });
});
