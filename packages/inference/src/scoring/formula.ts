/**
 * One number out of a judge's features: a logistic curve over a weighted sum. Owns its form; the weights are fitted by bench/judge/fit.ts
 * and stand in coefficients.json.
 */
import coefficients from './coefficients.json' with { type: 'json' };
import { FEATURES, type Features } from './features.ts';

export type Coefficients = { readonly bias: number; readonly weights: Features };

/** Probability, as the judge sees it, that the answer is right: 0 … 1. */
export function probabilityRight(features: Features, { bias, weights }: Coefficients = coefficients): number {
  const sum = FEATURES.reduce((total, name) => total + weights[name] * features[name], bias);
  return 1 / (1 + Math.exp(-sum));
}
