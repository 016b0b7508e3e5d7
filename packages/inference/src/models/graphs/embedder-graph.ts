/**
 * The sentence embedder as an ONNX graph: a BERT encoder, mean pooling over unmasked tokens, unit length. Owns the
 * arithmetic and the rounding of its weights to 8 bits; where weights come from is the caller's.
 *
 * Inputs: input_ids int64 [B, S], attention_mask int64 [B, S]. Output: embedding float32 [B, hidden].
 */
import type { FloatTensor } from '../files/safetensors-file.ts';
import { BLOCK_SIZE } from '../gguf/blocks.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { TENSOR_TYPE_CODE } from '../onnx/schema.ts';
import { nBits } from './llama-graph.ts';

export type EmbedderShape = {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly normEpsilon: number;
};

/** Weights under their BERT names, e.g. `encoder.layer.0.attention.self.query.weight`. */
export type EmbedderSource = (name: string) => Promise<FloatTensor>;

/** Large enough to silence masked positions, small enough for 32-bit floats. */
const MASK_PENALTY = 1e9;

/** The bytes of embed.onnx, weights inside. */
export async function embedderGraph(shape: EmbedderShape, source: EmbedderSource): Promise<Uint8Array> {
  const graph = new GraphBuilder('embedder');
  graph.input('input_ids', 'int64', ['B', 'S']);
  graph.input('attention_mask', 'int64', ['B', 'S']);
  const mask = graph.node('Cast', ['attention_mask'], { attributes: { to: TENSOR_TYPE_CODE.float32 } });
  const encoder = new EncoderGraph(graph, shape, source);
  const encoded = await encoder.encode(mask);
  const kept = graph.node('Mul', [encoded, graph.node('Unsqueeze', [mask, graph.integers(-1)])]);
  // Dividing by the number of tokens would only change the length, which the next node fixes anyway.
  const sum = graph.node('ReduceSum', [kept, graph.integers(1)], { attributes: { keepdims: 0 } });
  graph.node('LpNormalization', [sum], { outputs: ['embedding'], attributes: { axis: -1, p: 2 } });
  graph.output('embedding', 'float32', ['B', shape.hidden]);
  return graph.encode();
}

class EncoderGraph {
  readonly #graph: GraphBuilder;
  readonly #shape: EmbedderShape;
  readonly #source: EmbedderSource;

  constructor(graph: GraphBuilder, shape: EmbedderShape, source: EmbedderSource) {
    this.#graph = graph;
    this.#shape = shape;
    this.#source = source;
  }

  async encode(mask: string): Promise<string> {
    const graph = this.#graph;
    const present = graph.node('Mul', [graph.node('Sub', [mask, graph.float(1)]), graph.float(MASK_PENALTY)]);
    const bias = graph.node('Unsqueeze', [present, graph.integers(1, 2)]);
    let state = await this.#embed();
    for (let layer = 0; layer < this.#shape.layers; layer++) state = await this.#layer(state, bias, layer);
    return state;
  }

  async #embed(): Promise<string> {
    const graph = this.#graph;
    const words = await this.#source('embeddings.word_embeddings.weight');
    const types = await this.#source('embeddings.token_type_embeddings.weight');
    const { codes, scales } = quantiseRows(words, types.data);
    const rows = graph.node('Gather', [graph.inline('words.codes', 'int8', words.dims, codes), 'input_ids']);
    const floats = graph.node('Cast', [rows], { attributes: { to: TENSOR_TYPE_CODE.float32 } });
    const scaleOf = graph.inline('words.scales', 'float32', [scales.length], scales);
    const rowScales = graph.node('Unsqueeze', [graph.node('Gather', [scaleOf, 'input_ids']), graph.integers(-1)]);
    const sum = graph.node('Add', [graph.node('Mul', [floats, rowScales]), await this.#positions()]);
    return await this.#normalise(sum, 'embeddings.LayerNorm');
  }

  async #positions(): Promise<string> {
    const graph = this.#graph;
    const name = 'embeddings.position_embeddings.weight';
    const table = await this.#source(name);
    const stored = graph.inline(name, 'float32', table.dims, table.data);
    const length = graph.node('Slice', [graph.node('Shape', ['input_ids']), graph.integers(1), graph.integers(2)]);
    return graph.node('Slice', [stored, graph.integers(0), length, graph.integers(0)]);
  }

  async #layer(state: string, bias: string, layer: number): Promise<string> {
    const graph = this.#graph;
    const prefix = `encoder.layer.${layer}`;
    const attended = await this.#linear(await this.#attention(state, bias, prefix), `${prefix}.attention.output.dense`);
    const middle = await this.#normalise(graph.node('Add', [state, attended]), `${prefix}.attention.output.LayerNorm`);
    const inner = graph.node('Gelu', [await this.#linear(middle, `${prefix}.intermediate.dense`)]);
    const outer = await this.#linear(inner, `${prefix}.output.dense`);
    return await this.#normalise(graph.node('Add', [middle, outer]), `${prefix}.output.LayerNorm`);
  }

  async #attention(state: string, bias: string, prefix: string): Promise<string> {
    const graph = this.#graph;
    const { heads, hidden } = this.#shape;
    const headSize = hidden / heads;
    const split = async (part: string, perm: readonly number[]) => {
      const projected = await this.#linear(state, `${prefix}.attention.self.${part}`);
      const parted = graph.node('Reshape', [projected, graph.integers(0, 0, heads, headSize)]);
      return graph.node('Transpose', [parted], { attributes: { perm } });
    };
    const query = await split('query', [0, 2, 1, 3]);
    const key = await split('key', [0, 2, 3, 1]);
    const value = await split('value', [0, 2, 1, 3]);
    const products = graph.node('Mul', [graph.node('MatMul', [query, key]), graph.float(1 / Math.sqrt(headSize))]);
    const weights = graph.node('Softmax', [graph.node('Add', [products, bias])], { attributes: { axis: -1 } });
    const mixed = graph.node('Transpose', [graph.node('MatMul', [weights, value])], {
      attributes: { perm: [0, 2, 1, 3] },
    });
    return graph.node('Reshape', [mixed, graph.integers(0, 0, hidden)]);
  }

  async #linear(input: string, name: string): Promise<string> {
    const graph = this.#graph;
    const weight = await this.#source(`${name}.weight`);
    const bias = await this.#source(`${name}.bias`);
    const [rows, columns] = [weight.dims[0]!, weight.dims[1]!];
    const { codes, scales } = quantiseBlocks(weight.data);
    const blocks = columns / BLOCK_SIZE;
    const operands = [
      input,
      graph.inline(`${name}.codes`, 'uint8', [rows, blocks, BLOCK_SIZE], codes),
      graph.inline(`${name}.scales`, 'float32', [rows * blocks], scales),
    ];
    const product = graph.contrib('MatMulNBits', operands, { attributes: nBits({ bits: 8, rows, columns }) });
    return graph.node('Add', [product, graph.inline(`${name}.bias`, 'float32', bias.dims, bias.data)]);
  }

  async #normalise(input: string, name: string): Promise<string> {
    const graph = this.#graph;
    const scale = await this.#source(`${name}.weight`);
    const shift = await this.#source(`${name}.bias`);
    const operands = [
      input,
      graph.inline(`${name}.weight`, 'float32', scale.dims, scale.data),
      graph.inline(`${name}.bias`, 'float32', shift.dims, shift.data),
    ];
    const attributes = { axis: -1, epsilon: { float: this.#shape.normEpsilon } };
    return graph.node('LayerNormalization', operands, { attributes });
  }
}

/** Rounds runs of 32 weights to 8 bits around zero point 128, as MatMulNBits reads them. */
export function quantiseBlocks(weights: Float32Array): { codes: Uint8Array; scales: Float32Array } {
  const codes = new Uint8Array(weights.length);
  const scales = new Float32Array(weights.length / BLOCK_SIZE);
  for (let block = 0; block < scales.length; block++) {
    const start = block * BLOCK_SIZE;
    const scale = Math.fround(Math.max(largest(weights, start, start + BLOCK_SIZE) / 127, 1e-9));
    scales[block] = scale;
    for (let i = start; i < start + BLOCK_SIZE; i++) codes[i] = 128 + Math.round(weights[i]! / scale);
  }
  return { codes, scales };
}

/** Rounds each row of `table` plus `shift` to signed 8 bits. `shift` may have rows of its own: the first is used. */
function quantiseRows(table: FloatTensor, shift: Float32Array): { codes: Int8Array; scales: Float32Array } {
  const [rows, columns] = [table.dims[0]!, table.dims[1]!];
  const codes = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  const row = new Float32Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) row[c] = table.data[r * columns + c]! + shift[c]!;
    const scale = Math.fround(Math.max(largest(row, 0, columns) / 127, 1e-9));
    scales[r] = scale;
    for (let c = 0; c < columns; c++) codes[r * columns + c] = Math.round(row[c]! / scale);
  }
  return { codes, scales };
}

function largest(values: Float32Array, start: number, end: number): number {
  let most = 0;
  for (let i = start; i < end; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
