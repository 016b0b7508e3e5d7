/**
 * What a judge measures of an answer against its own belief. Owns the meaning of every feature (judging §3); how much each counts is fitted and
 * stands in coefficients.json. All features lie in 0 … 1. Those that speak for an answer are bound to its stating the asked value, so
 * that nothing said beside a wrong value can help it.
 */
import type { Belief, Expectation } from './belief.ts';
import { isFunctionWord } from './key-terms.ts';
import { isSameQuantity } from './quantities.ts';
import type { Reading, Sentence } from './reading.ts';
import { isNamedIn, stated, stem, type Value } from './stated.ts';

export const FEATURES = [
  'sure',
  'match',
  'part',
  'other',
  'later',
  'sibling',
  'foreign',
  'numbers',
  'rival',
  'refusal',
  'against',
] as const;
export type Feature = (typeof FEATURES)[number];
export type Features = Readonly<Record<Feature, number>>;

/** One number a feature. */
export function measure(belief: Belief, answer: Reading): Features {
  const { best, others, confidence } = belief;
  const bestSentence = answer.isRefusal ? 0 : statedIn(best, answer, belief.question);
  const worstSentence = answer.isRefusal ? 0 : statedThroughout(best, answer, belief.question);
  const match = worstSentence + trust(confidence) * Math.max(0, bestSentence - worstSentence);
  const rest = answer.isRefusal
    ? []
    : others.map(({ expectation }) => statedThroughout(expectation, answer, belief.question));
  const other = Math.max(0, ...rest.map((value, i) => value * Math.sqrt(others[i]!.share)));
  const later = Math.max(0, ...rest.map((value, i) => value / (i + 1)));
  const sibling = Math.max(
    0,
    ...belief.siblings.map(
      ({ value, weight }) => weight * Math.max(...answer.sentences.map((sentence) => stated(value, sentence))),
    ),
  );
  return {
    sure: confidence * match,
    match,
    part: answer.isRefusal ? 0 : (1 - match) * partIn(belief, answer),
    other: (1 - match) * other,
    later: (1 - match) * later,
    sibling: confidence * sibling,
    foreign: match * foreignShare(belief, answer),
    numbers: match * foreignNumbers(belief, answer),
    rival: match * Math.min(1, rivals(belief, answer)),
    refusal: answer.isRefusal ? (1 - confidence) ** 3 : 0,
    against: answer.isRefusal ? 0 : confidence * (1 - match),
  };
}

/** Below this confidence the judge hardly knows what is asked. */
export const TRUSTED_FROM = 0.8;

/**
 * How much one sentence may speak for a whole answer. A judge that is unsure which fact is asked for would else reward whoever puts a
 * likely passage beside a guess.
 */
const trust = (confidence: number): number => Math.max(0, (confidence - TRUSTED_FROM) / (1 - TRUSTED_FROM));

/** The best sentence's match. A denial states nothing, unless the evidence denies too; nor does the question said again. */
function statedIn(expectation: Expectation, { sentences }: Reading, question: Sentence): number {
  const { value, subject, evidence, vocabulary } = expectation;
  const isGiven = stated(value, question) === 1;
  const isEmpty = (sentence: Sentence) =>
    (sentence.isNegated && !evidence.isNegated) ||
    (restates(sentence, question) && (isGiven || addsNothing(sentence, question)));
  const isSubject = (sentence: Sentence) => subject !== null && isNamedIn(subject, sentence);
  return Math.max(
    0,
    ...sentences.map((sentence) =>
      isEmpty(sentence) ? 0 : isSubject(sentence) ? 1 : statedOf(value, sentence, vocabulary),
    ),
  );
}

/** As `stated`, but numbers that count what neither question nor evidence speaks of ("six strings") are worth half. */
function statedOf(value: Value, sentence: Sentence, vocabulary: ReadonlySet<string>): number {
  const all = stated(value, sentence);
  if (value.quantities.length === 0 || all === 0) return all;
  const known = sentence.quantities.filter(
    ({ counted }) =>
      counted.length === 0 || counted.some((word) => vocabulary.has(stem(word)) || FILLERS.has(stem(word))),
  );
  return known.length === sentence.quantities.length
    ? all
    : (all + stated(value, { ...sentence, quantities: known })) / 2;
}

function addsNothing(sentence: Sentence, question: Sentence): boolean {
  const asked = termsOf(question.words);
  return termsOf(sentence.words).every((term) => asked.includes(term));
}

/** The worst sentence's match: what is not the judge's first thought must be all that an answer says. */
function statedThroughout(expectation: Expectation, answer: Reading, question: Sentence): number {
  const sentences = answer.sentences.filter(hasContent);
  if (sentences.length === 0) return 0;
  return Math.min(
    ...sentences.map((sentence) => statedIn(expectation, { ...answer, sentences: [sentence] }, question)),
  );
}

const hasContent = ({ words }: Sentence): boolean => termsOf(words).some((term) => !FILLERS.has(term));

/** From this share of the question's content words on, a sentence is the question said again. */
const RESTATED_FROM = 0.8;

function restates(sentence: Sentence, question: Sentence): boolean {
  const asked = termsOf(question.words);
  const said = termsOf(sentence.words);
  return asked.filter((term) => said.includes(term)).length >= RESTATED_FROM * asked.length;
}

/**
 * How much of what the answer adds to the question bears the answer: 1 for a bare part of it. Words around it count little; another value of
 * the asked kind makes it 0.
 */
function partIn(belief: Belief, answer: Reading): number {
  const { best, question } = belief;
  if (isIndivisible(best.value) || rivals(belief, answer) > 0) return 0;
  const sentences = answer.sentences.filter(({ isNegated }) =>
    isNegated ? best.evidence.isNegated : !best.value.isNegated,
  );
  const asked = new Set(termsOf(question.words));
  const added = [...new Set(sentences.flatMap(({ words }) => termsOf(words)))].filter((term) => !asked.has(term));
  const numbers = best.evidence.quantities.filter(
    (one) => !question.quantities.some((other) => isSameQuantity(one, other)),
  );
  const counts = ({ quantities }: Sentence) =>
    numbers.filter((one) => quantities.some((other) => isSameQuantity(one, other))).length;
  const tells = (sentence: Sentence) =>
    counts(sentence) > 0 || termsOf(sentence.words).some((term) => best.telling.has(term) && !asked.has(term));
  if (!sentences.filter(hasContent).every(tells)) return 0;
  const told = Math.max(0, ...sentences.map(counts));
  // Another number than the evidence has makes another thing of the rest.
  if (hasNumber(best.value) && added.some((word) => /\d/.test(word) && !best.vocabulary.has(word))) return 0;
  const hits = told + added.filter((term) => best.telling.has(term)).length;
  const foreign = added.filter((term) => !FILLERS.has(term) && !best.vocabulary.has(term)).length - told;
  return hits === 0 ? 0 : hits / (hits + FOREIGN_WEIGHT * Math.max(0, foreign));
}

const FOREIGN_WEIGHT = 0.3;

const hasNumber = ({ parts }: Value): boolean => parts.flat().some((word) => /\d/.test(word));

/** Numbers and codes are stated or not: a piece of one is another one. */
const isIndivisible = ({ quantities, parts }: Value): boolean => quantities.length > 0 || parts.length === 0;

/** Stems that surround short answers and say nothing. */
const FILLERS = new Set(
  'answer ask say said call know think sure would should believ correct right well likely probab yes her here there'.split(
    ' ',
  ),
);

const termsOf = (all: readonly string[]): string[] => all.filter((word) => !isFunctionWord(word)).map(stem);

/** Share of the content words that the answer adds to the question and the evidence does not have: to say the question again thins nothing. */
function foreignShare({ best, question }: Belief, { sentences }: Reading): number {
  const asked = new Set(question.words.map(stem));
  const terms = new Set(
    sentences.flatMap(({ words }) => words.filter((word) => !isFunctionWord(word) && !/\d/.test(word)).map(stem)),
  );
  const added = [...terms].filter((term) => !asked.has(term));
  return added.length === 0 ? 0 : added.filter((term) => !best.vocabulary.has(term)).length / added.length;
}

/** Share of the numbers that the answer adds to the question and the evidence does not have. */
function foreignNumbers({ question, best }: Belief, { sentences }: Reading): number {
  const numbers = sentences
    .flatMap((sentence) => sentence.quantities)
    .filter((number) => !question.quantities.some((other) => isSameQuantity(number, other)));
  if (numbers.length === 0) return 0;
  const known = [...best.evidence.quantities, ...best.value.quantities];
  return numbers.filter((number) => !known.some((other) => isSameQuantity(number, other))).length / numbers.length;
}

/** How many other values of the asked kind the answer names. */
function rivals({ best, lexicon }: Belief, { sentences }: Reading): number {
  const found = sentences.flatMap((sentence) =>
    best.asked === 'subject'
      ? lexicon.subjectsIn(sentence)
      : best.asked === 'value'
        ? lexicon.valuesIn(best.passage.relation, sentence)
        : [],
  );
  return new Set(found.filter((name) => !name.split(' ').every((word) => best.vocabulary.has(stem(word))))).size;
}
