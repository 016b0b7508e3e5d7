/**
 * Question → learnt passages that answer it. Owns the opened corrections of one version, their masks and vectors, and the comparison; the file
 * is knowledge/learnt.ts, the guard learnt-names.ts, joining with published knowledge knowledge/known.ts (answering §10).
 */
import type { JobControl } from '../engine/control.ts';
import type { LearntPassage } from '../knowledge/learnt.ts';
import type { Passage } from '../knowledge/passage.ts';
import {
  cosineOfStored,
  type Embed,
  type StoredVector,
  storedCosine,
  type VectorStore,
} from '../knowledge/vector-store.ts';
import { kindFits, wantedKind } from './features.ts';
import {
  compareRelations,
  LEARNT_FEATURES,
  LEARNT_PROBABILITY_MIN,
  type LearntFeature,
  type LearntWeights,
  learntCoefficients,
  learntProbability,
  type RelationsAsked,
} from './learnt-features.ts';
import {
  type Guard,
  guard,
  type NamedText,
  readNames,
  type Subject,
  subjectOf,
  type Vocabulary,
} from './learnt-names.ts';
import { answeringPart } from './learnt-value.ts';
import { limits } from './limits.ts';
import { shippedCoefficients } from './rank.ts';
import { boundQuestion, type Retriever } from './retriever.ts';
import { FUNCTION_WORDS, stem, type Word, wordsOf } from './words.ts';

/** Published knowledge as corrections are compared with it: null where there is none. */
export type Published = {
  readonly retriever: Pick<Retriever, 'read' | 'relationsAsked' | 'vocabulary'>;
  /** Best first. */
  candidates(question: string, control: JobControl): Promise<readonly Fact[]>;
};

/** A published passage that may answer. */
export type Fact = { readonly passage: Passage; readonly probability: number };

export type LearntHit = {
  /** Place among the learnt passages. */
  readonly place: number;
  readonly probability: number;
  /** The learnt passage with what it is about, as far as that is known. */
  readonly passage: Passage;
  /** The published subject and relation that it corrects; null for something new. */
  readonly corrects: Pick<Passage, 'subject' | 'relation'> | null;
  /** What was measured: for fitting. */
  readonly row: readonly number[];
};

export type LearntIndex = {
  readonly size: number;
  /** Every text whose vector is compared. */
  readonly texts: readonly string[];
  /** Best first; `found`: what published knowledge offers for the question. Nothing that fails the guard. */
  find(question: string, found: readonly Fact[], control: JobControl): Promise<LearntHit[]>;
};

/** Relation of a learnt passage that corrects no published one. */
export const LEARNT_RELATION = 'learnt';

type Item = {
  readonly place: number;
  readonly learnt: LearntPassage;
  readonly subject: Subject;
  readonly maskedPrompt: string;
  readonly maskedText: string;
  readonly promptTerms: ReadonlySet<string>;
  /** Computed when it is first compared. */
  background: Promise<Background> | null;
};

/** What published knowledge makes of the prompt. */
type Background = { readonly fact: Passage | null; readonly asked: RelationsAsked | null };

export type LearntIndexParts = {
  readonly learnt: readonly LearntPassage[];
  readonly published: Published | null;
  readonly store: VectorStore;
  readonly embed: Embed;
  /** For fitting; otherwise the shipped ones. */
  readonly weights?: LearntWeights;
};

const NO_VOCABULARY: Vocabulary = { isKnown: null, isRelationWord: () => false };
const MASK = 'it';

/** Vectors are looked up in the store; whoever opens the index fills it with `texts`. */
export function createLearntIndex(parts: LearntIndexParts): LearntIndex {
  const { published, learnt } = parts;
  const vocabulary = published?.retriever.vocabulary ?? NO_VOCABULARY;
  const items = learnt.map((one, place) => itemOf(one, place, published, vocabulary));
  return {
    size: items.length,
    texts: [...new Set(items.flatMap(textsOf))],
    async find(question, found, control) {
      const text = boundQuestion(question);
      const read = readText(text, published, { vocabulary, around: null });
      if (read.words.length === 0) return [];
      const passing = items.flatMap((item) => {
        const way = guard(read, item.subject);
        return way === null || asksForAnother(text, item) ? [] : [{ item, way }];
      });
      if (passing.length === 0) return [];
      return await compare({ text, read, found }, passing, parts, control);
    },
  };
}

const textsOf = ({ learnt, maskedPrompt, maskedText }: Item): string[] => [
  learnt.prompt,
  learnt.text,
  maskedPrompt,
  maskedText,
];

function readText(
  text: string,
  published: Published | null,
  options: Parameters<typeof readNames>[2],
  wordsMax: number = limits.questionWordsMax,
): NamedText {
  const words = wordsOf(text).slice(0, wordsMax);
  return readNames(words, published?.retriever.read(text).links ?? [], options);
}

function itemOf(learnt: LearntPassage, place: number, published: Published | null, vocabulary: Vocabulary): Item {
  const prompt = boundQuestion(learnt.prompt);
  const textWords = wordsOf(learnt.text).slice(0, limits.learntWordsMax);
  const around = new Set(textWords.map(({ norm }) => stem(norm)));
  const read = readText(prompt, published, { vocabulary, around });
  const subject = subjectOf(read, textWords, vocabulary);
  const anchors = new Set(subject.anchors);
  const anchorTerms = new Set(subject.anchors.map((i) => stem(read.words[i]!.norm)));
  const inText = new Set(textWords.flatMap(({ norm }, i) => (anchorTerms.has(stem(norm)) ? [i] : [])));
  return {
    place,
    learnt: { ...learnt, prompt },
    subject,
    maskedPrompt: maskPlaces(prompt, read.words, anchors),
    maskedText: maskPlaces(learnt.text, textWords, inText),
    promptTerms: contentTerms(read.words, anchors),
    background: null,
  };
}

/** The text with a mark in place of each run of the places' words. */
function maskPlaces(text: string, words: readonly Word[], places: ReadonlySet<number>): string {
  let masked = '';
  let from = 0;
  for (const [i, { start, end }] of words.entries()) {
    if (!places.has(i)) continue;
    if (!places.has(i - 1)) masked += text.slice(from, start) + MASK;
    from = end;
  }
  return masked + text.slice(from);
}

function contentTerms(words: readonly Word[], without: ReadonlySet<number>): Set<string> {
  return new Set(words.flatMap(({ norm }, i) => (without.has(i) || FUNCTION_WORDS.has(norm) ? [] : [stem(norm)])));
}

type Asked = { readonly text: string; readonly read: NamedText; readonly found: readonly Fact[] };
type Passing = { readonly item: Item; readonly way: Guard };

async function compare(
  asked: Asked,
  passing: readonly Passing[],
  parts: LearntIndexParts,
  control: JobControl,
): Promise<LearntHit[]> {
  const { embed, published } = parts;
  const [vector] = await embed([asked.text], control);
  const nearest = passing
    .map((one) => ({ ...one, cosine: cosineTo(vector!, one.item.learnt.prompt, parts.store) }))
    .toSorted((a, b) => b.cosine - a.cosine || b.item.place - a.item.place)
    .slice(0, limits.learntComparedMax);
  const maskedOf = ({ way }: Passing) => maskPlaces(asked.text, asked.read.words, way.questionPlaces);
  const masks = [...new Set(nearest.map(maskedOf))];
  const vectors = await embed(masks, control);
  const relations = new Map<string, RelationsAsked | null>();
  for (const mask of published === null ? [] : masks)
    relations.set(mask, await published!.retriever.relationsAsked(mask, control));
  const weights = parts.weights ?? (published === null ? learntCoefficients.alone : learntCoefficients.published);
  const hits: LearntHit[] = [];
  for (const one of nearest) {
    const background = await backgroundOf(one.item, published, control);
    const mask = maskedOf(one);
    const question = { vector: vector!, masked: vectors[masks.indexOf(mask)]!, relations: relations.get(mask) ?? null };
    const row = rowOf(asked, question, { ...one, background }, parts.store);
    hits.push(hitOf(one.item, background, row, Math.max(learntProbability(row, weights), replaced(row))));
  }
  return newestFirst(
    hits.toSorted((a, b) => b.probability - a.probability || b.place - a.place),
    parts,
  );
}

const SAME_FACT = LEARNT_FEATURES.indexOf('sameFact');

/** Where published knowledge would answer with the passage that was corrected, its probability is that of the correction. */
function replaced(row: readonly number[]): number {
  const probability = row[SAME_FACT]!;
  return probability >= shippedCoefficients.threshold ? Math.max(probability, LEARNT_PROBABILITY_MIN) : 0;
}

function cosineTo(vector: Float32Array, text: string, store: VectorStore): number {
  const stored = store.get(text);
  return stored === undefined ? 0 : storedCosine(vector, stored);
}

/** A failure is told and forgotten: the next question asks anew. */
function backgroundOf(item: Item, published: Published | null, control: JobControl): Promise<Background> {
  if (item.background !== null) return item.background;
  const found = readBackground(item, published, control);
  item.background = found;
  found.catch(() => {
    item.background = null;
  });
  return found;
}

async function readBackground({ learnt, maskedPrompt }: Item, published: Published | null, control: JobControl) {
  if (published === null) return { fact: null, asked: null };
  const [best] = await published.candidates(learnt.prompt, control);
  const isKnown = best !== undefined && best.probability >= shippedCoefficients.threshold;
  return {
    fact: isKnown ? best.passage : null,
    asked: await published.retriever.relationsAsked(maskedPrompt, control),
  };
}

type QuestionVectors = {
  readonly vector: Float32Array;
  readonly masked: Float32Array;
  readonly relations: RelationsAsked | null;
};

function rowOf(
  { text, read, found }: Asked,
  { vector, masked, relations }: QuestionVectors,
  { item, way, background }: Passing & { readonly background: Background },
  store: VectorStore,
): number[] {
  const terms = contentTerms(read.words, way.questionPlaces);
  const { agreed, differs } =
    relations === null || background.asked === null
      ? { agreed: 0, differs: 0 }
      : compareRelations(relations, background.asked);
  const [best] = found;
  const isSame = best !== undefined && isSameFact(best.passage, background.fact);
  const values: Record<LearntFeature, number> = {
    bias: 1,
    cosine: cosineTo(vector, item.learnt.prompt, store),
    textCosine: cosineTo(vector, item.learnt.text, store),
    maskedCosine: cosineTo(masked, item.maskedPrompt, store),
    maskedTextCosine: cosineTo(masked, item.maskedText, store),
    shared: shareOf(terms, item.subject.terms),
    sharedBack: shareOf(item.promptTerms, terms),
    kind: kindOf(text, item),
    reversed: way.way === 'reversed' ? 1 : 0,
    relationAgreed: agreed,
    relationDiffers: differs,
    sameFact: isSame ? best.probability : 0,
    otherFact: best === undefined || isSame ? 0 : best.probability,
  };
  return LEARNT_FEATURES.map((name) => values[name]);
}

const isSameFact = (a: Passage, b: Passage | null): boolean =>
  b !== null && a.subject === b.subject && a.relation === b.relation;

function shareOf(terms: ReadonlySet<string>, among: ReadonlySet<string>): number {
  return terms.size === 0 ? 0.5 : [...terms].filter((term) => among.has(term)).length / terms.size;
}

/** A person is asked for, and the correction told a number or a year; or the other way round. */
function asksForAnother(text: string, { learnt }: Item): boolean {
  const [asked, corrected] = [wantedKind(text), wantedKind(learnt.prompt)];
  return asked !== 'any' && corrected !== 'any' && (asked === 'name') !== (corrected === 'name');
}

/** 1 where question and prompt want the same kind of value, −1 where they want others, or the passage has none of that kind. */
function kindOf(text: string, { learnt }: Item): number {
  const [asked, corrected] = [wantedKind(text), wantedKind(learnt.prompt)];
  if (asked === 'any') return 0;
  if (corrected !== 'any') return asked === corrected ? 1 : -1;
  return Math.min(0, kindFits(asked, learnt.text));
}

function hitOf(item: Item, { fact }: Background, row: readonly number[], probability: number): LearntHit {
  const { text, source } = item.learnt;
  const { prompt, anchors } = item.subject;
  const about = anchors.map((i) => prompt.words[i]!.raw).join(' ');
  const value = answeringPart(item.learnt);
  const { subject, relation } = fact ?? { subject: about, relation: LEARNT_RELATION };
  return {
    place: item.place,
    probability,
    passage: { text, source, subject, relation, value },
    corrects: fact === null ? null : { subject, relation },
    row,
  };
}

/** Corrections as near as this say the same thing, perhaps with another value: the newest holds. */
const SAME_PROMPT_COSINE_MIN = 0.85;
const SAME_PROBABILITY_WITHIN = 0.25;

function newestFirst(hits: LearntHit[], { learnt, store }: LearntIndexParts): LearntHit[] {
  const [best] = hits;
  if (best === undefined) return hits;
  const vectorOf = ({ place }: LearntHit): StoredVector | undefined => store.get(boundQuestion(learnt[place]!.prompt));
  const own = vectorOf(best);
  const isSame = (one: LearntHit): boolean => {
    const other = vectorOf(one);
    if (one.place <= best.place || best.probability - one.probability > SAME_PROBABILITY_WITHIN) return false;
    return own !== undefined && other !== undefined && cosineOfStored(own, other) >= SAME_PROMPT_COSINE_MIN;
  };
  const newest = hits.filter(isSame).toSorted((a, b) => b.place - a.place)[0];
  if (newest === undefined) return hits;
  return [{ ...newest, probability: best.probability }, ...hits.filter((one) => one !== newest)];
}
