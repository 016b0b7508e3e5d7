import assert from 'node:assert/strict';
import { copyFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadEngine } from '../../src/engine/engine.ts';
import type { ModelManifest } from '../../src/models/index.ts';
import { temporaryFolder } from '../models/temporary-folder.ts';
import { tinyModel, undisturbed } from './tiny-model.ts';

const whole = await tinyModel();

type Change = (manifest: ModelManifest) => object;
const sizes =
  (change: Partial<ModelManifest['architecture']>): Change =>
  (manifest) => ({ ...manifest, architecture: { ...manifest.architecture, ...change } });

const manifests: readonly (readonly [name: string, change: Change, code: string, message: RegExp])[] = [
  ['a thousand million layers', sizes({ layers: 1e9 }), 'MODEL_ERROR', /generate\.onnx is not the graph/],
  ['one layer too few', sizes({ layers: 1 }), 'MODEL_ERROR', /generate\.onnx is not the graph/],
  ['heads without number', sizes({ keyValueHeads: 1e9 }), 'MODEL_ERROR', /generate\.onnx is not the graph/],
  ['other heads', sizes({ headSize: 8 }), 'MODEL_ERROR', /generate\.onnx is not the graph/],
  ['half a layer', sizes({ layers: 1.5 }), 'MODEL_FORMAT', /lacks a usable layers\. Remove the folder/],
  ['no context', sizes({ contextTokens: 0 }), 'MODEL_FORMAT', /lacks a usable contextTokens/],
];
for (const [name, change, code, message] of manifests) {
  test(`a manifest with ${name} is one clear error before anything is computed`, async (t) => {
    const folder = await temporaryFolder(t);
    await cp(whole, folder, { recursive: true });
    const path = join(folder, 'model.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as ModelManifest;
    await writeFile(path, JSON.stringify(change(manifest)));
    await assert.rejects(loadEngine(folder), { code, message });
  });
}

test('a graph that lacks an input or an output of ours is told, however much else is right', async (t) => {
  const folder = await temporaryFolder(t);
  await cp(whole, folder, { recursive: true });
  const graph = await readFile(join(whole, 'generate.onnx'), 'latin1');
  // Names of the same length, so that the file stays a graph.
  for (const name of ['lora_qA', 'seqlens_k', 'logits']) {
    const other = `${name.slice(0, -1)}#`;
    await writeFile(join(folder, 'generate.onnx'), Buffer.from(graph.replaceAll(name, other), 'latin1'));
    const message = /generate\.onnx is not the graph/;
    await assert.rejects(loadEngine(folder), { code: 'MODEL_ERROR', message }, name);
  }
});

test('a graph in the place of another, and vectors of another width, are told', async (t) => {
  const folder = await temporaryFolder(t);
  const swap = async (from: string, to: string): Promise<string> => {
    const swapped = join(folder, to);
    await cp(whole, swapped, { recursive: true });
    await copyFile(join(whole, from), join(swapped, to));
    return swapped;
  };
  for (const [from, to] of [
    ['embed.onnx', 'generate.onnx'],
    ['generate.onnx', 'embed.onnx'],
  ] as const) {
    const message = new RegExp(`${to} is not the graph that model\\.json describes. Remove the folder`);
    await assert.rejects(loadEngine(await swap(from, to)), { code: 'MODEL_ERROR', message });
  }
  await assert.rejects(loadEngine(await swap('model.json', 'embed-tokenizer.json')), {
    code: 'MODEL_ERROR',
    message: /The tokenizer of .* cannot be used/,
  });
  const narrow = await swap('model.json', 'model.json');
  const manifest = JSON.parse(await readFile(join(narrow, 'model.json'), 'utf8')) as ModelManifest;
  const embedder = { ...manifest.embedder, dimensions: 1 };
  await writeFile(join(narrow, 'model.json'), JSON.stringify({ ...manifest, embedder }));
  const engine = await loadEngine(narrow);
  t.after(() => engine.close());
  await assert.rejects(engine.embed(['one'], undisturbed), { code: 'MODEL_ERROR', message: /embed\.onnx is not/ });
});
