/** What changes with the step: the learning rate and which examples are read. Owns both orders; a seed fixes them. */
import { createPrng } from '../models/tiny/prng.ts';

export type RateSettings = {
  readonly peak: number;
  readonly warmupSteps: number;
  readonly steps: number;
  /** Share of the peak that is left at the end. */
  readonly finalShare: number;
};

/** Rises in a line to the peak, then falls in a line. `step` counts from 1. */
export function learningRate(step: number, { peak, warmupSteps, steps, finalShare }: RateSettings): number {
  if (step < warmupSteps) return (peak * step) / warmupSteps;
  const rest = Math.max(1, steps - warmupSteps);
  return peak * (1 - (1 - finalShare) * Math.min(1, (step - warmupSteps) / rest));
}

/**
 * Indices of the examples of one step. Every example comes once before any comes twice; each pass has its own order,
 * which follows from the seed and the pass alone, so any step can be asked for first.
 */
export function stepExamples(
  step: number,
  { examples, perStep, seed }: { readonly examples: number; readonly perStep: number; readonly seed: number },
): number[] {
  const orders = new Map<number, readonly number[]>();
  return Array.from({ length: perStep }, (_, i) => {
    const at = (step - 1) * perStep + i;
    const pass = Math.floor(at / examples);
    const order = orders.get(pass) ?? shuffled(examples, seed, pass);
    orders.set(pass, order);
    return order[at % examples]!;
  });
}

/** A permutation of 0 … length − 1 (Fisher and Yates). */
export function shuffled(length: number, seed: number, pass: number): number[] {
  const prng = createPrng((seed ^ Math.imul(pass + 1, 0x9e3779b1)) >>> 0);
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const other = prng.uint32() % (i + 1);
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}
