/** Two small convex fits by Adam with weight decay: which of several rows is right, and how probable a row is right. Owns the arithmetic alone. */

export type Choice = { readonly rows: readonly (readonly number[])[]; readonly right: readonly boolean[] };
export type Example = { readonly row: readonly number[]; readonly right: boolean };

const STEPS = 600;
const RATE = 0.08;
const DECAY = 1e-3;

/** The sign each weight may have: 1 at least zero, −1 at most zero, 0 any. Signs that make sense keep a fit sound on wordings it never saw. */
export type Signs = readonly (-1 | 0 | 1)[];

/** Weights under which the right rows of each choice win the softmax; weighted mean of the choices. */
export function fitChoice(choices: readonly Choice[], weights: readonly number[], signs: Signs): number[] {
  return minimise(
    choices[0]?.rows[0]?.length ?? 0,
    (at, gradient) => {
      for (const [c, { rows, right }] of choices.entries()) {
        const scores = rows.map((row) => dot(row, at));
        const top = Math.max(...scores);
        const powers = scores.map((score) => Math.exp(score - top));
        const all = powers.reduce((sum, power) => sum + power, 0);
        const good = powers.reduce((sum, power, i) => sum + (right[i] ? power : 0), 0);
        for (const [i, row] of rows.entries()) {
          const pull = powers[i]! / all - (right[i] ? powers[i]! / good : 0);
          addScaled(gradient, row, weights[c]! * pull);
        }
      }
    },
    { weights, signs },
  );
}

/** Weights of the log-odds that a row is right. */
export function fitOdds(examples: readonly Example[], weights: readonly number[], signs: Signs): number[] {
  return minimise(
    examples[0]?.row.length ?? 0,
    (at, gradient) => {
      for (const [i, { row, right }] of examples.entries()) {
        const probability = 1 / (1 + Math.exp(-dot(row, at)));
        addScaled(gradient, row, weights[i]! * (probability - (right ? 1 : 0)));
      }
    },
    { weights, signs },
  );
}

function minimise(
  dimensions: number,
  addGradient: (at: readonly number[], gradient: number[]) => void,
  { weights, signs }: { weights: readonly number[]; signs: Signs },
): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const at = new Array<number>(dimensions).fill(0);
  const mean = [...at];
  const square = [...at];
  for (let step = 1; step <= STEPS; step++) {
    const gradient = new Array<number>(dimensions).fill(0);
    addGradient(at, gradient);
    const rate = RATE * Math.min(1, (2 * (STEPS - step)) / STEPS);
    for (let i = 0; i < dimensions; i++) {
      const slope = gradient[i]! / total + DECAY * at[i]!;
      mean[i] = 0.9 * mean[i]! + 0.1 * slope;
      square[i] = 0.99 * square[i]! + 0.01 * slope * slope;
      at[i]! -= (rate * (mean[i]! / (1 - 0.9 ** step))) / (Math.sqrt(square[i]! / (1 - 0.99 ** step)) + 1e-9);
      if (at[i]! * signs[i]! < 0) at[i] = 0;
    }
  }
  return at;
}

const dot = (row: readonly number[], at: readonly number[]): number =>
  row.reduce((sum, value, i) => sum + value * at[i]!, 0);

function addScaled(into: number[], row: readonly number[], scale: number): void {
  for (let i = 0; i < row.length; i++) into[i]! += scale * row[i]!;
}
