/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization"): Adam with bias-corrected moments and weight decay apart
 * from them. Owns the moments of the trained factors; the learning rate is schedule.ts.
 */
import type { FactorName, LoraFactors } from '../adapters/lora-factors.ts';

export type AdamSettings = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
};

export const ADAM_DEFAULTS: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };

/** The factors under training and what the optimiser remembers of each. Changed in place by `applyAdam`. */
export type OptimiserState = {
  /** Steps taken so far. */
  steps: number;
  readonly factors: LoraFactors;
  readonly moments: Partial<Record<FactorName, Moments>>;
};

export type Moments = { readonly first: Float32Array; readonly second: Float32Array };

/** Starts with no memory. `factors` are then owned by the state. */
export function createOptimiser(factors: LoraFactors, trained: readonly FactorName[]): OptimiserState {
  const moments = trained.map((name) => {
    const { length } = factors[name];
    return [name, { first: new Float32Array(length), second: new Float32Array(length) }];
  });
  return { steps: 0, factors, moments: Object.fromEntries(moments) };
}

/** One step: w ← w − rate·(m̂ / (√v̂ + ε) + decay·w). */
export function applyAdam(
  state: OptimiserState,
  gradients: Partial<LoraFactors>,
  { rate, settings }: { readonly rate: number; readonly settings: AdamSettings },
): void {
  const { beta1, beta2, epsilon, weightDecay } = settings;
  state.steps++;
  const firstCorrection = 1 - beta1 ** state.steps;
  const secondCorrection = 1 - beta2 ** state.steps;
  for (const name of Object.keys(state.moments) as FactorName[]) {
    const { first, second } = state.moments[name]!;
    const values = state.factors[name];
    const gradient = gradients[name]!;
    for (let i = 0; i < values.length; i++) {
      const slope = gradient[i]!;
      first[i] = beta1 * first[i]! + (1 - beta1) * slope;
      second[i] = beta2 * second[i]! + (1 - beta2) * slope * slope;
      const direction = first[i]! / firstCorrection / (Math.sqrt(second[i]! / secondCorrection) + epsilon);
      values[i] = values[i]! - rate * (direction + weightDecay * values[i]!);
    }
  }
}
