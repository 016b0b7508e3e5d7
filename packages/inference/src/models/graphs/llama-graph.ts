/**
 * The causal language model as an ONNX graph. Owns the arithmetic of a llama with grouped-query attention, a key/value
 * cache and LoRA factors on query and value as inputs.
 *
 * Inputs: input_ids int64 [B, S]; seqlens_k int32 [B] (tokens so far, new ones included, less one); total_len int32 [1];
 * sel int64 [K] (positions of this run to give results for); lora_qA [L, D, r], lora_qB [L, r, D], lora_vA [L, D, r],
 * lora_vB [L, r, keyValueHeads · headSize] (B already scaled; r = 0 stands for no adapter and costs nothing to speak of);
 * past.i.key and past.i.value float32 [B, keyValueHeads, P, headSize] for every layer i.
 * Outputs: logits [B, K, V], present.i.key, present.i.value.
 */
import { BLOCK_SIZE } from '../gguf/blocks.ts';
import type { LlamaShape } from '../manifest.ts';
import { type Attribute, GraphBuilder } from '../onnx/graph-builder.ts';
import { TENSOR_TYPE_CODE } from '../onnx/schema.ts';
import type { StoredTensor } from '../onnx/weight-file.ts';
import { sumColumns } from './corrected-matrix.ts';
import type { LayerTensors, LinearTensors, LlamaTensors } from './llama-tensors.ts';

/** MatMulNBits then multiplies with 8-bit integers: ten times faster than level 0 and nearly as exact. */
export const ACCURACY_LEVEL = 4;

/** The running sum of all layers' contributions, and the contribution that is not yet added. */
type Stream = { readonly residual: string; readonly pending: string };

/** The bytes of generate.onnx. */
export function llamaGraph(shape: LlamaShape, tensors: LlamaTensors): Uint8Array {
  const graph = new GraphBuilder('llama');
  declareInputs(graph, shape);
  forEachCache(shape, (name) => graph.input(`past.${name}`, 'float32', cacheDims(shape, 'P')));
  const llama = new LlamaGraph(graph, shape, tensors, 'cached');
  const selected = graph.node('Gather', [llama.hidden(), 'sel'], { attributes: { axis: 1 } });
  graph.output(llama.logits(selected), 'float32', ['B', 'K', shape.vocabulary]);
  forEachCache(shape, (name) => graph.output(`present.${name}`, 'float32', cacheDims(shape, 'T')));
  return graph.encode();
}

/**
 * The same model over texts that share beginnings, read at once and kept nowhere: everything but attention is computed once for each token of
 * the trie that the texts make, and attention for each text by itself, so that every number has the bits that reading its text alone gives.
 *
 * Inputs: input_ids int64 [1, T], the trie's tokens; texts int64 [B, S], the tokens of each text by their numbers, any number behind its
 * end; places int64 [T], for each token a flat place b·S + s where it stands; seqlens_k [B], total_len (S), sel and factors as in
 * generate.onnx; rows int64 [P] and targets int64 [P]: after which of `sel` which next token is asked for; starts int64 [F], rows of `sel`.
 * Outputs: chosen [P], ln p of each target; first [F, V], ln p of every token after each start.
 */
export function trieGraph(shape: LlamaShape, tensors: LlamaTensors): Uint8Array {
  const graph = new GraphBuilder('llama-trie');
  declareInputs(graph, shape);
  graph.input('texts', 'int64', ['B', 'L']);
  graph.input('places', 'int64', ['S']);
  for (const name of ['rows', 'targets']) graph.input(name, 'int64', ['P']);
  graph.input('starts', 'int64', ['F']);
  const llama = new LlamaGraph(graph, shape, tensors, 'trie');
  const selected = graph.node('Gather', [llama.hidden(), 'sel'], { attributes: { axis: 1 } });
  const logits = graph.node('Reshape', [llama.logits(selected), graph.integers(-1, shape.vocabulary)]);
  const all = graph.node('LogSoftmax', [logits], { attributes: { axis: -1 } });
  const last = graph.integers(-1);
  const pairs = graph.node(
    'Concat',
    ['rows', 'targets'].map((name) => graph.node('Unsqueeze', [name, last])),
    {
      attributes: { axis: -1 },
    },
  );
  graph.node('GatherND', [all, pairs], { outputs: ['chosen'] });
  graph.node('Gather', [all, 'starts'], { outputs: ['first'] });
  graph.output('chosen', 'float32', ['P']);
  graph.output('first', 'float32', ['F', shape.vocabulary]);
  return graph.encode();
}

function declareInputs(graph: GraphBuilder, shape: LlamaShape): void {
  const { layers, hidden } = shape;
  graph.input('input_ids', 'int64', ['B', 'S']);
  graph.input('seqlens_k', 'int32', ['B']);
  graph.input('total_len', 'int32', [1]);
  graph.input('sel', 'int64', ['K']);
  graph.input('lora_qA', 'float32', [layers, hidden, 'r']);
  graph.input('lora_qB', 'float32', [layers, 'r', hidden]);
  graph.input('lora_vA', 'float32', [layers, hidden, 'r']);
  graph.input('lora_vB', 'float32', [layers, 'r', shape.keyValueHeads * shape.headSize]);
}

function forEachCache(shape: LlamaShape, visit: (name: string) => void): void {
  for (let layer = 0; layer < shape.layers; layer++) {
    visit(`${layer}.key`);
    visit(`${layer}.value`);
  }
}

const pastOf = (layer: number): readonly string[] => [`past.${layer}.key`, `past.${layer}.value`];

function cacheDims(shape: LlamaShape, length: 'P' | 'T'): readonly (number | string)[] {
  return ['B', shape.keyValueHeads, length, shape.headSize];
}

class LlamaGraph {
  readonly #graph: GraphBuilder;
  readonly #shape: LlamaShape;
  readonly #tensors: LlamaTensors;
  readonly #reading: 'cached' | 'trie';

  constructor(graph: GraphBuilder, shape: LlamaShape, tensors: LlamaTensors, reading: 'cached' | 'trie') {
    this.#graph = graph;
    this.#shape = shape;
    this.#tensors = tensors;
    this.#reading = reading;
  }

  /** The normalised output of the last layer, [B, S, hidden]. */
  hidden(): string {
    this.#adapters();
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
    const plain = this.#linear(this.#withSums(normalised), layer.queryKeyValue);
    const queryKeyValue = graph.node('Add', [plain, this.#adapter(normalised, index)]);
    const attended =
      this.#reading === 'trie' ? this.#attendTexts(queryKeyValue, index) : this.#attend(queryKeyValue, index);
    return { residual, pending: this.#linear(this.#withSums(attended), layer.attentionOutput) };
  }

  /** Attention to what the row reads and has read before. */
  #attend(queryKeyValue: string, index: number, past: readonly string[] = pastOf(index)): string {
    const graph = this.#graph;
    const tables = [graph.stored(this.#tensors.cos), graph.stored(this.#tensors.sin)];
    const inputs = [queryKeyValue, '', '', ...past, 'seqlens_k', 'total_len', ...tables];
    return graph.contrib('GroupQueryAttention', inputs, {
      outputs: [`layer${index}.attended`, `present.${index}.key`, `present.${index}.value`],
      attributes: {
        num_heads: this.#shape.heads,
        kv_num_heads: this.#shape.keyValueHeads,
        do_rotary: 1,
        rotary_interleaved: 0,
      },
    });
  }

  /** The trie's tokens dealt to their texts and taken back. */
  #attendTexts(queryKeyValue: string, index: number): string {
    const graph = this.#graph;
    const { heads, keyValueHeads, headSize, hidden } = this.#shape;
    const flat = graph.node('Reshape', [queryKeyValue, graph.integers(-1, (heads + 2 * keyValueHeads) * headSize)]);
    const attended = this.#attend(graph.node('Gather', [flat, 'texts']), index, ['', '']);
    const taken = graph.node('Gather', [graph.node('Reshape', [attended, graph.integers(-1, hidden)]), 'places']);
    return graph.node('Unsqueeze', [taken, graph.integers(0)]);
  }

  #feedForward(stream: Stream, layer: LayerTensors): Stream {
    const graph = this.#graph;
    const { normalised, residual } = this.#normalise(stream, layer.feedForwardNorm);
    const input = this.#withSums(normalised);
    const gate = this.#linear(input, layer.gate);
    const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
    const gated = graph.node('Mul', [silu, this.#linear(input, layer.up)]);
    return { residual, pending: this.#linear(this.#withSums(gated, this.#shape.feedForward), layer.down) };
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

  /** The activation, its sums over blocks of 32, and these once more: what a corrected matrix multiplies. */
  #withSums(value: string, columns: number = this.#shape.hidden): string {
    const graph = this.#graph;
    const blocks = columns / BLOCK_SIZE;
    const parts = graph.node('Reshape', [value, graph.integers(0, 0, blocks, BLOCK_SIZE)]);
    const sums = graph.node('ReduceSum', [parts, graph.integers(3)], { attributes: { keepdims: 0 } });
    // Sums fill up the rest: their weights are zero, and they do not widen the range that the kernel rounds in.
    const filling = Array.from({ length: sumColumns(columns) }, (_, i) => i % blocks);
    const filled = graph.node('Gather', [sums, graph.integers(...filling)], { attributes: { axis: 2 } });
    return graph.node('Concat', [value, filled, filled], { attributes: { axis: 2 } });
  }

  #linear(input: string, weight: LinearTensors): string {
    const graph = this.#graph;
    const operands = [input, ...[weight.codes, weight.scales, weight.zeroPoints].map((part) => graph.stored(part))];
    return graph.contrib('MatMulNBits', operands, { attributes: nBits({ bits: 4, ...weight }) });
  }

  /** The low-rank product of the adapter given as input, as wide as query, key and value together. */
  #adapter(input: string, index: number): string {
    const graph = this.#graph;
    const reduced = graph.node('MatMul', [input, `adapter.${index}.A`]);
    return graph.node('MatMul', [reduced, `adapter.${index}.B`]);
  }

  /** Puts the factors of query and value side by side and cuts them into layers: `adapter.0.A`, `adapter.0.B`, … */
  #adapters(): void {
    const graph = this.#graph;
    const { layers, hidden, keyValueHeads, headSize } = this.#shape;
    const keyValue = keyValueHeads * headSize;
    const down = graph.node('Concat', ['lora_qA', 'lora_vA'], { attributes: { axis: 2 } });
    const query = graph.node('Pad', ['lora_qB', graph.integers(0, 0, 0, 0, 0, 2 * keyValue)]);
    const value = graph.node('Pad', ['lora_vB', graph.integers(0, 0, hidden + keyValue, 0, 0, 0)]);
    const up = graph.node('Concat', [query, value], { attributes: { axis: 1 } });
    const cut = (factors: string, side: 'A' | 'B') =>
      graph.node('Split', [factors], {
        outputs: Array.from({ length: layers }, (_, index) => `adapter.${index}.${side}`),
        attributes: { axis: 0, num_outputs: layers },
      });
    cut(down, 'A');
    cut(up, 'B');
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
