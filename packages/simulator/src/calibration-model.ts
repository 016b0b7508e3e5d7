/**
 * What opened gold says of answers and scorers, reckoned a second time (spec: market §12, rewards §6.3). Owns the reading of words and the moves of
 * accuracies; reputations are outcome-model.ts.
 */
import type { Accuracy, BetaPair, GroupScore, QueryState } from '@synod/chain';

const million = 1_000_000;

/** For each group a million where it says the gold, else 0. */
export function truthsOf({ groups }: QueryState, gold: readonly string[]): readonly number[] {
  return groups.map(({ answer }) => {
    const said = ` ${wordsOf(answer.segments.map(({ text }) => text).join(''))} `;
    return gold.some((text) => said.includes(` ${wordsOf(text)} `)) ? million : 0;
  });
}

/** Words by single blanks; capital letters of ASCII are folded, and all beyond ASCII belongs to words. */
function wordsOf(text: string): string {
  return text
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .split(/[^0-9a-z\u0080-\uffff]+/)
    .filter((word) => word !== '')
    .join(' ');
}

/** More than two thirds of all power that was to score gave one group a score on the far side of its truth. */
export function isVoid({ scorers }: QueryState, truths: readonly number[]): boolean {
  const all = scorers.reduce((sum, { power }) => sum + power, 0n);
  return truths.some((truth, group) => {
    const against = scorers.filter(({ scores }) =>
      (scores ?? []).some((one) => one.group === group && Math.abs(one.score - truth) >= 800_000),
    );
    return against.reduce((sum, { power }) => sum + power, 0n) * 3n > all * 2n;
  });
}

/** One observation for each group scored, in the pair of its truth. */
export function accuracyAfter(
  before: Accuracy,
  scores: readonly GroupScore[],
  truths: readonly number[],
  forgetting: number,
): Accuracy {
  let [right, wrong] = [before.right, before.wrong];
  for (const { group, score } of scores) {
    const near = truths[group] === 0 ? million - score : score;
    if (truths[group] === 0) wrong = seen(wrong, near, forgetting);
    else right = seen(right, near, forgetting);
  }
  return { right, wrong, answers: before.answers + scores.length };
}

function seen({ alpha, beta }: BetaPair, near: number, forgetting: number): BetaPair {
  const kept = (value: number) => Number((BigInt(value) * BigInt(forgetting)) / BigInt(million));
  return { alpha: kept(alpha) + near, beta: kept(beta) + million - near };
}
