/**
 * Examples that teach a reader to answer with what a passage says, and to refuse when none does. Owns the mixture; only entities
 * of the train split are used, passages of refusals included (docs/spec/training.md, clauses T13–T15).
 */
import { createPrng, type Prng } from '../models/tiny/prng.ts';
import type { TrainingExample } from './batch.ts';
import { TrainingError } from './errors.ts';
import { limits } from './limits.ts';
import { REFUSAL, readerPrompt } from './reader-prompt.ts';
import { shuffled } from './schedule.ts';
import type { SourcePassage, SourceQuestion, TrainingSource } from './training-source.ts';

/** A question with the passage that answers it and the words of the passage that do. */
type Fact = { readonly question: string; readonly passage: SourcePassage; readonly answer: string };

/** Shares of the examples, in percent. */
const SHARES = {
  /** Only wrong passages: the answer is the refusal. */
  refusal: 20,
  /** A second, wrong passage beside the right one. */
  second: 15,
  /** Written as people type: no capital, no question mark. */
  casual: 25,
  /** Asked in words of relations.json instead of a question's own. */
  rephrased: 35,
} as const;

/** Longer answers are quoted by the expert and need no reader. */
const ANSWER_CHARACTERS_MAX = 90;

/** `count` examples that follow from the source and the seed alone. Relations come equally often, whatever their size. */
export function domainExamples(
  source: TrainingSource,
  { count, seed }: { readonly count: number; readonly seed: number },
): TrainingExample[] {
  const prng = createPrng(seed);
  const material = trainingMaterial(source);
  const draw = createFactDraw(material.facts, seed);
  const examples: TrainingExample[] = [];
  for (let i = 0; i < Math.min(count, limits.examplesMax); i++) {
    const fact = draw();
    const question = asked(fact, source, prng);
    const wrong = () => wrongPassage(fact, material, prng);
    if (chance(prng, SHARES.refusal)) {
      examples.push(refusal(material, { question, wrong }, prng));
      continue;
    }
    const passages = [fact.passage.text];
    if (chance(prng, SHARES.second)) passages.splice(prng.uint32() % 2, 0, wrong().text);
    examples.push({ prompt: readerPrompt(question, passages), answer: fact.answer });
  }
  return examples;
}

/** Held-out questions with the passage that answers them: what a reader is measured on. `split` is never `train`. */
export function heldOutExamples(
  source: TrainingSource,
  { split, count, seed }: { readonly split: 'tune' | 'test'; readonly count: number; readonly seed: number },
): (TrainingExample & { readonly question: SourceQuestion })[] {
  const byText = new Map(source.passages.map((passage) => [passage.text, passage]));
  const held = source.questions.flatMap((question) => {
    if (question.split !== split) return [];
    const fact = factOf(question, byText);
    return fact === undefined ? [] : [{ fact, question }];
  });
  const order = shuffled(held.length, seed, 0).slice(0, count);
  return order.map((index) => {
    const { fact, question } = held[index]!;
    return { prompt: readerPrompt(fact.question, [fact.passage.text]), answer: fact.answer, question };
  });
}

type Material = {
  readonly facts: readonly Fact[];
  /** Questions that no passage answers. */
  readonly unanswerable: readonly SourceQuestion[];
  readonly passages: readonly SourcePassage[];
  readonly bySubject: ReadonlyMap<string, readonly SourcePassage[]>;
  readonly byRelation: ReadonlyMap<string, readonly SourcePassage[]>;
};

function trainingMaterial({ passages, questions }: TrainingSource): Material {
  const train = questions.filter(({ split }) => split === 'train');
  const subjects = new Set(train.filter(({ unanswerable }) => unanswerable === null).map(({ subject }) => subject));
  const own = passages.filter(({ subject, value }) => subjects.has(subject) && value !== null);
  const byText = new Map(own.map((passage) => [passage.text, passage]));
  const facts = train.flatMap((question) => factOf(question, byText) ?? []);
  const unanswerable = train.filter((question) => question.unanswerable !== null);
  return {
    facts,
    unanswerable,
    passages: own,
    bySubject: Map.groupBy(own, ({ subject }) => subject),
    byRelation: Map.groupBy(own, ({ relation }) => relation),
  };
}

function factOf(question: SourceQuestion, byText: ReadonlyMap<string, SourcePassage>): Fact | undefined {
  const passage = question.passage === null ? undefined : byText.get(question.passage);
  if (passage === undefined || question.unanswerable !== null) return undefined;
  const answer = question.gold.find((gold) => passage.text.includes(gold));
  if (answer === undefined || answer.length > ANSWER_CHARACTERS_MAX) return undefined;
  return { question: question.question, passage, answer };
}

/** Draws relations in turn and each relation's facts in a shuffled order. */
function createFactDraw(facts: readonly Fact[], seed: number): () => Fact {
  const groups = [...Map.groupBy(facts, ({ passage }) => passage.relation).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => ({ group, drawn: 0 }));
  if (groups.length === 0) {
    throw new TrainingError(
      'TRAINING_DATA',
      'There is nothing to train on: no question of the split "train" is answered by a passage of this knowledge. Name the questions that belong to it with --questions.',
    );
  }
  let turns = 0;
  return () => {
    const round = Math.floor(turns / groups.length);
    const turn = groups[shuffled(groups.length, seed, round)[turns % groups.length]!]!;
    turns++;
    const pass = Math.floor(turn.drawn / turn.group.length);
    const order = shuffled(turn.group.length, seed, pass);
    return turn.group[order[turn.drawn++ % turn.group.length]!]!;
  };
}

function asked(fact: Fact, { relations }: TrainingSource, prng: Prng): string {
  const { subject, relation, value } = fact.passage;
  // Only the question for the value can be asked in the relation's words; others ask for the subject.
  const words = fact.answer === value ? (relations[relation] ?? []) : [];
  const noun = words.length === 0 ? undefined : words[prng.uint32() % words.length]!;
  const useNoun = noun !== undefined && chance(prng, SHARES.rephrased);
  const question = useNoun
    ? pick([`${noun} of ${subject}?`, `${subject}: ${noun}?`, `${subject} ${noun}`], prng)
    : fact.question;
  return chance(prng, SHARES.casual) ? question.replace(/\?$/, '').toLowerCase() : question;
}

/** A passage that does not answer: another property of the same entity, the same of another, or any. */
function wrongPassage(fact: Fact, { passages, bySubject, byRelation }: Material, prng: Prng): SourcePassage {
  const { subject, relation } = fact.passage;
  const siblings = (bySubject.get(subject) ?? []).filter((other) => other.relation !== relation);
  const likes = (byRelation.get(relation) ?? []).filter((other) => other.subject !== subject);
  const kind = prng.uint32() % 5;
  const pool = kind < 2 && siblings.length > 0 ? siblings : kind < 4 && likes.length > 0 ? likes : passages;
  const chosen = pick(pool, prng);
  return chosen.text.includes(fact.answer) ? (likes.find(({ text }) => !text.includes(fact.answer)) ?? chosen) : chosen;
}

function refusal(
  material: Material,
  { question, wrong }: { readonly question: string; readonly wrong: () => SourcePassage },
  prng: Prng,
): TrainingExample {
  const unanswerable =
    material.unanswerable.length > 0 && chance(prng, 50) ? pick(material.unanswerable, prng) : undefined;
  const asks = unanswerable?.question ?? question;
  const own = unanswerable === undefined ? undefined : material.bySubject.get(unanswerable.subject);
  const passages = [(own === undefined ? wrong() : pick(own, prng)).text];
  if (chance(prng, SHARES.second)) passages.push(wrong().text);
  return { prompt: readerPrompt(asks, passages), answer: REFUSAL };
}

function chance(prng: Prng, percent: number): boolean {
  return prng.uint32() % 100 < percent;
}

function pick<T>(items: readonly T[], prng: Prng): T {
  return items[prng.uint32() % items.length]!;
}
