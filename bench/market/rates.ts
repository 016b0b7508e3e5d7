/** The statistics of prices: how two rows go together, and rates that explain a cost. Owns the arithmetic. */

/** Pearson's r; NaN where one of the rows does not vary. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const [dx, dy] = [x - meanA, b[i]! - meanB];
    ab += dx * dy;
    aa += dx * dx;
    bb += dy * dy;
  }
  return ab / Math.sqrt(aa * bb);
}

const ROUNDS = 20_000;

/** Rates of at least 0 a unit of each input, least squares, by coordinate descent. */
export function fitRates(inputs: readonly (readonly number[])[], costs: readonly number[]): number[] {
  const rates = (inputs[0] ?? []).map(() => 0);
  const rest = [...costs];
  const squares = rates.map((_, j) => inputs.reduce((sum, row) => sum + row[j]! ** 2, 0));
  for (let round = 0; round < ROUNDS; round++) {
    for (const j of rates.keys()) {
      if (squares[j] === 0) continue;
      const slope = inputs.reduce((sum, row, i) => sum + row[j]! * rest[i]!, 0) / squares[j]!;
      const next = Math.max(0, rates[j]! + slope);
      const step = next - rates[j]!;
      rates[j] = next;
      for (const [i, row] of inputs.entries()) rest[i]! -= step * row[j]!;
    }
  }
  return rates;
}
