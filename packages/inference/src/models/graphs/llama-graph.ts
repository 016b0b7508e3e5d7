/**
 * The causal language model as ONNX graphs: one that continues text, one that scores given text. Owns the arithmetic of
 * a llama with grouped-query attention, a key/value cache and LoRA factors on query and value as inputs.
 *
 * Inputs of both: input_ids int64 [B, S]; seqlens_k int32 [B] (tokens so far, new ones included, less one); total_len
 * int32 [1]; sel int64 [K] (positions of this run to give results for); lora_qA [L, D, r], lora_qB [L, r, D],
 * lora_vA [L, D, r], lora_vB [L, r, keyValueHeads · headSize] (B already scaled); past.i.key and past.i.value float32
 * [B, keyValueHeads, P, headSize] for every layer i.
 * Outputs of `generate`: logits [B, K, V], present.i.key, present.i.value. Outputs of `score`, which also takes
 * targets int64 [B, K]: logp [B, K], the natural logarithms of the targets' probabilities.
 */
import { BLOCK_SIZE } from '../gguf/blocks.ts';
import type { LlamaShape } from '../manifest.ts';
import { type Attribute, GraphBuilder } from '../onnx/graph-builder.ts';
import { TENSOR_TYPE_CODE } from '../onnx/schema.ts';
import type { StoredTensor } from '../onnx/weight-file.ts';
import type { LayerTensors, LinearTensors, LlamaTensors } from './llama-tensors.ts';

export type LlamaPurpose = 'generate' | 'score';

/** MatMulNBits then multiplies with 8-bit integers: ten times faster than level 0 and nearly as exact. */
export const ACCURACY_LEVEL = 4;

/** An activation together with its sums over blocks of 32, which several matrices share. */
type Activation = { readonly value: string; readonly blockSums: string };

/** The running sum of all layers' contributions, and the contribution that is not yet added. */
type Stream = { readonly residual: string; readonly pending: string };

/** The bytes of generate.onnx or score.onnx. Both refer to the same stored tensors. */
export function llamaGraph(shape: LlamaShape, tensors: LlamaTensors, purpose: LlamaPurpose): Uint8Array {
  const graph = new GraphBuilder(`llama-${purpose}`);
  declareInputs(graph, shape, purpose);
  const llama = new LlamaGraph(graph, shape, tensors);
  const selected = graph.node('Gather', [llama.hidden(), 'sel'], { attributes: { axis: 1 } });
  const logits = llama.logits(selected);
  if (purpose === 'score') {
    targetLogProbabilities(graph, logits);
    graph.output('logp', 'float32', ['B', 'K']);
  } else {
    graph.output(logits, 'float32', ['B', 'K', shape.vocabulary]);
    forEachCache(shape, (name) => graph.output(`present.${name}`, 'float32', cacheDims(shape, 'T')));
  }
  return graph.encode();
}

function declareInputs(graph: GraphBuilder, shape: LlamaShape, purpose: LlamaPurpose): void {
  const { layers, hidden } = shape;
  graph.input('input_ids', 'int64', ['B', 'S']);
  graph.input('seqlens_k', 'int32', ['B']);
  graph.input('total_len', 'int32', [1]);
  graph.input('sel', 'int64', ['K']);
  if (purpose === 'score') graph.input('targets', 'int64', ['B', 'K']);
  graph.input('lora_qA', 'float32', [layers, hidden, 'r']);
  graph.input('lora_qB', 'float32', [layers, 'r', hidden]);
  graph.input('lora_vA', 'float32', [layers, hidden, 'r']);
  graph.input('lora_vB', 'float32', [layers, 'r', shape.keyValueHeads * shape.headSize]);
  forEachCache(shape, (name) => graph.input(`past.${name}`, 'float32', cacheDims(shape, 'P')));
}

function forEachCache(shape: LlamaShape, visit: (name: string) => void): void {
  for (let layer = 0; layer < shape.layers; layer++) {
    visit(`${layer}.key`);
    visit(`${layer}.value`);
  }
}

function cacheDims(shape: LlamaShape, length: 'P' | 'T'): readonly (number | string)[] {
  return ['B', shape.keyValueHeads, length, shape.headSize];
}

function targetLogProbabilities(graph: GraphBuilder, logits: string): void {
  const last = graph.integers(-1);
  const all = graph.node('LogSoftmax', [logits], { attributes: { axis: -1 } });
  const targets = graph.node('Unsqueeze', ['targets', last]);
  const chosen = graph.node('GatherElements', [all, targets], { attributes: { axis: -1 } });
  graph.node('Squeeze', [chosen, last], { outputs: ['logp'] });
}

class LlamaGraph {
  readonly #graph: GraphBuilder;
  readonly #shape: LlamaShape;
  readonly #tensors: LlamaTensors;

  constructor(graph: GraphBuilder, shape: LlamaShape, tensors: LlamaTensors) {
    this.#graph = graph;
    this.#shape = shape;
    this.#tensors = tensors;
  }

  /** The normalised output of the last layer, [B, S, hidden]. */
  hidden(): string {
    let stream: Stream = { residual: this.#embed(), pending: '' };
    this.#tensors.layers.forEach((layer, index) => {
      stream = this.#feedForward(this.#attention(stream, layer, index), layer);
    });
    return this.#normalise(stream, this.#tensors.finalNorm).normalised;
  }

  /** The embedding matrix doubles as the output layer. */
  logits(hidden: string): string {
    const { codes, flatScales } = this.#tensors.embedding;
    return this.#graph.contrib('MatMulNBits', [hidden, this.#graph.stored(codes), this.#graph.stored(flatScales)], {
      outputs: ['logits'],
      attributes: nBits({ bits: 8, rows: this.#shape.vocabulary, columns: this.#shape.hidden }),
    });
  }

  #embed(): string {
    const graph = this.#graph;
    const { codes, scales } = this.#tensors.embedding;
    const rows = graph.node('Gather', [graph.stored(codes), 'input_ids']);
    const floats = graph.node('Cast', [rows], { attributes: { to: TENSOR_TYPE_CODE.float32 } });
    const centred = graph.node('Sub', [floats, graph.float(128)]);
    const rowScales = graph.node('Gather', [graph.stored(scales), 'input_ids']);
    const scaled = graph.node('Mul', [centred, graph.node('Unsqueeze', [rowScales, graph.integers(3)])]);
    return graph.node('Reshape', [scaled, graph.integers(0, 0, this.#shape.hidden)]);
  }

  #attention(stream: Stream, layer: LayerTensors, index: number): Stream {
    const graph = this.#graph;
    const { normalised, residual } = this.#normalise(stream, layer.attentionNorm);
    const input = this.#activation(normalised, layer.query.columns);
    const query = this.#adapted(input, layer.query, 'q', index);
    const key = this.#linear(input, layer.key);
    const value = this.#adapted(input, layer.value, 'v', index);
    const cache = [`past.${index}.key`, `past.${index}.value`, 'seqlens_k', 'total_len'];
    const tables = [graph.stored(this.#tensors.cos), graph.stored(this.#tensors.sin)];
    const attended = graph.contrib('GroupQueryAttention', [query, key, value, ...cache, ...tables], {
      outputs: [`layer${index}.attended`, `present.${index}.key`, `present.${index}.value`],
      attributes: {
        num_heads: this.#shape.heads,
        kv_num_heads: this.#shape.keyValueHeads,
        do_rotary: 1,
        rotary_interleaved: 0,
      },
    });
    const output = this.#activation(attended, layer.attentionOutput.columns);
    return { residual, pending: this.#linear(output, layer.attentionOutput) };
  }

  #feedForward(stream: Stream, layer: LayerTensors): Stream {
    const graph = this.#graph;
    const { normalised, residual } = this.#normalise(stream, layer.feedForwardNorm);
    const both = this.#linear(this.#activation(normalised, layer.gateAndUp.columns), layer.gateAndUp);
    const [gate, up] = [`${both}.gate`, `${both}.up`];
    graph.node('Split', [both], { outputs: [gate, up], attributes: { axis: -1, num_outputs: 2 } });
    const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
    const gated = graph.node('Mul', [silu, up]);
    return { residual, pending: this.#linear(this.#activation(gated, layer.down.columns), layer.down) };
  }

  /** Adds the pending contribution to the residual and normalises the sum. */
  #normalise(stream: Stream, weight: StoredTensor): { readonly normalised: string; readonly residual: string } {
    const scale = this.#graph.stored(weight);
    const epsilon = { float: this.#shape.normEpsilon };
    if (stream.pending === '') {
      const attributes = { axis: -1, epsilon };
      const normalised = this.#graph.node('SimplifiedLayerNormalization', [stream.residual, scale], { attributes });
      return { normalised, residual: stream.residual };
    }
    const [normalised, residual] = [`${weight.name}.normalised`, `${weight.name}.residual`];
    this.#graph.contrib('SkipSimplifiedLayerNormalization', [stream.pending, stream.residual, scale], {
      outputs: [normalised, '', '', residual],
      attributes: { epsilon },
    });
    return { normalised, residual };
  }

  #activation(value: string, columns: number): Activation {
    const blocks = this.#graph.integers(0, 0, columns / BLOCK_SIZE, BLOCK_SIZE);
    const blocked = this.#graph.node('Reshape', [value, blocks]);
    const attributes = { keepdims: 0 };
    return { value, blockSums: this.#graph.node('ReduceSum', [blocked, this.#graph.integers(3)], { attributes }) };
  }

  #linear(input: Activation, weight: LinearTensors): string {
    const graph = this.#graph;
    const operands = [input.value, graph.stored(weight.codes), graph.stored(weight.scales)];
    const centred = graph.contrib('MatMulNBits', operands, { attributes: nBits({ bits: 4, ...weight }) });
    const correction = graph.node('MatMul', [input.blockSums, graph.stored(weight.corrections)]);
    return graph.node('Add', [centred, correction]);
  }

  /** `#linear` plus the low-rank product of the adapter given as input. */
  #adapted(input: Activation, weight: LinearTensors, kind: 'q' | 'v', index: number): string {
    const graph = this.#graph;
    const factor = (side: 'A' | 'B') =>
      graph.node('Gather', [`lora_${kind}${side}`, graph.integer(index)], { attributes: { axis: 0 } });
    const reduced = graph.node('MatMul', [input.value, factor('A')]);
    return graph.node('Add', [this.#linear(input, weight), graph.node('MatMul', [reduced, factor('B')])]);
  }
}

/** Attributes of a MatMulNBits node. */
export function nBits(matrix: { bits: 4 | 8; rows: number; columns: number }): Readonly<Record<string, Attribute>> {
  return {
    K: matrix.columns,
    N: matrix.rows,
    bits: matrix.bits,
    block_size: BLOCK_SIZE,
    accuracy_level: ACCURACY_LEVEL,
  };
}
