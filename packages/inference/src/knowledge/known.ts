/**
 * What an expert or a judge knows: published passages and learnt ones behind one retrieval. Owns how the two are joined (answering §10.4);
 * finding is the retriever's and the learnt index's.
 */
import type { JobControl } from '../engine/control.ts';
import { LEARNT_PROBABILITY_MIN } from '../retrieval/learnt-features.ts';
import { createLearntIndex, type LearntHit, type LearntIndex } from '../retrieval/learnt-index.ts';
import { limits } from '../retrieval/limits.ts';
import { boundQuestion, type Retriever } from '../retrieval/retriever.ts';
import { wordsOf } from '../retrieval/words.ts';
import type { Knowledge, Retrieval } from './knowledge.ts';
import type { LearntPassage } from './learnt.ts';
import { type Embed, openVectorStore } from './vector-store.ts';

/** `passages` and `aliases` are the published ones. A candidate's index is that of the published passage, or their number + its place. */
export type Known = Pick<Knowledge, 'passages' | 'aliases' | 'retrieve'> & {
  /** Subjects that a question names, see Retriever. */
  readonly read: Retriever['read'];
  /** False where there are learnt passages alone: then nothing speaks for refusing. */
  readonly isPublished: boolean;
};

/** Published knowledge alone. */
export function publishedAlone(knowledge: Knowledge): Known {
  const { passages, aliases, retriever } = knowledge;
  return { passages, aliases, read: retriever.read, isPublished: true, retrieve: knowledge.retrieve };
}

export type JoinOptions = { readonly embed: Embed; readonly vectorsFile: string | null };

/** Computes vectors that are missing. */
export async function openLearntIndex(
  knowledge: Knowledge | null,
  learnt: readonly LearntPassage[],
  { embed, vectorsFile: file }: JoinOptions,
  control: JobControl,
): Promise<LearntIndex> {
  const store = await openVectorStore({ file, embed }, control);
  const candidates = async (question: string, control_: JobControl) =>
    knowledge === null ? [] : (await knowledge.retrieve(question, control_)).candidates;
  const published = knowledge === null ? null : { retriever: knowledge.retriever, candidates };
  const index = createLearntIndex({ learnt, published, store, embed });
  await store.load(index.texts);
  await store.fill(index.texts, control);
  return index;
}

/** Published knowledge, if there is any, with what was learnt. */
export function join(knowledge: Knowledge | null, index: LearntIndex): Known {
  const passages = knowledge?.passages ?? [];
  return {
    passages,
    aliases: knowledge?.aliases ?? new Map(),
    read: knowledge?.retriever.read ?? readPlainly,
    isPublished: knowledge !== null,
    async retrieve(question, control) {
      const published = knowledge === null ? [] : (await knowledge.retrieve(question, control)).candidates;
      const hits = await index.find(question, published, control);
      return { candidates: merge(published, hits, passages.length) };
    },
  };
}

/** Without published knowledge no name is known. */
export function readPlainly(question: string): ReturnType<Retriever['read']> {
  const text = boundQuestion(question);
  return { text, words: wordsOf(text).slice(0, limits.questionWordsMax), links: [] };
}

type Candidate = Retrieval['candidates'][number];

/**
 * A learnt passage that answers takes the place of the published ones of its fact; of the others it goes first where it is more probable, and they lose
 * what it gains.
 */
function merge(
  published: readonly Candidate[],
  hits: readonly LearntHit[],
  knowledgeSize: number,
): readonly Candidate[] {
  const answering = hits.filter(({ probability }) => probability >= LEARNT_PROBABILITY_MIN);
  const [best] = answering;
  if (best === undefined) return published;
  const isCorrected = ({ passage }: Candidate) =>
    answering.some(({ corrects }) => corrects?.subject === passage.subject && corrects.relation === passage.relation);
  const rest = published.filter((one) => !isCorrected(one));
  // Something else that published knowledge is surer of: the question is an old one.
  if ((rest[0]?.probability ?? 0) > best.probability && rest[0] === published[0]) return published;
  const learnt = { index: knowledgeSize + best.place, passage: best.passage, probability: best.probability };
  const others = rest.map((one) => ({ ...one, probability: one.probability * (1 - best.probability) }));
  return [learnt, ...others].slice(0, limits.returnedMax);
}
