/** Feature rows → order and probability. Owns the formula; its numbers are fitted by bench/domains/fit.ts and stand in coefficients.json. */
import coefficients from './coefficients.json' with { type: 'json' };
import { FEATURES, type FeatureName } from './features.ts';
import type { RelationWeights } from './relation-fit.ts';

export type Coefficients = {
  /** Weights of the score by which relations compete for a question (relation-fit.ts). */
  readonly relations: RelationWeights;
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

/** A feature row and what its passage states: passages of one statement are no rivals of each other. */
export type Rankable = { readonly features: readonly number[]; readonly statement: string };

/** Rows best first with their probabilities. Equal scores keep their order. */
export function rank(
  rows: readonly Rankable[],
  { rank: weights, answers }: Pick<Coefficients, 'rank' | 'answers'>,
): Ranked[] {
  const scores = rows.map(({ features }) => weigh(features, weights));
  const order = scores.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]! || a - b);
  return order.map((row) => {
    const lead = leadOf(rows, scores, row, order);
    const logOdds = weigh(rows[row]!.features, answers) + answers.score * scores[row]! + answers.lead * lead;
    return { row, probability: 1 / (1 + Math.exp(-logOdds)) };
  });
}

/** How far a row's score lies above the best one that states something else, bounded; no rival is the largest lead. `order` is best first. */
export function leadOf(
  rows: readonly Rankable[],
  scores: readonly number[],
  row: number,
  order: readonly number[],
): number {
  const rival = order.find((other) => rows[other]!.statement !== rows[row]!.statement);
  const lead = rival === undefined ? LEAD_MAX : scores[row]! - scores[rival]!;
  return Math.max(-LEAD_MAX, Math.min(LEAD_MAX, lead));
}

export function weigh(row: readonly number[], weights: Readonly<Record<FeatureName, number>>): number {
  return FEATURES.reduce((sum, name, i) => sum + weights[name] * row[i]!, 0);
}
