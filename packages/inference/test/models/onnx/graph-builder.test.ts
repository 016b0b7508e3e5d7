import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { GraphBuilder } from '../../../src/models/onnx/graph-builder.ts';
import { reshaped, WeightFile } from '../../../src/models/onnx/weight-file.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('a graph with inline and stored tensors, all attribute kinds and a named dimension runs as written', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await WeightFile.create(join(folder, 'weights.bin'));
  await file.append({ name: 'before', type: 'uint8', dims: [3] }, Uint8Array.of(9, 9, 9));
  const weight = await file.append({ name: 'W', type: 'float32', dims: [2, 3] }, Float32Array.of(-2, -1, 0, 1, 2, 3));
  await file.close();

  const graph = new GraphBuilder('test');
  graph.input('X', 'float32', ['rows', 2]);
  const product = graph.node('MatMul', ['X', graph.stored(weight)]);
  const shifted = graph.node('Add', [product, graph.inline('B', 'float32', [3], Float32Array.of(1, -100, 3))]);
  const activated = graph.node('LeakyRelu', [shifted], { attributes: { alpha: { float: 0.5 } } });
  graph.node('Transpose', [activated], { outputs: ['Y'], attributes: { perm: [1, 0] } });
  graph.output('Y', 'float32', [3, 'rows']);
  graph.node('Reshape', [graph.stored(reshaped(weight, 'W.flat', [6])), graph.integers(3, 2)], { outputs: ['Z'] });
  graph.output('Z', 'float32', [3, 2]);
  await writeFile(join(folder, 'graph.onnx'), graph.encode());

  const session = await ort.InferenceSession.create(join(folder, 'graph.onnx'));
  const results = await session.run({ X: new ort.Tensor('float32', Float32Array.of(1, 2, 0, 1), [2, 2]) });
  await session.release();
  // X·W = [[0, 3, 6], [1, 2, 3]], plus B, negative halves, transposed.
  assert.deepEqual([...(results['Y']!.data as Float32Array)], [1, 2, -48.5, -49, 9, 6]);
  assert.deepEqual(results['Y']!.dims, [3, 2]);
  assert.deepEqual([...(results['Z']!.data as Float32Array)], [-2, -1, 0, 1, 2, 3]);
});

test('tensors of a page or more start at page boundaries, smaller ones at cache lines', async (t) => {
  const path = join(await temporaryFolder(t), 'weights.bin');
  const file = await WeightFile.create(path);
  const offsets: number[] = [];
  for (const bytes of [5, 6, 4096, 1, 5000]) {
    const stored = await file.append({ name: 'x', type: 'uint8', dims: [bytes] }, new Uint8Array(bytes));
    offsets.push(stored.offset);
  }
  await file.close();
  assert.deepEqual(offsets, [0, 64, 4096, 8192, 12288]);
  assert.equal((await stat(path)).size, 12288 + 5000);
});

test('equal graphs encode to equal bytes and a repeated constant is kept once', () => {
  const build = (repeats: number) => {
    const graph = new GraphBuilder('g');
    for (let i = 0; i < repeats; i++) graph.integers(1, 2, 3);
    return graph.encode();
  };
  assert.deepEqual(build(1), build(1));
  assert.deepEqual(build(1), build(5));
});
