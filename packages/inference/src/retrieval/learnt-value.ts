/** The part of a learnt passage that answers: what it says and the corrected prompt does not. Owns finding it; nobody marked it. */
import type { LearntPassage } from '../knowledge/learnt.ts';
import { limits } from './limits.ts';
import { EVERYDAY_STEMS, FUNCTION_WORDS, stem, wordsOf } from './words.ts';

/** Longer runs are sentences of their own. */
const VALUE_WORDS_MAX = 8;

/** A substring of the text; null where what is new stands in several places or nowhere. */
export function answeringPart({ text, prompt }: Pick<LearntPassage, 'text' | 'prompt'>): string | null {
  const asked = new Set(wordsOf(prompt).map(({ norm }) => stem(norm)));
  const words = wordsOf(text).slice(0, limits.learntWordsMax);
  const isNew = words.map(
    ({ norm }) => !asked.has(stem(norm)) && !FUNCTION_WORDS.has(norm) && !EVERYDAY_STEMS.has(stem(norm)),
  );
  const first = isNew.indexOf(true);
  const last = isNew.lastIndexOf(true);
  if (first < 0 || last - first >= VALUE_WORDS_MAX) return null;
  const isInterrupted = words.slice(first, last).some(({ norm }) => asked.has(stem(norm)) && !FUNCTION_WORDS.has(norm));
  return isInterrupted ? null : text.slice(words[first]!.start, words[last]!.end);
}
