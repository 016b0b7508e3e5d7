/**
 * The model's weights as inputs of the training graph. Owns their names and shapes; dense-weights.ts reads them from a
 * model folder. Inputs instead of initialisers: the runtime then uses the caller's memory and keeps no second copy.
 */
import { keyValueWidth } from '../../../adapters/lora-factors.ts';
import type { LlamaShape } from '../../manifest.ts';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';

/** Query, key and value stand one below the other, and so do gate and up. */
export type Linear = 'queryKeyValue' | 'attentionOutput' | 'gateAndUp' | 'down';
export type LayerNorm = 'attentionNorm' | 'feedForwardNorm';

export const LINEARS = ['queryKeyValue', 'attentionOutput', 'gateAndUp', 'down'] as const satisfies Linear[];
export const LAYER_NORMS = ['attentionNorm', 'feedForwardNorm'] as const satisfies LayerNorm[];

/** [outputs, inputs] of a matrix. */
export function linearDims(shape: LlamaShape, name: Linear): readonly [number, number] {
  const { hidden, feedForward, heads, headSize } = shape;
  switch (name) {
    case 'queryKeyValue':
      return [heads * headSize + 2 * keyValueWidth(shape), hidden];
    case 'attentionOutput':
      return [hidden, heads * headSize];
    case 'gateAndUp':
      return [2 * feedForward, hidden];
    case 'down':
      return [hidden, feedForward];
  }
}

/** Gives each weight as the name of a float32 value and declares it as an input once. */
export class Weights {
  readonly #graph: GraphBuilder;
  readonly #shape: LlamaShape;
  readonly #declared = new Set<string>();

  constructor(graph: GraphBuilder, shape: LlamaShape) {
    this.#graph = graph;
    this.#shape = shape;
  }

  /** [outputs, inputs] */
  matrix(layer: number, name: Linear): string {
    return this.#input(`layer${layer}.${name}`, linearDims(this.#shape, name));
  }

  /** [hidden] */
  norm(layer: number, name: LayerNorm): string {
    return this.#input(`layer${layer}.${name}`, [this.#shape.hidden]);
  }

  /** [hidden] */
  finalNorm(): string {
    return this.#input('norm', [this.#shape.hidden]);
  }

  /** [vocabulary, hidden] */
  embedding(): string {
    return this.#input('embedding', [this.#shape.vocabulary, this.#shape.hidden]);
  }

  /** Cosines or sines of at least S positions, [positions, headSize / 2]. */
  rotary(table: 'cos' | 'sin'): string {
    return this.#input(`rotary.${table}`, ['positions', this.#shape.headSize / 2]);
  }

  #input(name: string, dims: readonly (number | string)[]): string {
    if (this.#declared.has(name)) return name;
    this.#declared.add(name);
    return this.#graph.input(name, 'float32', dims);
  }
}
