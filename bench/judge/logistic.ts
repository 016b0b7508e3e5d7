/** Logistic regression. Owns the arithmetic: Newton steps with a small ridge, from zero, so that equal inputs give equal weights. */

export type Fitted = { readonly bias: number; readonly weights: Readonly<Record<string, number>> };

/** `target`: what the probability should be, 0 … 1. `weight`: how many such rows it stands for. */
export type Row = {
  readonly features: Readonly<Record<string, number>>;
  readonly target: number;
  readonly weight: number;
};

const STEPS = 30;
const RIDGE = 1;

export function fitLogistic(rows: readonly Row[], names: readonly string[], ridge: number = RIDGE): Fitted {
  const inputs = rows.map(({ features }) => [1, ...names.map((name) => features[name]!)]);
  const size = names.length + 1;
  let beta = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const gradient = beta.map((value, i) => (i === 0 ? 0 : -ridge * value));
    const hessian = beta.map((_, i) => beta.map((_, j) => (i === j ? (i === 0 ? 1e-6 : ridge) : 0)));
    inputs.forEach((input, n) => {
      const probability = 1 / (1 + Math.exp(-dot(beta, input)));
      const { target, weight } = rows[n]!;
      const slope = weight * probability * (1 - probability);
      for (let i = 0; i < size; i++) {
        gradient[i]! += weight * (target - probability) * input[i]!;
        for (let j = 0; j < size; j++) hessian[i]![j]! += slope * input[i]! * input[j]!;
      }
    });
    const move = solve(hessian, gradient);
    beta = beta.map((value, i) => value + Math.max(-2, Math.min(2, move[i]!)));
  }
  return { bias: beta[0]!, weights: Object.fromEntries(names.map((name, i) => [name, beta[i + 1]!])) };
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Gauss elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let i = 0; i < rows.length; i++) {
    let pivot = i;
    for (let k = i + 1; k < rows.length; k++) if (Math.abs(rows[k]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = k;
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let k = 0; k < rows.length; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= rows.length; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  return rows.map((row, i) => row[rows.length]! / row[i]!);
}
