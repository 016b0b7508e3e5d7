/** Multinomial logistic regression by full batches, from zero, so that equal inputs give equal weights. Owns the arithmetic of fitting alone. */
import { softmax } from '../../packages/inference/src/routing/classifier.ts';

const STEPS = 200;
const RATE = 0.1;
/** Weight of the squared weights. */
const DECAY = 1e-4;
/** Label noise that keeps the router from being certain. */
const SMOOTHING = 0.02;

export type Sample = { readonly vector: readonly number[]; readonly label: number; readonly weight: number };
export type FitOptions = { readonly decay?: number; readonly steps?: number };

/** One row a class: weights, then the bias. */
export function fitRows(
  samples: readonly Sample[],
  classes: number,
  { decay = DECAY, steps = STEPS }: FitOptions = {},
): number[][] {
  const dimensions = samples[0]!.vector.length;
  const inputs = samples.map(({ vector }) => Float32Array.from(vector));
  const empty = () => Array.from({ length: classes }, () => new Float64Array(dimensions + 1));
  const [rows, first, second] = [empty(), empty(), empty()];
  for (let step = 1; step <= steps; step++) {
    const gradients = gradientsOf(samples, inputs, rows, decay);
    for (const [k, row] of rows.entries()) adam(row, gradients[k]!, first[k]!, second[k]!, step);
  }
  return rows.map((row) => [...row]);
}

function gradientsOf(
  samples: readonly Sample[],
  inputs: readonly Float32Array[],
  rows: readonly Float64Array[],
  decay: number,
): Float64Array[] {
  const dimensions = inputs[0]!.length;
  const gradients = rows.map((row) => row.map((weight, i) => (i === dimensions ? 0 : decay * weight)));
  for (const [at, { label, weight }] of samples.entries()) {
    const input = inputs[at]!;
    softmax(rows.map((row) => scoreOf(row, input))).forEach((probability, k) => {
      const target = k === label ? 1 - SMOOTHING : SMOOTHING / (rows.length - 1);
      const error = weight * (probability - target);
      const gradient = gradients[k]!;
      for (let i = 0; i < dimensions; i++) gradient[i]! += error * input[i]!;
      gradient[dimensions]! += error;
    });
  }
  return gradients;
}

/** What a row gives to an input. */
export function scoreOf(row: ArrayLike<number>, input: ArrayLike<number>): number {
  let sum = row[input.length]!;
  for (let i = 0; i < input.length; i++) sum += row[i]! * input[i]!;
  return sum;
}

function adam(
  row: Float64Array,
  gradient: Float64Array,
  first: Float64Array,
  second: Float64Array,
  step: number,
): void {
  for (let i = 0; i < row.length; i++) {
    first[i] = 0.9 * first[i]! + 0.1 * gradient[i]!;
    second[i] = 0.999 * second[i]! + 0.001 * gradient[i]! ** 2;
    row[i]! -= (RATE * (first[i]! / (1 - 0.9 ** step))) / (Math.sqrt(second[i]! / (1 - 0.999 ** step)) + 1e-8);
  }
}
