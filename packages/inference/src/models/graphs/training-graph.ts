/**
 * One step of adapter training as an ONNX graph: forward and backward pass in ordinary operators (docs/spec/training.md,
 * clauses T5–T7). Owns inputs, outputs and the order of layers; the rooms are in training/. The optimiser is not in the
 * graph.
 *
 * Inputs: ids int64 [T], the tokens of all rows one after another; cells int64 [B, S], for each place of the rows padded on the right
 * its token's number, T for padding; spots int64 [T], each token's flat place b·S + s; pos int64 [M], numbers of the tokens whose next
 * one is scored, all different; tgt int64 [M], those next ones; wts float32 [M]; qA, qB, vA, vB as in adapters/lora-factors.ts;
 * and every weight as training/weights.ts names it. Only attention sees padding: everything else is computed for tokens alone.
 * Outputs: loss = Σ wts·nll; nll [M]; d_qB, d_vB and, for `AB`, d_qA, d_vA: the gradients, shaped as the factors.
 */
import { FACTOR_NAMES, type FactorName, factorDims } from '../../adapters/lora-factors.ts';
import type { LlamaShape } from '../manifest.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { Arithmetic } from './training/arithmetic.ts';
import { Attention, type AttentionGradients, type AttentionState, type LayerFactors } from './training/attention.ts';
import { type FeedForwardState, feedForward, feedForwardBackward } from './training/feed-forward.ts';
import { crossEntropy } from './training/loss.ts';
import { type Normalised, normalise, normaliseBackward } from './training/normalisation.ts';
import { Weights } from './training/weights.ts';

/** Which factors get gradients. */
export type TrainedFactors = 'B' | 'AB';

type LayerState = {
  readonly factors: LayerFactors;
  readonly attentionNorm: Normalised;
  readonly attention: AttentionState;
  readonly feedForwardNorm: Normalised;
  readonly feedForward: FeedForwardState;
};

/** The bytes of the graph, a few hundred kilobytes for thirty layers: the weights are inputs. */
export function trainingGraph(shape: LlamaShape, trained: TrainedFactors): Uint8Array {
  const graph = new GraphBuilder('llama-train');
  declare(graph, shape, trained);
  new TrainingGraph(graph, shape).build(gradientsOf(trained));
  return graph.encode();
}

/** The factors that `trained` stands for, in the order of `FACTOR_NAMES`. */
export function gradientsOf(trained: TrainedFactors): readonly FactorName[] {
  return FACTOR_NAMES.filter((name) => trained.includes(name.slice(1)));
}

function declare(graph: GraphBuilder, shape: LlamaShape, trained: TrainedFactors): void {
  graph.input('ids', 'int64', ['T']);
  graph.input('cells', 'int64', ['B', 'S']);
  graph.input('spots', 'int64', ['T']);
  graph.input('pos', 'int64', ['M']);
  graph.input('tgt', 'int64', ['M']);
  graph.input('wts', 'float32', ['M']);
  for (const name of FACTOR_NAMES) graph.input(name, 'float32', factorDims(shape, name));
  graph.output('loss', 'float32', []);
  graph.output('nll', 'float32', ['M']);
  for (const name of gradientsOf(trained)) graph.output(`d_${name}`, 'float32', factorDims(shape, name));
}

class TrainingGraph {
  readonly #math: Arithmetic;
  readonly #shape: LlamaShape;
  readonly #weights: Weights;
  readonly #attention: Attention;

  constructor(graph: GraphBuilder, shape: LlamaShape) {
    this.#math = new Arithmetic(graph);
    this.#shape = shape;
    this.#weights = new Weights(graph, shape);
    this.#attention = new Attention(this.#math, shape, this.#weights, { cells: 'cells', spots: 'spots' });
  }

  build(wanted: readonly FactorName[]): void {
    const math = this.#math;
    let stream = math.graph.node('Gather', [this.#weights.embedding(), 'ids']);
    const states: LayerState[] = [];
    for (let layer = 0; layer < this.#shape.layers; layer++) {
      const { state, output } = this.#forward(layer, stream);
      states.push(state);
      stream = output;
    }
    const norm = this.#normalise(stream, this.#weights.finalNorm());
    const dHidden = crossEntropy(math, { hidden: norm.output, embedding: this.#weights.embedding() });
    let dStream = normaliseBackward(math, dHidden, norm);
    const gradients: AttentionGradients['factor'][] = [];
    for (const [layer, state] of [...states.entries()].reverse()) {
      const { factor, dInput } = this.#backward(layer, dStream, state);
      gradients.unshift(factor);
      dStream = dInput;
    }
    for (const name of wanted) this.#stack(name, gradients);
  }

  #forward(layer: number, input: string): { readonly state: LayerState; readonly output: string } {
    const math = this.#math;
    const factors = this.#factors(layer);
    const attentionNorm = this.#normalise(input, this.#weights.norm(layer, 'attentionNorm'));
    const attention = this.#attention.forward(layer, attentionNorm.output, factors);
    const middle = math.add(input, attention.output);
    const feedForwardNorm = this.#normalise(middle, this.#weights.norm(layer, 'feedForwardNorm'));
    const feed = feedForward(math, this.#weights, layer, feedForwardNorm.output);
    const state = { factors, attentionNorm, attention, feedForwardNorm, feedForward: feed };
    return { state, output: math.add(middle, feed.output) };
  }

  /** Gradients of one layer's factors and of its input; below the lowest layer nothing is trained, so there it means nothing. */
  #backward(layer: number, dOutput: string, state: LayerState): BackwardResult {
    const math = this.#math;
    const dFeed = feedForwardBackward(math, this.#weights, layer, { dOutput, state: state.feedForward });
    const dMiddle = math.add(dOutput, normaliseBackward(math, dFeed, state.feedForwardNorm));
    const isLowest = layer === 0;
    const { factor, input } = this.#attention.backward(layer, dMiddle, {
      state: state.attention,
      factors: state.factors,
      isLowest,
    });
    if (input === undefined) return { factor, dInput: dMiddle };
    return { factor, dInput: math.add(dMiddle, normaliseBackward(math, input, state.attentionNorm)) };
  }

  #normalise(x: string, weight: string): Normalised {
    return normalise(this.#math, x, weight, this.#shape.normEpsilon);
  }

  #factors(layer: number): LayerFactors {
    const { graph } = this.#math;
    const at = (name: FactorName) => graph.node('Gather', [name, graph.integer(layer)], { attributes: { axis: 0 } });
    return { qA: at('qA'), qB: at('qB'), vA: at('vA'), vB: at('vB') };
  }

  #stack(name: FactorName, gradients: readonly AttentionGradients['factor'][]): void {
    const { graph } = this.#math;
    const layers = gradients.map((factor) => graph.node('Unsqueeze', [factor(name), graph.integers(0)]));
    graph.node('Concat', layers, { outputs: [`d_${name}`], attributes: { axis: 0 } });
  }
}

type BackwardResult = { readonly factor: AttentionGradients['factor']; readonly dInput: string };
