/**
 * A knowledge folder that remembers what it found for the questions asked last: a worker that answers a question also judges the others' answers to
 * it, and answers it again in every further round. Owns the memory alone; what is found is the folder's.
 */
import type { Knowledge, Retrieval } from './knowledge.ts';
import { limits } from './limits.ts';

/** Finds what `knowledge` finds. Forgets everything when vectors come in, for then more may be found. */
export function remembering(knowledge: Knowledge): Knowledge {
  /** In order of use, the latest last. */
  const known = new Map<string, Retrieval>();
  const keep = (question: string, found: Retrieval): Retrieval => {
    known.delete(question);
    known.set(question, found);
    const [oldest] = known.keys();
    if (known.size > limits.questionsRemembered && oldest !== undefined) known.delete(oldest);
    return found;
  };
  return {
    ...knowledge,
    async retrieve(question, control) {
      const found = known.get(question);
      return keep(question, found ?? (await knowledge.retrieve(question, control)));
    },
    embedAll: (onProgress, control) => knowledge.embedAll(onProgress, control).finally(() => known.clear()),
    embedPhrases: (onProgress, control) => knowledge.embedPhrases(onProgress, control).finally(() => known.clear()),
  };
}
