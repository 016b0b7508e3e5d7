/**
 * An opened knowledge folder: passages that can be retrieved for a question. Owns putting folder, vectors and retriever together.
 */
import type { JobControl } from '../engine/control.ts';
import { passCheckpoint } from '../engine/control.ts';
import { type Coefficients, shippedCoefficients } from '../retrieval/rank.ts';
import { createRetriever, type Retriever } from '../retrieval/retriever.ts';
import { limits } from './limits.ts';
import type { Passage } from './passage.ts';
import { type KnowledgeCard, readKnowledgeFolder } from './read-folder.ts';
import { type Embed, openVectorStore, type VectorStore } from './vector-store.ts';

export type Retrieval = {
  /** Best first. */
  readonly candidates: readonly {
    readonly index: number;
    readonly passage: Passage;
    /** Calibrated probability that this passage answers the question, 0 … 1. */
    readonly probability: number;
  }[];
};

export type Knowledge = {
  readonly card: KnowledgeCard;
  readonly passages: readonly Passage[];
  /** Other names of subjects. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** Never throws on account of the question: an empty or hostile one finds nothing. Throws CANCELLED. */
  retrieve(question: string, control: JobControl): Promise<Retrieval>;
  /**
   * Computes every vector that is missing and keeps them in the vectors file. A cancelled or crashed run goes on where it stopped.
   * `onProgress` gets texts done and texts in all.
   */
  embedAll(onProgress: (done: number, total: number) => void, control: JobControl): Promise<void>;
  /** The same for the phrases in which people ask for the folder's relations: few, and what retrieval leans on most. */
  embedPhrases(onProgress: (done: number, total: number) => void, control: JobControl): Promise<void>;
  /** The retriever itself, for those who fit or explain it. */
  readonly retriever: Retriever;
  /** Rough size in memory. */
  memoryBytes(): number;
};

export type OpenKnowledgeOptions = {
  readonly embed: Embed;
  /** Where vectors are kept between runs; made anew when missing, damaged or of another embedder. Without it they live in memory. */
  readonly vectorsFile?: string | ((card: KnowledgeCard) => string);
  /** For fitting; otherwise the shipped ones. */
  readonly coefficients?: Coefficients;
};

const undisturbed: JobControl = { signal: new AbortController().signal, checkpoint: async () => {} };

/** Throws KnowledgeError. Whether the passages hash to `card.root` is the caller's check. */
export async function openKnowledge(
  folder: string,
  { embed, vectorsFile, coefficients = shippedCoefficients }: OpenKnowledgeOptions,
): Promise<Knowledge> {
  const read = await readKnowledgeFolder(folder);
  const file = typeof vectorsFile === 'function' ? vectorsFile(read.card) : (vectorsFile ?? null);
  const store = await openVectorStore({ file, embed }, undisturbed);
  const retriever = createRetriever({ folder: read, store, embed, coefficients });
  await store.load(retriever.texts);
  return {
    card: read.card,
    passages: read.passages,
    aliases: read.aliases,
    retriever,
    async retrieve(question, control) {
      const hits = await retriever.retrieve(question, control);
      return { candidates: hits.map((hit) => ({ ...hit, passage: read.passages[hit.index]! })) };
    },
    embedAll: (onProgress, control) => embedEach(retriever.texts, { store, onProgress }, control),
    embedPhrases: (onProgress, control) => embedEach(retriever.phrases, { store, onProgress }, control),
    memoryBytes: () =>
      read.passages.length * (BYTES_A_PASSAGE + store.dimensions) + retriever.texts.length * (store.dimensions + 200),
  };
}

async function embedEach(
  texts: readonly string[],
  { store, onProgress }: { store: VectorStore; onProgress: (done: number, total: number) => void },
  control: JobControl,
): Promise<void> {
  for (let at = 0; at < texts.length; at += limits.embedChunkTexts) {
    onProgress(at, texts.length);
    await passCheckpoint(control);
    await store.fill(texts.slice(at, at + limits.embedChunkTexts), control);
  }
  onProgress(texts.length, texts.length);
}

/** Texts, lexical index and names of one passage, measured over the shipped folders. */
const BYTES_A_PASSAGE = 2_500;
