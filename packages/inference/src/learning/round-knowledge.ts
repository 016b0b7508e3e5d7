/**
 * What a machine knows when it judges feedback: the domain's published knowledge and what was learnt before. Owns finding both, for trainers
 * and for validators alike, and what trainers leave out (spec: learning §5.4); the rules are accept.ts.
 */
import type { JobControl } from '../engine/control.ts';
import { openEmbedder } from '../engine/embedder.ts';
import { KnowledgeError } from '../knowledge/errors.ts';
import { type Knowledge, openKnowledge } from '../knowledge/knowledge.ts';
import { type LearntPassage, readLearnt } from '../knowledge/learnt.ts';
import type { Embed } from '../knowledge/vector-store.ts';
import { vectorsDirectory, vectorsFile } from '../knowledge/vectors-file.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { judgeItems, likedBehindOddWords } from './accept.ts';
import type { LearningContext, LearningExample, TrainDeltaJob } from './protocol.ts';

export type RoundKnowledge = {
  /** Null where this machine has none for the domain. */
  readonly knowledge: Knowledge | null;
  readonly learnt: readonly LearntPassage[];
};

/** Opens both. Errors: KnowledgeError for a folder that is there and damaged. */
export async function openRoundKnowledge(
  { knowledge, base }: Pick<LearningContext, 'knowledge' | 'base'>,
  embed: Embed,
): Promise<RoundKnowledge> {
  const learnt = base.learnt === null ? [] : await readLearnt(base.learnt);
  return { knowledge: await openPublished(knowledge, embed), learnt };
}

/**
 * The part of the shard that the gate would accept, as far as the shard shows: less than the round does. The embedder and the knowledge
 * are given back when this resolves, before training loads its weights. Throws CANCELLED.
 */
export async function acceptedShard(
  job: TrainDeltaJob,
  { embedder: shape }: ModelManifest,
  control: JobControl,
): Promise<LearningExample[]> {
  const { shard: items, earlier } = job;
  const embedder = await openEmbedder(job.modelDirectory, shape);
  try {
    const known = await openRoundKnowledge(job, (texts, by) => embedder.embed(texts, by));
    const verdicts = await judgeItems({ items, earlier, ...known }, control);
    const liked = likedBehindOddWords(items, known.knowledge);
    return items.filter((_, at) => verdicts[at] === 'ok' && !liked.has(at));
  } finally {
    await embedder.close();
  }
}

/** The domain's published knowledge; null where this machine has none. */
async function openPublished(folder: string | null, embed: Embed): Promise<Knowledge | null> {
  if (folder === null) return null;
  try {
    return await openKnowledge(folder, { embed, vectorsFile: (card) => vectorsFile(vectorsDirectory(), card) });
  } catch (error) {
    if (error instanceof KnowledgeError && error.code === 'KNOWLEDGE_NOT_FOUND') return null;
    throw error;
  }
}
