/** Feedback as questions with known answers. Owns what of an item is measured (spec: learning §7.1 a); what there is to learn is feedback-examples.ts. */
import { feedbackExamples } from './feedback-examples.ts';
import type { Reader } from './measure-general.ts';
import type { LearningExample } from './protocol.ts';

/** What a user said is right: the correction in his own words, or the answer he liked. Null: only that an answer was bad. */
export function rightAnswer(item: LearningExample): string | null {
  return feedbackExamples(item)[0]?.answer ?? null;
}

/** Loss of each item's right answer to the bare question, in nats a token; null where there is none. */
export async function readItems(read: Reader, items: readonly LearningExample[]): Promise<(number | null)[]> {
  const losses: (number | null)[] = [];
  for (const item of items) {
    const answer = rightAnswer(item);
    losses.push(answer === null ? null : (await read({ prompt: item.prompt, answers: [answer] })).losses[0]!);
  }
  return losses;
}
