/**
 * Question → passages that may answer it, best first. Owns the candidates (named subjects, shared words, near vectors) and
 * puts features and rank together; vectors belong to the vector store.
 */
import type { JobControl } from '../engine/control.ts';
import { DOCUMENT_RELATION, type Passage } from '../knowledge/passage.ts';
import type { KnowledgeFolder } from '../knowledge/read-folder.ts';
import { cosineOfStored, type Embed, type VectorStore } from '../knowledge/vector-store.ts';
import { bareRelation, surelyAsked } from './bare-question.ts';
import {
  askedBy,
  FEATURES,
  type FeatureContext,
  featuresOf,
  type PassageView,
  type QuestionMask,
  type QuestionView,
  wantedKind,
} from './features.ts';
import { createKinship, type Kinship } from './kinship.ts';
import type { Vocabulary } from './learnt-names.ts';
import { createLexicalIndex, type LexicalIndex } from './lexical-index.ts';
import { limits } from './limits.ts';
import { createNameIndex, type Link, type NameIndex } from './name-index.ts';
import { createPassageVectors, type PassageVectors } from './passage-vectors.ts';
import { type Coefficients, type Rankable, type Ranked, rank } from './rank.ts';
import { fitRelations, type RelationFit, type RelationParts, relationRows } from './relation-fit.ts';
import { createRelations, maskLink, maskPassage, maskQuestion, type Relations } from './relations.ts';
import { FUNCTION_WORDS, stem, type Word, wordsOf } from './words.ts';

/** A passage with its features: what ranking and fitting see. */
export type Candidate = Rankable & { readonly index: number };

export type Hit = { readonly index: number; readonly probability: number };

export type Retriever = {
  /** Every text whose vector retrieval compares: passages, masked passages, phrases of relations. */
  readonly texts: readonly string[];
  /** Those of them that stand for relations: phrases, and how their passages read. */
  readonly phrases: readonly string[];
  /** Subjects that a question names, and the words it uses, without any vectors. */
  read(question: string): { readonly text: string; readonly words: readonly Word[]; readonly links: readonly Link[] };
  /** Candidates in no order; passages in `without` are passed over. */
  candidates(question: string, control: JobControl, without?: (index: number) => boolean): Promise<Candidate[]>;
  /** For fitting: what is measured of every relation (relation-fit.ts) when the question is seen from this subject; null when it does not name it. */
  relationRows(question: string, subject: string, control: JobControl): Promise<RelationRows | null>;
  /** How surely each relation is asked for by a question whose subject is masked already; null for one without words. */
  relationsAsked(masked: string, control: JobControl): Promise<ReadonlyMap<string, RelationFit> | null>;
  /** What the passages say about words. */
  readonly vocabulary: Vocabulary;
  /** Best first, at most `limits.returnedMax`. */
  retrieve(question: string, control: JobControl): Promise<Hit[]>;
};

export type RelationRows = { readonly names: readonly string[]; readonly rows: readonly (readonly number[])[] };

export type RetrieverParts = {
  readonly folder: KnowledgeFolder;
  readonly store: VectorStore;
  readonly embed: Embed;
  readonly coefficients: Coefficients;
};

type Index = {
  readonly folder: KnowledgeFolder;
  readonly names: NameIndex;
  readonly lexical: LexicalIndex;
  readonly relations: Relations;
  readonly kinship: Kinship;
  readonly bySubject: ReadonlyMap<string, readonly number[]>;
  readonly masked: readonly string[];
  readonly vectors: PassageVectors;
};

export function createRetriever(parts: RetrieverParts): Retriever {
  const index = createIndex(parts.folder, parts.store);
  const { passages } = parts.folder;
  const relationPhrases = index.relations.names.flatMap((name) => [
    ...index.relations.phrasesOf(name),
    ...index.relations.statementsOf(name),
  ]);
  const relationWords = new Set(index.relations.names.flatMap((name) => [...index.relations.termsOf(name)]));
  const candidates: Retriever['candidates'] = async (question, control, without = () => false) => {
    const view = await readQuestion(question, index, { embed: parts.embed, without }, control);
    if (view === null) return [];
    const chosen = [...chooseCandidates(view, index)].filter((i) => !without(i));
    const bounded = chosen.slice(0, limits.candidatesMax);
    const missing = bounded.flatMap((i) => textsOf(i, index)).filter((text) => parts.store.get(text) === undefined);
    await parts.store.fill(missing.slice(0, limits.embeddedNowMax), control);
    const context = {
      lexical: index.lexical,
      relations: index.relations,
      fitOf: relationFits(view, index, { ...parts, without }),
    };
    return bounded.map((i) => ({
      index: i,
      features: featuresOf(view, passageView(i, index, parts.store), context),
      statement: statementOf(passages[i]!),
    }));
  };
  return {
    texts: [...new Set([...passages.map(({ text }) => text), ...index.masked, ...relationPhrases])],
    phrases: [...new Set(relationPhrases)],
    read: (question) => {
      const text = boundQuestion(question);
      const words = wordsOf(text).slice(0, limits.questionWordsMax);
      return { text, words, links: findLinks(words, index) };
    },
    candidates,
    async relationRows(question, subject, control) {
      const view = await readQuestion(question, index, { embed: parts.embed, without: () => false }, control);
      const mask = view?.masks.get(subject);
      if (view === null || mask === undefined) return null;
      const own = relationParts(index, parts.store, () => false);
      return { names: index.relations.names, rows: relationRows(view, mask, own) };
    },
    async relationsAsked(masked, control) {
      const view = await readQuestion(masked, index, { embed: parts.embed, without: () => false }, control);
      if (view === null) return null;
      const rows = relationRows(
        view,
        view.unmasked,
        relationParts(index, parts.store, () => false),
      );
      return fitRelations(index.relations.names, rows, parts.coefficients.relations);
    },
    vocabulary: { isKnown: index.lexical.isKnown, isRelationWord: (term) => relationWords.has(term) },
    async retrieve(question, control) {
      const found = documentsFirst(await candidates(question, control), passages);
      const ranked = newestFirst(rank(found, parts.coefficients), found, index);
      return ranked
        .slice(0, limits.returnedMax)
        .map(({ row, probability }) => ({ index: found[row]!.index, probability }));
    },
  };
}

function createIndex(folder: KnowledgeFolder, store: VectorStore): Index {
  const { passages, aliases, relations } = folder;
  const bySubject = new Map<string, number[]>();
  for (const [i, { subject }] of passages.entries()) {
    const own = bySubject.get(subject);
    if (own === undefined) bySubject.set(subject, [i]);
    else own.push(i);
  }
  return {
    folder,
    names: createNameIndex(bySubject.keys(), withPeoples(passages, aliases)),
    lexical: createLexicalIndex(passages, (subject) => aliases.get(subject) ?? []),
    relations: createRelations(passages, relations),
    kinship: createKinship(passages),
    bySubject,
    masked: passages.map(maskPassage),
    vectors: createPassageVectors(
      passages.map(({ text }) => text),
      store,
    ),
  };
}

/** The relation whose value names a subject too: "the Peruvian flag" is that of Peru. */
const PEOPLE_RELATION = 'demonym';

function withPeoples(passages: readonly Passage[], aliases: KnowledgeFolder['aliases']): KnowledgeFolder['aliases'] {
  const all = new Map(aliases);
  for (const { subject, relation, value } of passages) {
    if (relation === PEOPLE_RELATION && value !== null) all.set(subject, [...(all.get(subject) ?? []), value]);
  }
  return all;
}

/** What is read of a question: its beginning, well-formed, in NFC, without control characters. */
export function boundQuestion(question: string): string {
  const start = question.slice(0, limits.questionCharactersMax).toWellFormed().normalize('NFC');
  return start
    .replace(/[\p{Cc}\p{Cf}\ufffd]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function findLinks(words: readonly Word[], { names, lexical }: Index): Link[] {
  return names.find(words, (norm) => FUNCTION_WORDS.has(norm) || lexical.isKnown(stem(norm)));
}

async function readQuestion(
  question: string,
  index: Index,
  { embed, without }: { embed: Embed; without: (index: number) => boolean },
  control: JobControl,
): Promise<QuestionView | null> {
  const text = boundQuestion(question);
  const words = wordsOf(text).slice(0, limits.questionWordsMax);
  if (words.length === 0) return null;
  // A subject all of whose passages are passed over is as unknown as if it had never been there.
  const isThere = ({ subject }: Link) => index.bySubject.get(subject)?.every(without) === false;
  const links = findLinks(words, index).filter(isThere);
  const naming = new Set(links.flatMap((link) => words.slice(link.firstWord, link.firstWord + link.wordCount)));
  // A misspelt word means its neighbour; what names a subject is left alone.
  const content = words
    .filter(({ norm }) => !FUNCTION_WORDS.has(norm))
    .map((word) => stem(naming.has(word) ? word.norm : index.lexical.correct(word.norm)));
  const { vector, masks } = await embedQuestion({ text, words, links }, embed, control);
  return {
    words,
    links,
    terms: new Map(content.map((term) => [term, index.lexical.rarity(term)])),
    masks,
    capitalTerms: new Set(words.filter(({ raw }, i) => i > 0 && /^\p{Lu}/u.test(raw)).map(({ norm }) => stem(norm))),
    vector,
    unmasked: { subject: null, vector, nameTerms: new Set() },
    wanted: wantedKind(text),
    askedBy: askedBy(text),
  };
}

/** Vectors of the question and of its masks, one a name: several subjects of one name share it. */
async function embedQuestion(
  { text, words, links }: { text: string; words: readonly Word[]; links: readonly Link[] },
  embed: Embed,
  control: JobControl,
): Promise<Pick<QuestionView, 'vector' | 'masks'>> {
  const masked = [...maskQuestion(text, words, links).values()];
  const [vector, ...vectors] = await embed([text, ...masked], control);
  const byText = new Map(masked.map((one, i) => [one, vectors[i]!]));
  const masks = links.map((link): [string, QuestionMask] => {
    const naming = words.slice(link.firstWord, link.firstWord + link.wordCount);
    const ownVector = byText.get(maskLink(text, words, link)) ?? vector!;
    return [
      link.subject,
      { subject: link.subject, vector: ownVector, nameTerms: new Set(naming.map(({ norm }) => stem(norm))) },
    ];
  });
  return { vector: vector!, masks: new Map(masks) };
}

function chooseCandidates(view: QuestionView, index: Index): Set<number> {
  const chosen = new Set<number>();
  for (const { subject } of view.links) {
    const own = index.bySubject.get(subject) ?? [];
    for (const i of own.slice(0, limits.passagesPerSubjectMax)) chosen.add(i);
  }
  for (const i of index.lexical.search(view.terms.keys(), limits.lexicalMax)) chosen.add(i);
  for (const i of index.vectors.nearest(view.vector, limits.denseMax)) chosen.add(i);
  return chosen;
}

function textsOf(i: number, { folder, masked, relations }: Index): string[] {
  const { text, relation } = folder.passages[i]!;
  return [text, masked[i]!, ...relations.phrasesOf(relation)];
}

function passageView(i: number, index: Index, store: VectorStore): PassageView {
  const passage = index.folder.passages[i]!;
  return {
    passage,
    names: index.folder.aliases.get(passage.subject) ?? [],
    vector: index.vectors.get(i),
    maskedVector: store.get(index.masked[i]!),
  };
}

function relationParts(index: Index, store: VectorStore, without: (index: number) => boolean): RelationParts {
  const { relations, lexical, kinship, bySubject, folder } = index;
  const known = new Map<string, (relation: string) => number>();
  const kinTo = (subject: string): ((relation: string) => number) => {
    const before = known.get(subject);
    if (before !== undefined) return before;
    const there = (bySubject.get(subject) ?? []).filter((i) => !without(i));
    const own = kinship.of(subject, new Set(there.map((i) => folder.passages[i]!.relation)));
    known.set(subject, own);
    return own;
  };
  const kinOf: RelationParts['kinOf'] = (subject, relation) => kinTo(subject)(relation);
  return { relations, store, lexical, kinOf };
}

/** For one question: its candidates share relations, and each is compared once a name. */
function relationFits(
  view: QuestionView,
  index: Index,
  { store, coefficients, without }: RetrieverParts & { readonly without: (index: number) => boolean },
): FeatureContext['fitOf'] {
  const own = relationParts(index, store, without);
  const relationsOf = (subject: string) => {
    const there = (index.bySubject.get(subject) ?? []).filter((i) => !without(i));
    return new Set(there.map((i) => index.folder.passages[i]!.relation));
  };
  const known = new Map<QuestionMask, ReadonlyMap<string, RelationFit>>();
  const fitsOf = (mask: QuestionMask): ReadonlyMap<string, RelationFit> => {
    const before = known.get(mask);
    if (before !== undefined) return before;
    const rows = relationRows(view, mask, own);
    const fits = fitRelations(index.relations.names, rows, coefficients.relations);
    const bare = bareRelation(view, mask, relationsOf);
    known.set(mask, bare === null ? fits : surelyAsked(fits, bare));
    return known.get(mask)!;
  };
  return (relation, mask) => fitsOf(mask).get(relation)!;
}

/** Two passages of one subject and relation say the same or share the answer; every passage of a document stands for itself. */
function statementOf({ text, subject, relation }: Passage): string {
  return relation === DOCUMENT_RELATION ? text : `${subject}\n${relation}`;
}

/** Passages as near as this state the same, perhaps with another value. */
const SAME_FACT_COSINE_MIN = 0.8;

/** A document's passage that says what the best shipped passage says takes its place and its probability: the user's word is newer. */
function newestFirst(ranked: Ranked[], found: readonly Candidate[], index: Index): Ranked[] {
  const passageOf = ({ row }: Ranked) => index.folder.passages[found[row]!.index]!;
  const [best] = ranked;
  if (best === undefined || passageOf(best).relation === DOCUMENT_RELATION) return ranked;
  const vectorOf = (one: Ranked) => index.vectors.get(found[one.row]!.index);
  const own = vectorOf(best);
  const namesOf = ({ row }: Ranked) => found[row]!.features[FEATURES.indexOf('named')]!;
  const newer = ranked.find((one) => {
    if (passageOf(one).relation !== DOCUMENT_RELATION || namesOf(one) < namesOf(best)) return false;
    const other = vectorOf(one);
    return own !== undefined && other !== undefined && cosineOfStored(own, other) >= SAME_FACT_COSINE_MIN;
  });
  if (newer === undefined) return ranked;
  const rest = ranked.filter((one) => one !== newer);
  return [{ row: newer.row, probability: Math.max(best.probability, newer.probability) }, ...rest];
}

/** Ranking keeps the order of equals, so documents come before shipped passages. */
function documentsFirst(found: readonly Candidate[], passages: KnowledgeFolder['passages']): Candidate[] {
  const isDocument = ({ index }: Candidate) => (passages[index]!.relation === DOCUMENT_RELATION ? 0 : 1);
  return found.toSorted((a, b) => isDocument(a) - isDocument(b) || a.index - b.index);
}
