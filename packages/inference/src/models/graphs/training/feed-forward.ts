/** The gated feed-forward block, forward and backward. Owns the derivative of silu. */
import type { Arithmetic } from './arithmetic.ts';
import type { Weights } from './weights.ts';

/** Values of the forward pass that the backward pass reads. */
export type FeedForwardState = {
  readonly output: string;
  readonly sigmoid: string;
  readonly silu: string;
  readonly up: string;
};

/** down(silu(gate(x)) · up(x)); `input` is [T, hidden]. */
export function feedForward(math: Arithmetic, weights: Weights, layer: number, input: string): FeedForwardState {
  const [gate, up] = math.halves(math.productRight(input, weights.matrix(layer, 'gateAndUp')));
  const sigmoid = math.graph.node('Sigmoid', [gate]);
  const silu = math.multiply(gate, sigmoid);
  const output = math.productRight(math.multiply(silu, up), weights.matrix(layer, 'down'));
  return { output, sigmoid, silu, up };
}

/** The gradient of the input. d silu(g) = σ(g) + silu(g)·(1 − σ(g)). */
export function feedForwardBackward(
  math: Arithmetic,
  weights: Weights,
  layer: number,
  { dOutput, state }: { readonly dOutput: string; readonly state: FeedForwardState },
): string {
  const dGated = math.product(dOutput, weights.matrix(layer, 'down'));
  const dUp = math.multiply(dGated, state.silu);
  const slope = math.add(state.sigmoid, math.multiply(state.silu, math.subtract(math.graph.float(1), state.sigmoid)));
  const dGate = math.multiply(math.multiply(dGated, state.up), slope);
  return math.product(math.joined(dGate, dUp), weights.matrix(layer, 'gateAndUp'));
}
