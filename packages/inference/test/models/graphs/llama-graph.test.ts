import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { MatrixSize, Q4Matrix, Q8Matrix } from '../../../src/models/gguf/blocks.ts';
import { llamaGraph } from '../../../src/models/graphs/llama-graph.ts';
import { type LayerMatrix, type LlamaSource, storeLlama } from '../../../src/models/graphs/llama-tensors.ts';
import type { LlamaShape } from '../../../src/models/manifest.ts';
import { WeightFile } from '../../../src/models/onnx/weight-file.ts';
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
const KEY_VALUE = SHAPE.keyValueHeads * SHAPE.headSize;
const RANK = 2;

type Row = readonly number[];
type Matrix = readonly Row[];

const SIZES: Readonly<Record<LayerMatrix, MatrixSize>> = {
  query: { rows: 64, columns: 64 },
  key: { rows: KEY_VALUE, columns: 64 },
  value: { rows: KEY_VALUE, columns: 64 },
  attentionOutput: { rows: 64, columns: 64 },
  gate: { rows: 96, columns: 64 },
  up: { rows: 96, columns: 64 },
  down: { rows: 64, columns: 96 },
};

/** Random weights with uneven scales and minimums, each drawn once. */
function randomWeights() {
  const prng = createPrng(11);
  const q4 = ({ rows, columns }: MatrixSize): Q4Matrix => ({
    rows,
    columns,
    codes: Uint8Array.from({ length: (rows * columns) / 2 }, () => prng.uint32() & 255),
    scales: Float32Array.from({ length: (rows * columns) / 32 }, () => 0.03 + 0.01 * prng.signed()),
    minimums: Float32Array.from({ length: (rows * columns) / 32 }, () => -0.2 + 0.1 * prng.signed()),
  });
  const norm = () => Float32Array.from({ length: 64 }, () => 1 + 0.3 * prng.signed());
  const embedding: Q8Matrix = {
    rows: SHAPE.vocabulary,
    columns: 64,
    codes: Uint8Array.from({ length: SHAPE.vocabulary * 64 }, () => prng.uint32() & 255),
    scales: Float32Array.from({ length: SHAPE.vocabulary * 2 }, () => 0.006 + 0.003 * prng.signed()),
  };
  const layers = Array.from({ length: SHAPE.layers }, () => ({
    attentionNorm: norm(),
    feedForwardNorm: norm(),
    matrices: Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, q4(size)])),
  }));
  const factor = (rows: number, columns: number): Matrix =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0.3 * prng.signed()));
  const adapters = layers.map(() => ({
    qA: factor(64, RANK),
    qB: factor(RANK, 64),
    vA: factor(64, RANK),
    vB: factor(RANK, KEY_VALUE),
  }));
  return { embedding, finalNorm: norm(), layers, adapters };
}

type Weights = ReturnType<typeof randomWeights>;

function sourceOf(weights: Weights): LlamaSource {
  return {
    embedding: async () => weights.embedding,
    finalNorm: async () => weights.finalNorm,
    vector: async (layer, name) => weights.layers[layer]![name],
    matrix: async (layer, name) => weights.layers[layer]!.matrices[name]!,
  };
}

// ---- the model in plain arithmetic, written from its definition

function times(matrix: Q4Matrix, x: Row): number[] {
  return Array.from({ length: matrix.rows }, (_, row) =>
    x.reduce((sum, value, column) => {
      const at = row * matrix.columns + column;
      const code = (matrix.codes[at >> 1]! >> (4 * (at % 2))) & 15;
      return sum + value * (matrix.scales[at >> 5]! * code + matrix.minimums[at >> 5]!);
    }, 0),
  );
}

const embeddingRow = ({ embedding }: Weights, id: number): number[] =>
  Array.from({ length: 64 }, (_, i) => (embedding.codes[id * 64 + i]! - 128) * embedding.scales[id * 2 + (i >> 5)]!);

function normalise(x: Row, weight: Float32Array): number[] {
  const root = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + SHAPE.normEpsilon);
  return x.map((value, i) => (value / root) * weight[i]!);
}

const add = (a: Row, b: Row): number[] => a.map((value, i) => value + b[i]!);
const lowRank = (x: Row, A: Matrix, B: Matrix): number[] => {
  const reduced = A[0]!.map((_, r) => x.reduce((sum, value, i) => sum + value * A[i]![r]!, 0));
  return B[0]!.map((_, i) => reduced.reduce((sum, value, r) => sum + value * B[r]![i]!, 0));
};

/** Rotates the halves of each head by angles that grow with the position. */
function rotate(x: Row, position: number): number[] {
  const half = SHAPE.headSize / 2;
  return x.map((value, at) => {
    const i = at % SHAPE.headSize;
    const angle = position * SHAPE.ropeTheta ** (-(i % half) / half);
    const partner = i < half ? -x[at + half]! : x[at - half]!;
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

function attend(query: Row, keys: Matrix, values: Matrix): number[] {
  const { heads, keyValueHeads, headSize } = SHAPE;
  return Array.from({ length: heads * headSize }, (_, at) => {
    const head = Math.floor(at / headSize);
    const shared = Math.floor(head / (heads / keyValueHeads)) * headSize;
    const scores = keys.map((key) => {
      let dot = 0;
      for (let i = 0; i < headSize; i++) dot += query[head * headSize + i]! * key[shared + i]!;
      return Math.exp(dot / Math.sqrt(headSize));
    });
    const total = scores.reduce((a, b) => a + b);
    return scores.reduce((sum, score, t) => sum + (score / total) * values[t]![shared + (at % headSize)]!, 0);
  });
}

function logitsOf(weights: Weights, ids: Row): Matrix {
  let states: number[][] = ids.map((id) => embeddingRow(weights, id));
  weights.layers.forEach(({ attentionNorm, feedForwardNorm, matrices }, index) => {
    const { qA, qB, vA, vB } = weights.adapters[index]!;
    const inputs = states.map((x) => normalise(x, attentionNorm));
    const queries = inputs.map((x, t) => rotate(add(times(matrices['query']!, x), lowRank(x, qA, qB)), t));
    const keys = inputs.map((x, t) => rotate(times(matrices['key']!, x), t));
    const values = inputs.map((x) => add(times(matrices['value']!, x), lowRank(x, vA, vB)));
    states = states.map((x, t) => {
      const attended = attend(queries[t]!, keys.slice(0, t + 1), values.slice(0, t + 1));
      const middle = add(x, times(matrices['attentionOutput']!, attended));
      const input = normalise(middle, feedForwardNorm);
      const up = times(matrices['up']!, input);
      const gated = times(matrices['gate']!, input).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
      return add(middle, times(matrices['down']!, gated));
    });
  });
  return states.map((state) => {
    const final = normalise(state, weights.finalNorm);
    return Array.from({ length: SHAPE.vocabulary }, (_, id) =>
      embeddingRow(weights, id).reduce((sum, value, i) => sum + value * final[i]!, 0),
    );
  });
}

// ---- the graph

async function graphLogits(folder: string, weights: Weights, ids: Row): Promise<Matrix> {
  const file = await WeightFile.create(join(folder, 'weights.bin'));
  const tensors = await storeLlama(file, SHAPE, sourceOf(weights));
  await file.close();
  await writeFile(join(folder, 'generate.onnx'), llamaGraph(SHAPE, tensors));
  const session = await ort.InferenceSession.create(join(folder, 'generate.onnx'), { intraOpNumThreads: 1 });
  const int64 = (values: Row, dims: Row) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const stack = (name: 'qA' | 'qB' | 'vA' | 'vB', dims: Row) =>
    new ort.Tensor('float32', Float32Array.from(weights.adapters.flatMap((adapter) => adapter[name].flat())), dims);
  const empty = new ort.Tensor('float32', new Float32Array(0), [1, SHAPE.keyValueHeads, 0, SHAPE.headSize]);
  const caches = [0, 1].flatMap((layer) => [`past.${layer}.key`, `past.${layer}.value`]);
  const results = await session.run({
    input_ids: int64(ids, [1, ids.length]),
    seqlens_k: new ort.Tensor('int32', Int32Array.of(ids.length - 1), [1]),
    total_len: new ort.Tensor('int32', Int32Array.of(ids.length), [1]),
    sel: int64([...ids.keys()], [ids.length]),
    lora_qA: stack('qA', [2, 64, RANK]),
    lora_qB: stack('qB', [2, RANK, 64]),
    lora_vA: stack('vA', [2, 64, RANK]),
    lora_vB: stack('vB', [2, RANK, KEY_VALUE]),
    ...Object.fromEntries(caches.map((name) => [name, empty])),
  });
  await session.release();
  const data = results['logits']!.data as Float32Array;
  return ids.map((_, t) => [...data.subarray(t * SHAPE.vocabulary, (t + 1) * SHAPE.vocabulary)]);
}

test('the graph computes what the model is defined to compute, up to 8-bit activations', async (t) => {
  const weights = randomWeights();
  const ids = [1, 30, 7, 7, 39, 12, 0, 25];
  const actual = await graphLogits(await temporaryFolder(t), weights, ids);
  const expected = logitsOf(weights, ids);
  const difference = actual.flatMap((row, k) => row.map((value, i) => (value - expected[k]![i]!) ** 2));
  const power = expected.flat().map((value) => value ** 2);
  const relative = Math.sqrt(difference.reduce((a, b) => a + b) / power.reduce((a, b) => a + b));
  assert.ok(relative < 0.04, `relative error ${relative}`);
});
