/**
 * Other ways to choose respondents, on the same recordings: at random, in turn, the best fixed set in hindsight, and an oracle that knows who
 * is right. Owns what each would have delivered; what the market delivers comes from the chain.
 */
import { lowerWeightedMedian } from '@synod/chain';
import { JUDGES } from './population.ts';
import type { RecordedAnswer, RecordedQuestion } from './recording.ts';
import { answerBy } from './replay.ts';

/** What a strategy delivered for one question; fractions where it is the mean of several choices. */
export type Delivered = { readonly exact: number; readonly right: number; readonly score: number };

export const NOTHING: Delivered = { exact: 0, right: 0, score: 0 };

export function medianScore({ scores }: RecordedAnswer): number {
  return lowerWeightedMedian(JUDGES.map(({ name }) => ({ power: 1n, score: scores[name]! }))) ?? 0;
}

export function deliveredBy(answer: RecordedAnswer | null): Delivered {
  if (answer === null) return NOTHING;
  return { exact: Number(answer.strict), right: Number(answer.contains), score: medianScore(answer) / 1_000_000 };
}

/** The best-scored answer of a set; the earlier of equals, as the chain has it. */
export function bestOf(question: RecordedQuestion, names: readonly string[]): RecordedAnswer {
  const answers = names.map((name) => answerBy(question, name));
  return answers.reduce((best, answer) => (medianScore(answer) > medianScore(best) ? answer : best));
}

/** Every set of `count` names. */
export function setsOf(names: readonly string[], count: number): string[][] {
  if (count === 0) return [[]];
  return names.flatMap((name, i) => setsOf(names.slice(i + 1), count - 1).map((rest) => [name, ...rest]));
}

export function meanDelivered(all: readonly Delivered[]): Delivered {
  const mean = (of: (one: Delivered) => number) => all.reduce((sum, one) => sum + of(one), 0) / all.length;
  return { exact: mean(({ exact }) => exact), right: mean(({ right }) => right), score: mean(({ score }) => score) };
}

/** Exactly what choosing at random delivers on average. */
export function atRandom(question: RecordedQuestion, names: readonly string[], count: number): Delivered {
  return meanDelivered(setsOf(names, count).map((set) => deliveredBy(bestOf(question, set))));
}

export function inTurn(question: RecordedQuestion, names: readonly string[], count: number, turn: number): Delivered {
  const set = Array.from({ length: count }, (_, i) => names[(turn * count + i) % names.length]!);
  return deliveredBy(bestOf(question, set));
}

/** The set that answers most of a domain's questions rightly, known only afterwards. */
export function bestFixed(questions: readonly RecordedQuestion[], names: readonly string[], count: number): string[] {
  const quality = (set: readonly string[]) => meanDelivered(questions.map((one) => deliveredBy(bestOf(one, set))));
  const rated = setsOf(names, count).map((set) => ({ set, ...quality(set) }));
  return rated.toSorted((a, b) => b.right - a.right || b.score - a.score)[0]!.set;
}

/** A right answer wherever one of the experts gave one. */
export function byOracle(question: RecordedQuestion, names: readonly string[]): Delivered {
  const answers = names.map((name) => answerBy(question, name));
  const rank = ({ contains, strict }: RecordedAnswer) => Number(contains) + Number(strict);
  return deliveredBy(answers.toSorted((a, b) => rank(b) - rank(a) || medianScore(b) - medianScore(a))[0]!);
}
