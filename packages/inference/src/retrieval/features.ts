/**
 * How well a passage fits a question, as a row of numbers. Owns what is measured; what the numbers are worth is learnt
 * (coefficients.json, bench/domains/fit.ts).
 */

import { DOCUMENT_RELATION, type Passage } from '../knowledge/passage.ts';
import { type StoredVector, storedCosine } from '../knowledge/vector-store.ts';
import type { LexicalIndex } from './lexical-index.ts';
import type { Link } from './name-index.ts';
import type { RelationFit } from './relation-fit.ts';
import type { Relations } from './relations.ts';
import { normsOf, stem, termsOf, type Word } from './words.ts';

/** Order of a feature row. All lie in about −1 … 1. */
export const FEATURES = [
  'bias',
  'cosine',
  'maskedCosine',
  'relationCosine',
  'relationLead',
  'relationOdds',
  'relationSure',
  'named',
  'nameRarity',
  'subjectCovered',
  'otherNamed',
  'nameMissing',
  'nothingNamed',
  'covered',
  'rarestUncovered',
  'nameUncovered',
  'numberUncovered',
  'relationCovered',
  'relationNamed',
  'valueInQuestion',
  'valueKind',
  'document',
] as const;
export type FeatureName = (typeof FEATURES)[number];

/** A question as it is compared. */
export type QuestionView = {
  readonly words: readonly Word[];
  readonly links: readonly Link[];
  /** Stems of content words with their rarity. */
  readonly terms: ReadonlyMap<string, number>;
  /** By linked subject: the question without it. */
  readonly masks: ReadonlyMap<string, QuestionMask>;
  /** Stems written with a capital inside the sentence. */
  readonly capitalTerms: ReadonlySet<string>;
  readonly vector: Float32Array;
  /** The question as it is, for passages of subjects that it does not name. */
  readonly unmasked: QuestionMask;
  readonly wanted: ValueKind;
  readonly askedBy: AskWord | null;
};

/** The question seen from one of the subjects that it names. "What is the melting point of gold?" names two. */
export type QuestionMask = {
  /** Who was masked; null where nobody was. */
  readonly subject: string | null;
  /** Of the question with a mark in the subject's place. */
  readonly vector: Float32Array;
  /** Stems of the words that name the subject. */
  readonly nameTerms: ReadonlySet<string>;
};

/** What kind of value a question asks for, where its form tells. */
export type ValueKind = 'number' | 'year' | 'name' | 'any';

/** The word that a question asks with, where it narrows down what may be asked. */
export type AskWord = 'who' | 'where' | 'when' | 'why' | 'how many';

export type PassageView = {
  readonly passage: Passage;
  readonly names: readonly string[];
  readonly vector: StoredVector | undefined;
  readonly maskedVector: StoredVector | undefined;
};

export type FeatureContext = {
  readonly lexical: LexicalIndex;
  readonly relations: Relations;
  /** How well the question, seen from one of its names, asks for a relation. */
  readonly fitOf: (relation: string, mask: QuestionMask) => RelationFit;
};

/** One number a feature, in the order of FEATURES. */
export function featuresOf(
  question: QuestionView,
  view: PassageView,
  { lexical, relations, fitOf }: FeatureContext,
): number[] {
  const { passage } = view;
  const isDocument = passage.relation === DOCUMENT_RELATION;
  const textTerms = termsOf(normsOf([passage.text, passage.subject, ...view.names].join(' ')));
  // A document's sentence is its own relation: it says what it is about in its own words.
  const relationTerms = isDocument ? textTerms : relations.termsOf(passage.relation);
  const named = certaintyOf(question, (link) =>
    isDocument ? termsOfLink(question, link).every((term) => textTerms.has(term)) : link.subject === passage.subject,
  );
  const mask = question.masks.get(passage.subject) ?? question.unmasked;
  const isCovered = (term: string) =>
    textTerms.has(term) || relationTerms.has(term) || (named > 0 && mask.nameTerms.has(term));
  const isMentioned = question.links.some((link) => termsOfLink(question, link).every((term) => textTerms.has(term)));
  const asked = isDocument ? null : fitOf(passage.relation, mask);
  const cosine = view.vector === undefined ? 0 : storedCosine(question.vector, view.vector);
  const maskedCosine = view.maskedVector === undefined ? cosine : storedCosine(mask.vector, view.maskedVector);
  const values: Record<FeatureName, number> = {
    bias: 1,
    cosine,
    maskedCosine,
    relationCosine: asked?.cosine ?? maskedCosine,
    relationLead: Math.max(-LEAD_MAX, Math.min(LEAD_MAX, asked?.cosineLead ?? 0)),
    relationOdds: asked?.odds ?? 0,
    relationSure: asked?.sureness ?? 0,
    named,
    nameRarity: named * rarityOf(mask.nameTerms, lexical),
    subjectCovered: named > 0 ? named : subjectCovered(question, view, lexical),
    otherNamed: named === 0 && question.links.length > 0 ? 1 : 0,
    nameMissing: named === 0 && question.links.length > 0 && !isMentioned ? 1 : 0,
    nothingNamed: question.links.length === 0 ? 1 : 0,
    ...coverageOf(question, { isCovered, nameTerms: mask.nameTerms, lexical }),
    relationNamed: relationNamed(question, relationTerms, mask.nameTerms),
    valueInQuestion: named > 0 ? 0 : valueInQuestion(question, passage),
    valueKind: passage.value === null ? 0 : kindFits(question.wanted, passage.value),
    document: isDocument ? 1 : 0,
  };
  return FEATURES.map((name) => values[name]);
}

/** Leads of cosines beyond this say nothing more. */
const LEAD_MAX = 0.3;

/** Rarity of the rarest of the terms against the highest there is, 0 … 1. */
function rarityOf(terms: ReadonlySet<string>, lexical: LexicalIndex): number {
  return Math.max(0, ...Array.from(terms, lexical.rarity)) / lexical.rarity('\u0000');
}

function certaintyOf({ links }: QuestionView, isMeant: (link: Link) => boolean): number {
  return links.reduce((most, link) => (isMeant(link) ? Math.max(most, link.certainty) : most), 0);
}

function termsOfLink({ words }: QuestionView, { firstWord, wordCount }: Link): string[] {
  return words.slice(firstWord, firstWord + wordCount).map(({ norm }) => stem(norm));
}

type Coverage = Pick<
  Record<FeatureName, number>,
  'covered' | 'rarestUncovered' | 'nameUncovered' | 'numberUncovered' | 'relationCovered'
>;

function coverageOf(
  question: QuestionView,
  {
    isCovered,
    nameTerms,
    lexical,
  }: { isCovered: (term: string) => boolean; nameTerms: ReadonlySet<string>; lexical: LexicalIndex },
): Coverage {
  let all = 0;
  let covered = 0;
  let other = 0;
  let otherCovered = 0;
  let rarest = 0;
  let nameUncovered = 0;
  let numberUncovered = 0;
  for (const [term, rarity] of question.terms) {
    const isIn = isCovered(term);
    all += rarity;
    covered += isIn ? rarity : 0;
    if (!isIn) rarest = Math.max(rarest, rarity);
    if (!isIn && question.capitalTerms.has(term)) nameUncovered = 1;
    if (!isIn && /\d/.test(term)) numberUncovered = 1;
    if (nameTerms.has(term)) continue;
    other += rarity;
    otherCovered += isIn ? rarity : 0;
  }
  const highest = lexical.rarity('\u0000');
  return {
    covered: all === 0 ? 0 : covered / all,
    rarestUncovered: rarest / highest,
    nameUncovered,
    numberUncovered,
    relationCovered: other === 0 ? 0 : otherCovered / other,
  };
}

/** 1 when the question says two words of the relation's names or more, ½ for one. The subject's own words do not count. */
function relationNamed(
  { terms }: QuestionView,
  relationTerms: ReadonlySet<string>,
  nameTerms: ReadonlySet<string>,
): number {
  let shared = 0;
  for (const term of terms.keys()) if (relationTerms.has(term) && !nameTerms.has(term)) shared++;
  return Math.min(1, shared / 2);
}

/** The greatest share of a name's words, weighted by rarity, that the question says: who asks for a description does not repeat it. */
function subjectCovered({ terms }: QuestionView, { passage, names }: PassageView, lexical: LexicalIndex): number {
  let best = 0;
  for (const name of [passage.subject, ...names]) {
    let all = 0;
    let said = 0;
    for (const term of termsOf(normsOf(name))) {
      const rarity = lexical.rarity(term);
      all += rarity;
      if (terms.has(term)) said += rarity;
    }
    if (all > 0) best = Math.max(best, said / all);
  }
  return best;
}

/** Share of the value's words that stand in the question: questions that give the value and ask for the subject. */
function valueInQuestion(question: QuestionView, { value }: Passage): number {
  if (value === null) return 0;
  const terms = [...termsOf(normsOf(value))];
  if (terms.length === 0 || terms.length > 8) return 0;
  const present = new Set([...question.words.map((word) => stem(word.norm)), ...question.terms.keys()]);
  return terms.filter((term) => present.has(term)).length / terms.length;
}

/** 1 when the value is of the kind that is asked for, −1 when not, 0 when the question does not tell. */
export function kindFits(wanted: ValueKind, value: string): number {
  if (wanted === 'any') return 0;
  const fits: Record<Exclude<ValueKind, 'any'>, RegExp> = {
    year: /\b\d{3,4}\b|century|BC|ancient|prehist/i,
    number: /\d/,
    name: /^\D*\p{Lu}\D*$/u,
  };
  return fits[wanted].test(value) ? 1 : -1;
}

/** What the form of a question says about the value it asks for. */
export function wantedKind(question: string): ValueKind {
  if (/\b(when|what year|which year|year of|date of|what date)\b/i.test(question)) return 'year';
  if (/\b(who|whom|whose)\b/i.test(question)) return 'name';
  const number =
    /\bhow (many|much|high|tall|deep|long|wide|far|large|big|old|heavy|hot|cold|dense|fast|populous)\b|\b(what|which) (number|percentage|temperature)\b/i;
  return number.test(question) ? 'number' : 'any';
}

/** The word that a question or phrase asks with. */
export function askedBy(text: string): AskWord | null {
  const words: Record<AskWord, RegExp> = {
    who: /\b(who|whom|whose)\b/i,
    where: /\b(where|whereabouts)\b/i,
    when: /\b(when|what year|which year|what date)\b/i,
    why: /\b(why|how come)\b/i,
    'how many': /\bhow (many|much)\b/i,
  };
  return (Object.keys(words) as AskWord[]).find((word) => words[word].test(text)) ?? null;
}
