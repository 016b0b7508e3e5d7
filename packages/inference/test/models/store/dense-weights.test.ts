import assert from 'node:assert/strict';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MatrixSize, Q4Matrix, Q8Matrix } from '../../../src/models/gguf/blocks.ts';
import { llamaGraph } from '../../../src/models/graphs/llama-graph.ts';
import { type LayerMatrix, type LlamaSource, storeLlama } from '../../../src/models/graphs/llama-tensors.ts';
import type { LlamaShape } from '../../../src/models/manifest.ts';
import { WeightFile } from '../../../src/models/onnx/weight-file.ts';
import { readDenseWeights } from '../../../src/models/store/dense-weights.ts';
import { createPrng } from '../../../src/models/tiny/prng.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SHAPE: LlamaShape = {
  layers: 2,
  hidden: 64,
  feedForward: 96,
  heads: 4,
  keyValueHeads: 2,
  headSize: 16,
  vocabulary: 40,
  contextTokens: 32,
  ropeTheta: 100,
  normEpsilon: 1e-5,
  loraRank: 8,
  beginToken: 1,
  endToken: 2,
  parameters: 0,
};

const SIZES: Readonly<Record<LayerMatrix, MatrixSize>> = {
  query: { rows: 64, columns: 64 },
  key: { rows: 32, columns: 64 },
  value: { rows: 32, columns: 64 },
  attentionOutput: { rows: 64, columns: 64 },
  gate: { rows: 96, columns: 64 },
  up: { rows: 96, columns: 64 },
  down: { rows: 64, columns: 96 },
};

const prng = createPrng(6);

function q4({ rows, columns }: MatrixSize): Q4Matrix {
  const blocks = (rows * columns) / 32;
  return {
    rows,
    columns,
    codes: Uint8Array.from({ length: (rows * columns) / 2 }, () => prng.uint32() & 255),
    scales: Float32Array.from({ length: blocks }, () => 0.03 + 0.01 * prng.signed()),
    minimums: Float32Array.from({ length: blocks }, () => -0.2 + 0.1 * prng.signed()),
  };
}

const embedding: Q8Matrix = {
  rows: 40,
  columns: 64,
  codes: Uint8Array.from({ length: 40 * 64 }, () => prng.uint32() & 255),
  scales: Float32Array.from({ length: 80 }, () => 0.006 + 0.003 * prng.signed()),
};
const norm = () => Float32Array.from({ length: 64 }, () => 1 + 0.3 * prng.signed());
const layers = Array.from({ length: SHAPE.layers }, () => ({
  attentionNorm: norm(),
  feedForwardNorm: norm(),
  matrices: Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, q4(size)])),
}));
const finalNorm = norm();

const source: LlamaSource = {
  embedding: async () => embedding,
  finalNorm: async () => finalNorm,
  vector: async (layer, name) => layers[layer]![name],
  matrix: async (layer, name) => layers[layer]!.matrices[name]!,
};

/** What a block-quantised matrix stands for, from its definition. */
const plain = ({ columns, rows, codes, scales, minimums }: Q4Matrix): number[] =>
  Array.from({ length: rows * columns }, (_, at) => {
    const code = (codes[at >> 1]! >> (4 * (at % 2))) & 15;
    return scales[at >> 5]! * code + minimums[at >> 5]!;
  });

function assertClose(actual: Float32Array, expected: readonly number[], name: string): void {
  assert.equal(actual.length, expected.length, name);
  // Stored layouts may round minimums a little (corrected-matrix.ts); a code is worth 0.02 here at least.
  actual.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 5e-4, `${name} ${i}: ${value} against ${expected[i]}`);
  });
}

async function modelFolder(folder: string): Promise<string> {
  const file = await WeightFile.create(join(folder, 'weights.bin'));
  const tensors = await storeLlama(file, SHAPE, source);
  await file.close();
  await writeFile(join(folder, 'generate.onnx'), llamaGraph(SHAPE, tensors));
  return folder;
}

test('every weight reads back as the floats that its source stands for', async (t) => {
  const weights = await readDenseWeights(await modelFolder(await temporaryFolder(t)), SHAPE);
  const expected = embedding.codes.map((code) => code);
  assertClose(
    weights['embedding']!.data,
    [...expected].map((code, at) => (code - 128) * embedding.scales[at >> 5]!),
    'embedding',
  );
  assert.deepEqual(weights['norm']!.data, finalNorm);
  for (const [i, { matrices, attentionNorm, feedForwardNorm }] of layers.entries()) {
    assert.deepEqual(weights[`layer${i}.attentionNorm`]!.data, attentionNorm);
    assert.deepEqual(weights[`layer${i}.feedForwardNorm`]!.data, feedForwardNorm);
    const stacks = {
      queryKeyValue: ['query', 'key', 'value'],
      attentionOutput: ['attentionOutput'],
      gateAndUp: ['gate', 'up'],
      down: ['down'],
    } as const;
    for (const [name, parts] of Object.entries(stacks)) {
      const { data, dims } = weights[`layer${i}.${name}`]!;
      assert.deepEqual(dims, [data.length / SIZES[parts[0]].columns, SIZES[parts[0]].columns]);
      assertClose(
        data,
        parts.flatMap((part) => plain(matrices[part]!)),
        `${i} ${name}`,
      );
    }
  }
});

test('a folder without graph or with cut weights is a clear error; reading can be aborted', async (t) => {
  const folder = await modelFolder(await temporaryFolder(t));
  const abort = new AbortController();
  abort.abort(new Error('enough'));
  await assert.rejects(readDenseWeights(folder, SHAPE, abort.signal), { message: 'enough' });
  await truncate(join(folder, 'weights.bin'), 5000);
  await assert.rejects(readDenseWeights(folder, SHAPE), { code: 'MODEL_FORMAT' });
  await writeFile(join(folder, 'generate.onnx'), 'no graph');
  await assert.rejects(readDenseWeights(folder, SHAPE), { code: 'MODEL_FORMAT' });
  await rm(join(folder, 'generate.onnx'));
  await assert.rejects(readDenseWeights(folder, SHAPE), { code: 'MODEL_NOT_FOUND' });
});
