/**
 * Several deltas as one, in integers and with every division toward zero: each node gets the same bytes (spec: learning §6). Owns
 * which deltas count and the rules; their files are delta-file.ts, what they are worth is the gate's.
 */
import type { Delta } from './delta-file.ts';
import { dot, integerRoot, squaredDistance } from './exact-sums.ts';
import { type FixedFactors, INT32_MAX, UNITS_PER_ONE } from './fixed-factors.ts';
import { limits } from './limits.ts';

/** In the order of the chain's parameter `aggregator`. */
export const AGGREGATION_RULES = ['mean', 'median', 'trimmedMean', 'multiKrum'] as const;
export type AggregationRule = (typeof AGGREGATION_RULES)[number];

export type AggregateOptions = {
  readonly rule: AggregationRule;
  /** Largest norm of a delta in thousandths, of its values as floats. A longer one is shortened to it. */
  readonly normMax: number;
  /** Deltas that may be arbitrary, fewer than half; `outliersOf` their number when left out. */
  readonly outliers?: number;
};

/** Cosine from which on a delta is a copy: 0.98, squared and over 10⁴. */
const COPY_COSINE_SQUARED = 9604n;

/** Denominator of the factor that shortens a delta: 2²⁰ times a value stays exact in a double. */
const SHORTENING = 2 ** 20;

/** The rule with this number. Errors: RangeError. */
export function aggregationRule(aggregator: number): AggregationRule {
  const rule = AGGREGATION_RULES[aggregator];
  if (rule === undefined) throw new RangeError(`there is no aggregation rule ${aggregator}`);
  return rule;
}

/** Arbitrary deltas of n that a rule bears: fewer than a third, and one of three. */
export function outliersOf(deltas: number): number {
  return deltas < 3 ? 0 : Math.max(1, Math.floor((deltas - 1) / 3));
}

/**
 * One change out of several of equal length, copies already left out; zeros of length 0 when there are none. Only multi-Krum
 * depends on their order, and only where two are equally good. Errors: RangeError for more than `limits.deltasMax`, unequal lengths,
 * or outliers that are not fewer than half.
 */
export function aggregate(deltas: readonly Delta[], { rule, normMax, outliers }: AggregateOptions): Int32Array {
  const f = outliers ?? outliersOf(deltas.length);
  if (deltas.length > limits.deltasMax) throw new RangeError(`at most ${limits.deltasMax} deltas are aggregated`);
  if (deltas.some(({ values }) => values.length !== deltas[0]!.values.length)) {
    throw new RangeError('deltas of different lengths cannot be aggregated');
  }
  if (deltas.length === 0) return new Int32Array(0);
  if (2 * f >= deltas.length) throw new RangeError(`of ${deltas.length} deltas, ${f} cannot be left out`);
  const bounded = deltas.map(({ values }) => boundNorm(values, normMax));
  switch (rule) {
    case 'mean':
      return trimmedMean(bounded, 0);
    case 'median':
      return trimmedMean(bounded, Math.floor((bounded.length - 1) / 2));
    case 'trimmedMean':
      return trimmedMean(bounded, f);
    case 'multiKrum':
      return multiKrum(bounded, f);
  }
}

/** `values` when its norm is at most `normMax` thousandths, else shortened to that. */
export function boundNorm(values: Int32Array, normMax: number): Int32Array {
  const most = (BigInt(normMax) * BigInt(UNITS_PER_ONE)) / 1000n;
  const squares = dot(values, values);
  if (squares <= most * most) return values;
  const norm = integerRoot(squares) + 1n;
  const factor = Number((most * BigInt(SHORTENING)) / norm);
  return values.map((value) => Math.trunc((value * factor) / SHORTENING));
}

/**
 * For each delta whether it copies one that was committed earlier: their cosine is at least 0.98. `order`: its place among the
 * commitments. A copy of a copy is one too.
 */
export function findCopies(deltas: readonly (Delta & { readonly order: number })[]): boolean[] {
  const squares = deltas.map(({ values }) => dot(values, values));
  return deltas.map(({ values, order }, i) =>
    deltas.some((earlier, j) => {
      if (earlier.order >= order) return false;
      const product = dot(values, earlier.values);
      return product > 0n && product * product * 10_000n >= COPY_COSINE_SQUARED * squares[i]! * squares[j]!;
    }),
  );
}

/** The base with a change added; sums beyond 32 bits stop at their ends. */
export function addChange(base: FixedFactors, change: Int32Array): FixedFactors {
  const values = base.values.map((value, i) => Math.max(-INT32_MAX, Math.min(INT32_MAX, value + (change[i] ?? 0))));
  return { about: base.about, values };
}

/** Of each coordinate the mean without the `off` smallest and largest. With all but one or two off, the median. */
function trimmedMean(deltas: readonly Int32Array[], off: number): Int32Array {
  const kept = deltas.length - 2 * off;
  const column = new Float64Array(deltas.length);
  return Int32Array.from(deltas[0]!, (_, at) => {
    for (let i = 0; i < deltas.length; i++) column[i] = deltas[i]![at]!;
    if (off > 0) column.sort();
    let sum = 0;
    for (let i = off; i < off + kept; i++) sum += column[i]!;
    return Math.trunc(sum / kept);
  });
}

/**
 * The mean of the n − f deltas that lie nearest to their n − f − 1 nearest others (Blanchard et al., "Machine Learning with
 * Adversaries", with byzfl's counts). Of equally near ones the first come.
 */
function multiKrum(deltas: readonly Int32Array[], f: number): Int32Array {
  const neighbours = deltas.length - f - 1;
  const distances = deltas.map((one, i) => deltas.map((other, j) => (i === j ? 0n : squaredDistance(one, other))));
  const scores = distances.map((row, i) => {
    const others = row.filter((_, j) => j !== i).sort(ascending);
    return others.slice(0, neighbours).reduce((sum, distance) => sum + distance, 0n);
  });
  const nearest = deltas.map((_, i) => i).sort((a, b) => ascending(scores[a]!, scores[b]!) || a - b);
  return trimmedMean(
    nearest.slice(0, deltas.length - f).map((i) => deltas[i]!),
    0,
  );
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
