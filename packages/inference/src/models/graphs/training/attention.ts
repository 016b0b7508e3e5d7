/**
 * Grouped-query attention with rotary positions and low-rank changes of query and value, forward and backward. Owns the
 * shapes inside: [B, keyValueHeads, group, S, headSize], where a group of query heads shares one key head; outside, tokens of all rows
 * stand one after another without padding.
 */
import { type FactorName, keyValueWidth } from '../../../adapters/lora-factors.ts';
import type { LlamaShape } from '../../manifest.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { Weights } from './weights.ts';

/** One layer's factors. */
export type LayerFactors = { readonly qA: string; readonly qB: string; readonly vA: string; readonly vB: string };

/** Values of the forward pass that the backward pass reads. */
export type AttentionState = {
  readonly output: string;
  readonly input: string;
  readonly reducedQuery: string;
  readonly reducedValue: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly weights: string;
};

export type AttentionGradients = {
  /** Adds the nodes of a factor's gradient: those that nobody asks for cost nothing. */
  readonly factor: (name: FactorName) => string;
  /** With respect to the input; absent where nothing below is trained. */
  readonly input: string | undefined;
};

/** Names of the graph's inputs (training-graph.ts). */
export type Places = { readonly cells: string; readonly spots: string };

const MASKED = -1e9;

/** Attention of every layer: they share the shapes, the mask and the rotation of one batch. */
export class Attention {
  readonly #math: Arithmetic;
  readonly #shape: LlamaShape;
  readonly #weights: Weights;
  readonly #places: Places;
  readonly #queryDims: string;
  readonly #keyDims: string;
  readonly #cos: string;
  readonly #sin: string;
  readonly #mask: string;

  constructor(math: Arithmetic, shape: LlamaShape, weights: Weights, places: Places) {
    this.#math = math;
    this.#places = places;
    this.#shape = shape;
    this.#weights = weights;
    const { graph } = math;
    const batchAndLength = graph.node('Shape', [places.cells]);
    const length = graph.node('Slice', [batchAndLength, graph.integers(1), graph.integers(2)]);
    const { heads, keyValueHeads, headSize } = shape;
    this.#queryDims = math.joined(batchAndLength, graph.integers(keyValueHeads, heads / keyValueHeads, headSize), 0);
    this.#keyDims = math.joined(batchAndLength, graph.integers(keyValueHeads, 1, headSize), 0);
    const rows = (table: 'cos' | 'sin') =>
      graph.node('Slice', [weights.rotary(table), graph.integers(0), length, graph.integers(0)]);
    this.#cos = rows('cos');
    this.#sin = rows('sin');
    const square = graph.node('Expand', [graph.float(MASKED), math.joined(length, length, 0)]);
    this.#mask = graph.node('Trilu', [square, graph.integer(1)], { attributes: { upper: 1 } });
  }

  /** `input` is [T, hidden]; so is the output, which is not yet added to the stream. */
  forward(layer: number, input: string, factors: LayerFactors): AttentionState {
    const math = this.#math;
    const [baseQuery, key, baseValue] = this.#split(
      math.productRight(input, this.#weights.matrix(layer, 'queryKeyValue')),
    );
    const reducedQuery = math.product(input, factors.qA);
    const reducedValue = math.product(input, factors.vA);
    const query = math.add(baseQuery, math.product(reducedQuery, factors.qB));
    const value = this.#heads(math.add(baseValue, math.product(reducedValue, factors.vB)), this.#keyDims);
    const rotatedQuery = this.#rotate(this.#heads(query, this.#queryDims), 'forward');
    const rotatedKey = this.#rotate(this.#heads(key, this.#keyDims), 'forward');
    const scores = math.scale(math.product(rotatedQuery, math.transposed(rotatedKey)), this.#scale());
    const weights = math.graph.node('Softmax', [math.add(scores, this.#mask)], { attributes: { axis: -1 } });
    const mixed = this.#flat(math.product(weights, value), this.#shape.heads * this.#shape.headSize);
    const output = math.productRight(mixed, this.#weights.matrix(layer, 'attentionOutput'));
    return { output, input, reducedQuery, reducedValue, query: rotatedQuery, key: rotatedKey, value, weights };
  }

  /** `dOutput` is the gradient of the output, [T, hidden]. */
  backward(
    layer: number,
    dOutput: string,
    { state, factors, isLowest }: { state: AttentionState; factors: LayerFactors; isLowest: boolean },
  ): AttentionGradients {
    const math = this.#math;
    const { dScores, dValue } = this.#backwardMixing(layer, dOutput, state);
    const width = this.#shape.heads * this.#shape.headSize;
    const dQuery = this.#flat(this.#rotate(math.product(dScores, state.key), 'backward'), width);
    const dReducedQuery = math.productRight(dQuery, factors.qB);
    const dReducedValue = math.productRight(dValue, factors.vB);
    const operands = {
      qA: [state.input, dReducedQuery],
      qB: [state.reducedQuery, dQuery],
      vA: [state.input, dReducedValue],
      vB: [state.reducedValue, dValue],
    } as const;
    const factor = (name: FactorName) => math.productLeft(...operands[name]);
    if (isLowest) return { factor, input: undefined };
    const perQueryHead = math.product(math.transposed(dScores), state.query);
    const dKey = this.#flat(this.#rotate(math.sum(perQueryHead, 2), 'backward'), keyValueWidth(this.#shape));
    const dProjected = math.graph.node('Concat', [dQuery, dKey, dValue], { attributes: { axis: -1 } });
    const base = math.product(dProjected, this.#weights.matrix(layer, 'queryKeyValue'));
    const adapted = math.add(
      math.productRight(dReducedQuery, factors.qA),
      math.productRight(dReducedValue, factors.vA),
    );
    return { factor, input: math.add(base, adapted) };
  }

  /** Back through the output projection, the weighted mean of values, and the softmax. */
  #backwardMixing(layer: number, dOutput: string, state: AttentionState): { dScores: string; dValue: string } {
    const math = this.#math;
    const dMixed = this.#heads(math.product(dOutput, this.#weights.matrix(layer, 'attentionOutput')), this.#queryDims);
    const perQueryHead = math.product(math.transposed(state.weights), dMixed);
    const dValue = this.#flat(math.sum(perQueryHead, 2), keyValueWidth(this.#shape));
    const dWeights = math.product(dMixed, math.transposed(state.value));
    const mean = math.sum(math.multiply(dWeights, state.weights), -1);
    const dScores = math.scale(math.multiply(state.weights, math.subtract(dWeights, mean)), this.#scale());
    return { dScores, dValue };
  }

  /** Query, key and value from their common projection. */
  #split(projected: string): readonly [string, string, string] {
    const [query, key, value] = [`${projected}.query`, `${projected}.key`, `${projected}.value`];
    const width = keyValueWidth(this.#shape);
    const sizes = this.#math.graph.integers(this.#shape.heads * this.#shape.headSize, width, width);
    this.#math.graph.node('Split', [projected, sizes], { outputs: [query, key, value], attributes: { axis: -1 } });
    return [query, key, value];
  }

  #scale(): number {
    return 1 / Math.sqrt(this.#shape.headSize);
  }

  /** [T, width] → [B, keyValueHeads, group, S, headSize]; padding gets zeros, forward and backward. */
  #heads(x: string, dims: string): string {
    const { graph } = this.#math;
    const width = graph.node('Slice', [graph.node('Shape', [x]), graph.integers(1), graph.integers(2)]);
    const zeros = graph.node('Expand', [graph.float(0), this.#math.joined(graph.integers(1), width, 0)]);
    const padded = graph.node('Gather', [this.#math.joined(x, zeros, 0), this.#places.cells]);
    const split = graph.node('Reshape', [padded, dims]);
    return graph.node('Transpose', [split], { attributes: { perm: [0, 2, 3, 1, 4] } });
  }

  /** The way back. */
  #flat(x: string, width: number): string {
    const joined = this.#math.graph.node('Transpose', [x], { attributes: { perm: [0, 3, 1, 2, 4] } });
    return this.#math.graph.node('Gather', [this.#math.reshape(joined, -1, width), this.#places.spots]);
  }

  /** Turns the halves of each head by its position's angle; the gradient is turned back. */
  #rotate(x: string, direction: 'forward' | 'backward'): string {
    const math = this.#math;
    const [first, second] = math.halves(x);
    const [minus, plus] = [math.subtract.bind(math), math.add.bind(math)];
    const [upper, lower] = direction === 'forward' ? [minus, plus] : [plus, minus];
    return math.joined(
      upper(math.multiply(first, this.#cos), math.multiply(second, this.#sin)),
      lower(math.multiply(second, this.#cos), math.multiply(first, this.#sin)),
    );
  }
}
