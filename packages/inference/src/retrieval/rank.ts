/** Feature rows → order and probability. Owns the formula; its numbers are fitted by bench/domains/fit.ts and stand in coefficients.json. */
import coefficients from './coefficients.json' with { type: 'json' };
import { FEATURES, type FeatureName } from './features.ts';

export type Coefficients = {
  /** Weights of the ranking score: higher is better within one question. */
  readonly rank: Readonly<Record<FeatureName, number>>;
  /** Weights of the log-odds that a passage answers, over its features, its ranking score and its lead over the best other one. */
  readonly answers: Readonly<Record<FeatureName | 'score' | 'lead', number>>;
  /** Below this probability the expert says that it does not know. */
  readonly threshold: number;
};

export const shippedCoefficients: Coefficients = coefficients;

/** Leads beyond this say nothing more. */
const LEAD_MAX = 4;

export type Ranked = { readonly row: number; readonly probability: number };

/** Rows best first with their probabilities. Equal scores keep their order. */
export function rank(rows: readonly (readonly number[])[], { rank: weights, answers }: Coefficients): Ranked[] {
  const scores = rows.map((row) => weigh(row, weights));
  const order = scores.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]! || a - b);
  const [first, second] = order;
  return order.map((i) => {
    const rival = i === first ? second : first;
    const logOdds = weigh(rows[i]!, answers) + answers.score * scores[i]! + answers.lead * leadOf(scores, i, rival);
    return { row: i, probability: 1 / (1 + Math.exp(-logOdds)) };
  });
}

/** How far a score lies above its best rival, bounded; no rival is the largest lead. */
export function leadOf(scores: readonly number[], own: number, rival: number | undefined): number {
  const lead = rival === undefined ? LEAD_MAX : scores[own]! - scores[rival]!;
  return Math.max(-LEAD_MAX, Math.min(LEAD_MAX, lead));
}

export function weigh(row: readonly number[], weights: Readonly<Record<FeatureName, number>>): number {
  return FEATURES.reduce((sum, name, i) => sum + weights[name] * row[i]!, 0);
}
