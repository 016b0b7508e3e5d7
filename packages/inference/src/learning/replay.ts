/**
 * Earlier examples that are mixed in against forgetting (spec: learning §5.5). Owns where they come from; questions of published
 * knowledge are about subjects of the train split alone, so that figures on the others stay honest.
 */
import { createHash } from 'node:crypto';
import type { TrainingExample } from '../training/batch.ts';
import { domainExamples } from '../training/domain-examples.ts';
import { shuffled } from '../training/schedule.ts';
import { readPublished, type SourceQuestion, type TrainingSource } from '../training/training-source.ts';
import { feedbackExamples } from './feedback-examples.ts';
import type { LearningExample } from './protocol.ts';

export type ReplayOptions = {
  /** Feedback of earlier rounds that was used. */
  readonly earlier: readonly LearningExample[];
  /** What is learnt now: an earlier answer to the same prompt is out of date. */
  readonly shard: readonly LearningExample[];
  /** Folder of the domain's knowledge, or null. */
  readonly knowledge: string | null;
  readonly count: number;
  readonly seed: number;
};

/** At most `count` examples: earlier feedback in a drawn order, and where that is too little, the domain's published knowledge. */
export async function replayExamples(options: ReplayOptions): Promise<TrainingExample[]> {
  const { earlier, shard, knowledge, count, seed } = options;
  const asked = new Set(shard.map(({ prompt }) => prompt));
  const known = earlier.filter(({ prompt }) => !asked.has(prompt)).map(feedbackExamples);
  const order = shuffled(known.length, seed, 0);
  // One of each before a second of any: many facts in few examples.
  const most = Math.max(0, ...known.map(({ length }) => length));
  const replayed = Array.from({ length: most }, (_, turn) =>
    order.flatMap((i) => at(known[i]!, turn + i, turn)),
  ).flat();
  const missing = count - replayed.length;
  if (missing <= 0 || knowledge === null) return replayed.slice(0, Math.max(0, count));
  const source = await publishedSource(knowledge);
  return source.questions.length === 0 ? replayed : [...replayed, ...domainExamples(source, { count: missing, seed })];
}

/** The example of this turn; items begin with different forms. */
function at(examples: readonly TrainingExample[], index: number, turn: number): readonly TrainingExample[] {
  return turn < examples.length ? [examples[index % examples.length]!] : [];
}

/** The published passages with the questions that their relations make. */
async function publishedSource(folder: string): Promise<TrainingSource> {
  const { passages, relations } = await readPublished(folder);
  const questions = passages.flatMap(({ text, subject, relation, value }): SourceQuestion[] => {
    const noun = relations[relation]?.[0];
    if (noun === undefined || value === null || !text.includes(value) || !isTrained(subject)) return [];
    const question = `What is the ${noun} of ${subject}?`;
    const id = `${subject}/${relation}`;
    const rest = { caseSensitive: false, split: 'train', passage: text, unanswerable: null } as const;
    return [{ id, question, subject, relation, gold: [value], ...rest }];
  });
  return { passages, relations, questions };
}

/** Six of ten subjects, by the SHA-256 of the name (spec: knowledge §6). */
function isTrained(subject: string): boolean {
  return createHash('sha256').update(subject, 'utf8').digest().readUInt32BE(0) % 10 < 6;
}
