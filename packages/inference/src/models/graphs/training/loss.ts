/** Weighted cross-entropy at chosen positions, forward and backward. Owns the outputs `loss` and `nll`. */
import type { Arithmetic } from './arithmetic.ts';

export type LossInputs = {
  /** [T, hidden], normalised. */
  readonly hidden: string;
  /** [vocabulary, hidden], which doubles as the output layer. */
  readonly embedding: string;
};

/**
 * Names `nll` [M] (the negative log-probability of `tgt` at `pos`) and `loss` (its sum weighted by `wts`), and returns the
 * loss's gradient with respect to `hidden`. Positions must differ from one another.
 */
export function crossEntropy(math: Arithmetic, { hidden, embedding }: LossInputs): string {
  const { graph } = math;
  const last = graph.integers(-1);
  const chosen = graph.node('Gather', [hidden, 'pos']);
  const logits = math.productRight(chosen, embedding);
  const logProbabilities = graph.node('LogSoftmax', [logits], { attributes: { axis: -1 } });
  const targets = graph.node('Unsqueeze', ['tgt', last]);
  const found = graph.node('GatherElements', [logProbabilities, targets], { attributes: { axis: -1 } });
  graph.node('Squeeze', [graph.node('Neg', [found]), last], { outputs: ['nll'] });
  graph.node('ReduceSum', [math.multiply('nll', 'wts')], { outputs: ['loss'], attributes: { keepdims: 0 } });
  const expected = math.product(graph.node('Exp', [logProbabilities]), embedding);
  const difference = math.subtract(expected, graph.node('Gather', [embedding, 'tgt']));
  const dChosen = math.multiply(difference, graph.node('Unsqueeze', ['wts', last]));
  const zeros = math.scale(hidden, 0);
  return graph.node('ScatterND', [zeros, graph.node('Unsqueeze', ['pos', last]), dChosen]);
}
