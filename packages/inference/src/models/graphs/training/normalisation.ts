/** Root-mean-square normalisation, forward and backward. Owns the pair of formulas; the weight is not trained. */
import type { Arithmetic } from './arithmetic.ts';

/** What the backward pass needs: x / rms(x), 1 / rms(x), and the weight. */
export type Normalised = {
  readonly output: string;
  readonly unit: string;
  readonly inverse: string;
  readonly weight: string;
};

/** y = w · x̂ with x̂ = x / √(mean x² + ε), over the last axis. */
export function normalise(math: Arithmetic, x: string, weight: string, epsilon: number): Normalised {
  const variance = math.add(math.mean(math.multiply(x, x)), math.graph.float(epsilon));
  const inverse = math.graph.node('Reciprocal', [math.graph.node('Sqrt', [variance])]);
  const unit = math.multiply(x, inverse);
  return { output: math.multiply(unit, weight), unit, inverse, weight };
}

/** dx = (g − x̂·mean(g·x̂)) / rms, where g = dy · w. */
export function normaliseBackward(math: Arithmetic, dy: string, { unit, inverse, weight }: Normalised): string {
  const g = math.multiply(dy, weight);
  const along = math.multiply(unit, math.mean(math.multiply(g, unit)));
  return math.multiply(inverse, math.subtract(g, along));
}
