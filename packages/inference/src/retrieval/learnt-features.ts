/**
 * How well a question asks again what a correction answered, as a row of numbers, and how probable that makes it. Owns what is measured and the
 * formula. Weights were fitted by bench/learning/fit-learnt.ts; biases, those of relations and of maskedTextCosine were then set on
 * bench/learning/corrections-tuning.jsonl (answering §10.3).
 */
import coefficients from './learnt-coefficients.json' with { type: 'json' };
import type { RelationFit } from './relation-fit.ts';

/** Order of a row. All lie in −1 … 1. */
export const LEARNT_FEATURES = [
  'bias',
  'cosine',
  'textCosine',
  'maskedCosine',
  'maskedTextCosine',
  'shared',
  'sharedBack',
  'kind',
  'reversed',
  'relationAgreed',
  'relationDiffers',
  'sameFact',
  'otherFact',
] as const;
export type LearntFeature = (typeof LEARNT_FEATURES)[number];
export type LearntWeights = Readonly<Record<LearntFeature, number>>;

/** `published`: with published knowledge to compare; `alone`: without. */
export const learntCoefficients: { readonly published: LearntWeights; readonly alone: LearntWeights } = coefficients;

/** From this probability on a learnt passage answers. */
export const LEARNT_PROBABILITY_MIN = 0.5;

export function learntProbability(row: readonly number[], weights: LearntWeights): number {
  const logOdds = LEARNT_FEATURES.reduce((sum, name, i) => sum + weights[name] * row[i]!, 0);
  return 1 / (1 + Math.exp(-logOdds));
}

export type RelationsAsked = ReadonlyMap<string, RelationFit>;

/** Log-odds of RelationFit are given in sixths. */
const ODDS_UNIT = 6;
const probabilityOf = ({ odds }: RelationFit): number => 1 / (1 + Math.exp(-ODDS_UNIT * odds));

/** Neighbouring relations agree to three quarters; the power parts them from equal ones. */
const AGREEMENT_POWER = 4;

/** How far two questions ask for the same relations (0 … 1), and how surely for two others. */
export function compareRelations(a: RelationsAsked, b: RelationsAsked): { agreed: number; differs: number } {
  let agreed = 0;
  for (const [relation, fit] of a) agreed += Math.sqrt(probabilityOf(fit) * probabilityOf(b.get(relation)!));
  const [first, second] = [mostAsked(a), mostAsked(b)];
  const differs = first.relation === second.relation ? 0 : first.probability * second.probability;
  return { agreed: Math.min(1, agreed) ** AGREEMENT_POWER, differs };
}

function mostAsked(asked: RelationsAsked): { relation: string | null; probability: number } {
  let best: { relation: string | null; probability: number } = { relation: null, probability: 0 };
  for (const [relation, fit] of asked) {
    const probability = probabilityOf(fit);
    if (probability > best.probability) best = { relation, probability };
  }
  return best;
}
