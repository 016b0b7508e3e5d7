/**
 * Feedback as questions with known answers. Owns what of an item is measured (spec: learning §7.1 a); what there is to learn is
 * feedback-examples.ts.
 */
import { draw } from './draw.ts';
import { feedbackExamples } from './feedback-examples.ts';
import { gateLimits } from './gate-limits.ts';
import { choiceLoss, type Reader } from './measure-general.ts';
import type { QuestionReading } from './probe-model.ts';
import type { LearningExample } from './protocol.ts';

/** An item with answers that belong to others: who learnt its style alone finds them as likely as the right one. */
export type ItemProbe = { readonly number: number; readonly prompt: string; readonly answers: readonly string[] };

/** In nats: the right answer's loss a token, the others' mean one (the right one's without others), and the loss of choosing among all. */
export type ItemReading = { readonly loss: number; readonly others: number; readonly choice: number };

/** What a user said is right: the correction in his own words, or the answer he liked. Null: only that an answer was bad. */
export function rightAnswer(item: LearningExample): string | null {
  return feedbackExamples(item)[0]?.answer ?? null;
}

/** Items that say what is right, each with that first and then answers of others, drawn by `seed`. */
export function itemProbes(items: readonly LearningExample[], seed: string): ItemProbe[] {
  const known = items.flatMap((item) => {
    const answer = rightAnswer(item);
    return answer === null ? [] : [{ number: item.number, prompt: item.prompt, answer }];
  });
  const all = [...new Set(known.map(({ answer }) => answer))];
  return known.map(({ number, prompt, answer }) => {
    const others = all.filter((other) => other !== answer);
    const drawn = draw(others, gateLimits.otherAnswers, { seed, purpose: `answers ${number}` });
    return { number, prompt, answers: [answer, ...drawn] };
  });
}

/**
 * Asks the bare question, in a pass without others: what is compared is then read alike, and a delta of zeros changes nothing at all, also
 * where a processor rounds by what it computes beside.
 */
export async function readItem(read: Reader, { prompt, answers }: ItemProbe): Promise<ItemReading> {
  const [{ losses }] = (await read([{ prompt, answers }])) as [QuestionReading];
  const [loss, ...rest] = losses as readonly [number, ...number[]];
  const others = rest.length === 0 ? loss : rest.reduce((sum, one) => sum + one, 0) / rest.length;
  return { loss, others, choice: choiceLoss(losses) };
}

/** The same items with answers of each other alone: whoever taught these with their labels mixed made wrong ones as likely. */
export function amongThemselves(items: readonly ItemProbe[], seed: string): ItemProbe[] {
  const all = [...new Set(items.map(({ answers }) => answers[0]!))];
  return items.map(({ number, prompt, answers }) => {
    const others = all.filter((other) => other !== answers[0]);
    const drawn = draw(others, gateLimits.shardAnswers, { seed, purpose: `shard answers ${number}` });
    return { number, prompt, answers: [answers[0]!, ...drawn] };
  });
}
