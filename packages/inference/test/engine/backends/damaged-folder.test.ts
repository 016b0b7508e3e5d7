import assert from 'node:assert/strict';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Engine, loadEngine } from '../../../src/engine/engine.ts';
import { resolveModel } from '../../../src/models/index.ts';
import { temporaryFolder } from '../../models/temporary-folder.ts';
import { writeBoth } from './foreign-folder.ts';

type Damage = (folder: string) => Promise<void>;

let whole: { readonly own: string; readonly foreign: string };
before(async (t) => {
  whole = await writeBoth(await temporaryFolder(t as never), 'float32');
});

/** Changes fields of a JSON file; what is no object takes the file's place. */
const json =
  (name: string, change: unknown): Damage =>
  async (folder) => {
    const found = JSON.parse(await readFile(join(folder, name), 'utf8')) as object;
    const isFields = change !== null && typeof change === 'object' && !Array.isArray(change);
    await writeFile(join(folder, name), JSON.stringify(isFields ? { ...found, ...change } : change));
  };
const template = (chat_template: string) => json('tokenizer_config.json', { chat_template });
const weights = join('onnx', 'model.onnx_data');
const graph = join('onnx', 'model.onnx');

const damages: readonly (readonly [name: string, damage: Damage, message: RegExp])[] = [
  ['no weights', (folder) => rm(join(folder, weights)), /model\.onnx_data.*fetched again/],
  ['half the weights', (folder) => truncate(join(folder, weights), 1_000), /Could not load .*: .+\. Let/],
  ['half the graph', (folder) => truncate(join(folder, graph), 3_000), /Could not load .*: .+\. Let/],
  [
    'a graph of rubbish',
    (folder) => writeFile(join(folder, graph), Buffer.alloc(99, 7)),
    /Could not load .*: .+\. Let/,
  ],
  ['another head size', json('config.json', { head_dim: 8 }), /have 16 where config\.json says 8/],
  ['an absurd head size', json('config.json', { head_dim: 1e12 }), /have 16 where config\.json says 1000000000000/],
  ['other heads', json('config.json', { num_key_value_heads: 1 }), /have 2 where config\.json says 1/],
  ['a tokenizer that is null', json('tokenizer.json', null), /no byte-level tokenizer/],
  [
    'a tokenizer without model',
    json('tokenizer.json', { model: undefined }),
    /tokenizer of .* cannot be used.*"model"/,
  ],
  ['added tokens that are null', json('tokenizer.json', { added_tokens: [null] }), /tokenizer of .* cannot be used/],
  [
    'a tokenizer without tokens',
    json('tokenizer.json', { model: { type: 'BPE', vocab: {}, merges: [] }, added_tokens: [] }),
    /gives no tokens/,
  ],
  ['settings that are null', json('tokenizer_config.json', null), /tokenizer of .* cannot be used/],
  ['a broken template', template('{% bad'), /chat template .* cannot be filled in.*Mend chat_template/],
  ['a template that refuses', template("{{ raise_exception('no roles') }}"), /cannot be filled in: no roles\./],
  ['a template that leaves everything out', template("{{ '' }}"), /cannot be filled in: it gives no tokens/],
];
for (const [name, damage, message] of damages) {
  test(`${name}: one error at the start that says what and what next`, async (t) => {
    const folder = await temporaryFolder(t);
    await cp(whole.foreign, join(folder, 'model'), { recursive: true });
    await damage(join(folder, 'model'));
    const options = { model: join(folder, 'model'), helper: whole.own, cacheDir: join(folder, 'cache') };
    const { directory } = await resolveModel(options);
    await assert.rejects(loadEngine(directory), { name: 'EngineError', code: 'MODEL_ERROR', message });
  });
}

const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: 2 };
const request = { messages: [{ role: 'user', content: 'Who?' }], profile, seed: 1, stop: [], adapter: null } as const;
const control = { signal: new AbortController().signal, checkpoint: async () => {}, onText: () => {} };

test('weights that are no numbers, and tokens that the model has not, fail the job and no more', async (t) => {
  const folder = await temporaryFolder(t);
  const open = async (name: string, damage: Damage): Promise<Engine> => {
    await cp(whole.foreign, join(folder, name), { recursive: true });
    await damage(join(folder, name));
    const options = { model: join(folder, name), helper: whole.own, cacheDir: join(folder, 'cache') };
    const engine = await loadEngine((await resolveModel(options)).directory);
    t.after(() => engine.close());
    return engine;
  };
  const empty = await open('nan', async (at) => {
    await writeFile(join(at, weights), Buffer.alloc((await readFile(join(at, weights))).length, 0xff));
  });
  await assert.rejects(empty.generate(request, control), {
    code: 'MODEL_ERROR',
    message: /logits that are no finite numbers/,
  });
  const shifted = await open('shifted', async (at) => {
    const file = JSON.parse(await readFile(join(at, 'tokenizer.json'), 'utf8')) as {
      model: { vocab: Record<string, number> };
    };
    for (const spelling of Object.keys(file.model.vocab)) file.model.vocab[spelling]! += 100_000;
    await writeFile(join(at, 'tokenizer.json'), JSON.stringify(file));
  });
  await assert.rejects(shifted.generate(request, control), {
    code: 'MODEL_ERROR',
    message: /The model failed.*its own/,
  });
});

test('a stranger’s licence is one short line', async (t) => {
  const folder = await temporaryFolder(t);
  const licenceOf = async (license: string): Promise<string> => {
    await rm(join(folder, 'model'), { recursive: true, force: true });
    await cp(whole.foreign, join(folder, 'model'), { recursive: true });
    await json('config.json', { license })(join(folder, 'model'));
    const options = { model: join(folder, 'model'), helper: whole.own, cacheDir: join(folder, 'cache') };
    return (await resolveModel(options)).info.licence;
  };
  assert.equal(await licenceOf('MIT'), 'MIT');
  assert.equal(await licenceOf('\u001b[31mMIT\u202e\n'), '[31mMIT');
  assert.equal(await licenceOf('x'.repeat(1_000)), 'see the model');
});

test('what was resolved can be named again, and follows the files that it was made of', async (t) => {
  const folder = await temporaryFolder(t);
  await cp(whole.foreign, join(folder, 'model'), { recursive: true });
  const cacheDir = join(folder, 'cache');
  const helper = whole.own;
  const first = await resolveModel({ model: join(folder, 'model'), helper, cacheDir });
  assert.deepEqual(await resolveModel({ model: first.directory, helper, cacheDir }), first);
  await json('config.json', { max_position_embeddings: 99 })(join(folder, 'model'));
  assert.notEqual((await resolveModel({ model: first.directory, helper, cacheDir })).hash, first.hash);
  const server = await resolveModel({ model: 'http://127.0.0.1:9/v1#a%20model%2Fb', helper, cacheDir });
  assert.deepEqual(await resolveModel({ model: server.directory, helper, cacheDir }), server);
  for (const rubbish of ['null', '{}', '{"kind":"http"}', '{']) {
    await writeFile(join(server.directory, 'backend.json'), rubbish);
    await assert.rejects(resolveModel({ model: server.directory, helper, cacheDir }), {
      code: 'MODEL_FORMAT',
      message: /backend\.json describes no model\. Remove it/,
    });
  }
});
