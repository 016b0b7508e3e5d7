/**
 * Which relation a question asks for, among all that an index holds: of the named subject's relations and of those that this subject lacks.
 * A sibling fact answers only if no other relation is asked better. Owns what is measured of a relation; the weights are learnt
 * (coefficients.json, bench/domains/fit.ts).
 */
import { storedCosine, type VectorStore } from '../knowledge/vector-store.ts';
import { type AskWord, kindFits, type QuestionMask, type QuestionView } from './features.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { Relations } from './relations.ts';

/** Order of a relation's row. All lie in −1 … 1. */
export const RELATION_FEATURES = [
  'phrase',
  'phraseNear',
  'phraseMean',
  'statement',
  'covered',
  'overlap',
  'kind',
  'asks',
  'kin',
] as const;
export type RelationFeature = (typeof RELATION_FEATURES)[number];
export type RelationWeights = Readonly<Record<RelationFeature, number>>;

export type RelationFit = {
  /** The greatest cosine of a phrase; 0 when no phrase has a vector yet. */
  readonly cosine: number;
  /** How far that lies above every other relation's, −1 … 1. */
  readonly cosineLead: number;
  /** Log-odds that this relation is asked for rather than any other, −1 … 1 for −ODDS_MAX … ODDS_MAX. */
  readonly odds: number;
  /** Logarithm of the probability that this relation is asked for, −1 … 0 for −ODDS_MAX … 0. */
  readonly sureness: number;
};

/** Log-odds beyond this say nothing more. */
const ODDS_MAX = 6;
/** So many phrases that ask with other words are half of a proof. */
const ASK_WORDS_FEW = 3;
/** Cosines above this come near to saying the phrase itself. */
const NEAR_MIN = 0.8;
/** The best phrases that phraseMean averages. */
const PHRASES_AVERAGED = 3;

export type RelationParts = {
  readonly relations: Relations;
  readonly store: VectorStore;
  readonly lexical: LexicalIndex;
  /** How usual a relation is for the subject that the question is seen from (kinship.ts). */
  readonly kinOf: (subject: string, relation: string) => number;
};

/** One row a relation, in the order of `relations.names`. */
export function relationRows(
  question: QuestionView,
  mask: QuestionMask,
  { relations, store, lexical, kinOf }: RelationParts,
): number[][] {
  const asked = new Map([...question.terms].filter(([term]) => !mask.nameTerms.has(term)));
  const askedWeight = sum(asked.values());
  const cosinesOf = (texts: readonly string[]) =>
    texts
      .flatMap((text) => {
        const vector = store.get(text);
        return vector === undefined ? [] : [storedCosine(mask.vector, vector)];
      })
      .toSorted((a, b) => b - a);
  const overlapOf = (terms: ReadonlySet<string>): number => {
    let shared = 0;
    for (const term of terms) shared += asked.get(term) ?? 0;
    const own = lexical.weightOf(terms);
    return own + askedWeight === 0 ? 0 : (2 * shared) / (own + askedWeight);
  };
  return relations.names.map((name) => {
    const phrases = cosinesOf(relations.phrasesOf(name));
    const statements = cosinesOf(relations.statementsOf(name));
    const terms = relations.termsOf(name);
    const best = phrases.slice(0, PHRASES_AVERAGED);
    const values: Record<RelationFeature, number> = {
      phrase: phrases[0] ?? 0,
      phraseNear: Math.max(0, ((phrases[0] ?? 0) - NEAR_MIN) / (1 - NEAR_MIN)),
      phraseMean: best.length === 0 ? 0 : sum(best) / best.length,
      statement: statements[0] ?? phrases[0] ?? 0,
      covered:
        askedWeight === 0 ? 0 : sum([...asked].map(([term, rarity]) => (terms.has(term) ? rarity : 0))) / askedWeight,
      overlap: Math.max(0, ...relations.phraseTermsOf(name).map(overlapOf)),
      kind: kindOf(question.wanted, relations.valuesOf(name)),
      asks: asksOf(question.askedBy, relations.askWordsOf(name)),
      kin: mask.subject === null ? 0 : kinOf(mask.subject, name),
    };
    return RELATION_FEATURES.map((feature) => values[feature]);
  });
}

/** 1 when phrases of the relation ask with this word, towards −1 the more of them ask with others alone; 0 when the question does not tell. */
function asksOf(word: QuestionView['askedBy'], words: readonly AskWord[]): number {
  if (word === null) return 0;
  return words.includes(word) ? 1 : -words.length / (words.length + ASK_WORDS_FEW);
}

/** Mean of how the relation's values fit what is asked for. */
function kindOf(wanted: QuestionView['wanted'], values: readonly string[]): number {
  return values.length === 0 ? 0 : sum(values.map((value) => kindFits(wanted, value))) / values.length;
}

/** What the rows say of each relation, by name. */
export function fitRelations(
  names: readonly string[],
  rows: readonly (readonly number[])[],
  weights: RelationWeights,
): Map<string, RelationFit> {
  const scores = rows.map((row) => RELATION_FEATURES.reduce((all, feature, i) => all + weights[feature] * row[i]!, 0));
  const cosines = rows.map(([phrase]) => phrase!);
  const [first, second] = greatestTwo(cosines);
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const all = sum(powers);
  return new Map(
    names.map((name, i) => {
      const odds = Math.log((powers[i]! + 1e-9) / (all - powers[i]! + 1e-9));
      const rival = cosines[i] === first ? second : first;
      const bounded = Math.max(-ODDS_MAX, Math.min(ODDS_MAX, odds)) / ODDS_MAX;
      const sureness = -Math.log1p(Math.exp(-bounded * ODDS_MAX)) / ODDS_MAX;
      return [name, { cosine: cosines[i]!, cosineLead: cosines[i]! - Math.max(0, rival), odds: bounded, sureness }];
    }),
  );
}

function greatestTwo(values: readonly number[]): [first: number, second: number] {
  const sorted = values.toSorted((a, b) => b - a);
  return [sorted[0] ?? 0, sorted[1] ?? 0];
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
