/** Rank statistics. Owns their definitions; ties count half. */

/** Chance that a positive scores above a negative. */
export function auc(positives: readonly number[], negatives: readonly number[]): number {
  const all = [
    ...positives.map((score) => ({ score, isPositive: true })),
    ...negatives.map((score) => ({ score, isPositive: false })),
  ];
  const ranks = ranksOf(all.map(({ score }) => score));
  const sum = ranks.reduce((total, rank, i) => total + (all[i]!.isPositive ? rank : 0), 0);
  return (sum - (positives.length * (positives.length + 1)) / 2) / (positives.length * negatives.length);
}

/** Rank correlation. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  return pearson(ranksOf(a), ranksOf(b));
}

export function pearson(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i]! - meanA) * (b[i]! - meanB);
    squareA += (a[i]! - meanA) ** 2;
    squareB += (b[i]! - meanB) ** 2;
  }
  return both / Math.sqrt(squareA * squareB);
}

/** From 1; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let at = 0; at < order.length; ) {
    let end = at;
    while (end < order.length && values[order[end]!] === values[order[at]!]) end++;
    for (let i = at; i < end; i++) ranks[order[i]!] = (at + end + 1) / 2;
    at = end;
  }
  return ranks;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean gap between stated and observed probability over ten bins, weighted by size. */
export function calibrationGap(scores: readonly number[], truths: readonly number[]): number {
  const bins = Map.groupBy(scores.keys(), (i) => Math.min(9, Math.floor(10 * scores[i]!)));
  return [...bins.values()].reduce((sum, bin) => {
    const gap = Math.abs(mean(bin.map((i) => scores[i]!)) - mean(bin.map((i) => truths[i]!)));
    return sum + (bin.length / scores.length) * gap;
  }, 0);
}
