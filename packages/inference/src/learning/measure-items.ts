/** Feedback as questions with known answers. Owns what of an item can be measured (spec: learning §7.1 a). */
import { gateLimits } from './gate-limits.ts';
import type { Reader } from './measure-general.ts';
import type { LearningExample } from './protocol.ts';

/** What a user said is right: the correction in his own words, or the answer he liked. Null: only that an answer was bad. */
export function rightAnswer({ prompt, answer, rating, passage }: LearningExample): string | null {
  if (rating === 'good') return answer.slice(0, gateLimits.textCharactersMax);
  if (rating === 'bad' || passage === null) return null;
  // A correction that is no sentence became one by its prompt (learning §2.2).
  const text = passage.text.startsWith(`${prompt} `) ? passage.text.slice(prompt.length + 1) : passage.text;
  return text.slice(0, gateLimits.textCharactersMax);
}

/** Loss of each item's right answer, in nats a token; null where there is none. */
export async function readItems(read: Reader, items: readonly LearningExample[]): Promise<(number | null)[]> {
  const losses: (number | null)[] = [];
  for (const item of items) {
    const answer = rightAnswer(item);
    losses.push(answer === null ? null : (await read({ prompt: item.prompt, answers: [answer] })).losses[0]!);
  }
  return losses;
}
