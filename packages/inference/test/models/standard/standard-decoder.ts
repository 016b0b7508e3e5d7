/**
 * A llama as an ordinary ONNX decoder, the form in which model hubs publish them: dense 32-bit weights and the usual
 * names. Owns that second, independent graph: the product's own is compared with it, and tests load it as a foreign model.
 *
 * Inputs: input_ids, attention_mask, position_ids int64; past_key_values.i.key and .value [B, keyValueHeads, P, headSize].
 * Outputs: logits [B, S, V]; present.i.key and .value.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOCK_SIZE, type Q4Matrix, type Q8Matrix } from '../../../src/models/gguf/blocks.ts';
import type { LayerMatrix, LlamaSource } from '../../../src/models/graphs/llama-tensors.ts';
import { rotaryTables } from '../../../src/models/graphs/rotary.ts';
import type { LlamaShape } from '../../../src/models/manifest.ts';
import { GraphBuilder } from '../../../src/models/onnx/graph-builder.ts';
import { TENSOR_TYPE_CODE } from '../../../src/models/onnx/schema.ts';
import { WeightFile } from '../../../src/models/onnx/weight-file.ts';

/** Some published models keep keys and values in 16 bits. */
export type CacheType = 'float32' | 'float16';

/** Writes `onnx/model.onnx` and its `model.onnx_data` under `directory`. */
export async function writeStandardDecoder(
  directory: string,
  shape: LlamaShape,
  source: LlamaSource,
  cacheType: CacheType = 'float32',
): Promise<void> {
  await mkdir(join(directory, 'onnx'), { recursive: true });
  const file = await WeightFile.create(join(directory, 'onnx', 'model.onnx_data'));
  try {
    await writeFile(
      join(directory, 'onnx', 'model.onnx'),
      await new StandardDecoder(file, shape, source, cacheType).build(),
    );
  } finally {
    await file.close();
  }
}

class StandardDecoder {
  readonly #graph = new GraphBuilder('decoder');
  readonly #file: WeightFile;
  readonly #shape: LlamaShape;
  readonly #source: LlamaSource;

  readonly #cacheType: CacheType;

  constructor(file: WeightFile, shape: LlamaShape, source: LlamaSource, cacheType: CacheType) {
    this.#cacheType = cacheType;
    this.#file = file;
    this.#shape = shape;
    this.#source = source;
  }

  async build(): Promise<Uint8Array> {
    const graph = this.#graph;
    const { layers, hidden, vocabulary, keyValueHeads, headSize } = this.#shape;
    graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
    graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
    graph.input('position_ids', 'int64', ['batch_size', 'sequence_length']);
    const table = await this.#tensor('embedding', [vocabulary, hidden], denseQ8(await this.#source.embedding()));
    let state = graph.node('Gather', [table, 'input_ids']);
    const lengths = this.#lengths();
    const rotary = await this.#rotary();
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        graph.input(`past_key_values.${layer}.${part}`, this.#cacheType, [
          'batch_size',
          keyValueHeads,
          'past_sequence_length',
          headSize,
        ]);
      }
      state = await this.#layer(state, layer, [...lengths, ...rotary]);
    }
    const normalised = await this.#normalise(state, 'norm', await this.#source.finalNorm());
    graph.contrib('FusedMatMul', [normalised, table], { outputs: ['logits'], attributes: { transB: 1 } });
    graph.output('logits', 'float32', ['batch_size', 'sequence_length', vocabulary]);
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        graph.output(`present.${layer}.${part}`, this.#cacheType, [
          'batch_size',
          keyValueHeads,
          'total_sequence_length',
          headSize,
        ]);
      }
    }
    return graph.encode();
  }

  /** The last position of each row, and the width of the mask. */
  #lengths(): readonly string[] {
    const graph = this.#graph;
    const to32 = (value: string) => graph.node('Cast', [value], { attributes: { to: TENSOR_TYPE_CODE.int32 } });
    const counts = graph.node('ReduceSum', ['attention_mask', graph.integers(1)], { attributes: { keepdims: 0 } });
    const width = graph.node('Gather', [graph.node('Shape', ['attention_mask']), graph.integers(1)]);
    return [to32(graph.node('Sub', [counts, graph.integer(1)])), to32(width)];
  }

  async #rotary(): Promise<readonly string[]> {
    const { contextTokens, headSize, ropeTheta } = this.#shape;
    const { cos, sin } = rotaryTables({ positions: contextTokens, headSize, theta: ropeTheta });
    const dims = [contextTokens, headSize / 2];
    return [await this.#tensor('cos', dims, cos), await this.#tensor('sin', dims, sin)];
  }

  async #layer(state: string, layer: number, shared: readonly string[]): Promise<string> {
    const graph = this.#graph;
    const vector = (name: 'attentionNorm' | 'feedForwardNorm') => this.#source.vector(layer, name);
    const linear = (input: string, name: LayerMatrix) => this.#linear(input, layer, name);
    const input = await this.#normalise(state, `${layer}.attentionNorm`, await vector('attentionNorm'));
    const parts = [await linear(input, 'query'), await linear(input, 'key'), await linear(input, 'value')];
    const past = ['key', 'value'].map((part) => this.#past(`past_key_values.${layer}.${part}`));
    const presents = ['key', 'value'].map((part) => `present.${layer}.${part}`);
    const wide = this.#cacheType === 'float32' ? presents : presents.map((name) => `wide.${name}`);
    const attended = graph.contrib('GroupQueryAttention', [...parts, ...past, ...shared], {
      outputs: [`attended.${layer}`, ...wide],
      attributes: { num_heads: this.#shape.heads, kv_num_heads: this.#shape.keyValueHeads, do_rotary: 1 },
    });
    if (this.#cacheType === 'float16') {
      for (const [at, name] of presents.entries()) {
        graph.node('Cast', [wide[at]!], { outputs: [name], attributes: { to: TENSOR_TYPE_CODE.float16 } });
      }
    }
    const middle = graph.node('Add', [state, await linear(attended, 'attentionOutput')]);
    const inner = await this.#normalise(middle, `${layer}.feedForwardNorm`, await vector('feedForwardNorm'));
    const gate = await linear(inner, 'gate');
    const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
    const gated = graph.node('Mul', [silu, await linear(inner, 'up')]);
    return graph.node('Add', [middle, await linear(gated, 'down')]);
  }

  /** Attention computes in 32 bits. The slice hides the length, or the runtime would take past and present for equally long. */
  #past(name: string): string {
    const graph = this.#graph;
    if (this.#cacheType === 'float32') return name;
    const whole = graph.node('Slice', [name, graph.integers(0), graph.integers(2 ** 31), graph.integers(2)]);
    return graph.node('Cast', [whole], { attributes: { to: TENSOR_TYPE_CODE.float32 } });
  }

  async #normalise(input: string, name: string, weight: Float32Array): Promise<string> {
    const scale = await this.#tensor(name, [weight.length], weight);
    return this.#graph.node('SimplifiedLayerNormalization', [input, scale], {
      attributes: { axis: -1, epsilon: { float: this.#shape.normEpsilon } },
    });
  }

  async #linear(input: string, layer: number, name: LayerMatrix): Promise<string> {
    const matrix = await this.#source.matrix(layer, name);
    const { rows, columns } = matrix;
    const weight = await this.#tensor(`${layer}.${name}`, [columns, rows], transposed(denseQ4(matrix), rows, columns));
    return this.#graph.node('MatMul', [input, weight]);
  }

  async #tensor(name: string, dims: readonly number[], data: Float32Array): Promise<string> {
    return this.#graph.stored(await this.#file.append({ name, type: 'float32', dims }, data));
  }
}

/** scale·code + minimum, row by row. */
export function denseQ4({ rows, columns, codes, scales, minimums }: Q4Matrix): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const block = Math.floor(at / BLOCK_SIZE);
    return scales[block]! * ((codes[at >> 1]! >> (4 * (at % 2))) & 15) + minimums[block]!;
  });
}

function denseQ8({ codes, scales }: Q8Matrix): Float32Array {
  return Float32Array.from(codes, (code, at) => (code - 128) * scales[Math.floor(at / BLOCK_SIZE)]!);
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: data.length }, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!);
}
