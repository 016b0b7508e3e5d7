/**
 * What an epoch's queries leave for its rewards (spec: rewards §9): scores by scorer and expert, and who scored when it was due.
 * Owns those records between two epoch ends.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { isInOffice } from '../market/expert-life.ts';
import { eligibleScorers } from '../scoring/masks.ts';
import { readExpert } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type { Address, Amount, Attendance, Ppm, QueryState, Receipt, TallyEntry } from '../types/index.ts';
import { isSameHands } from './hands.ts';
import {
  listTallied,
  readAttendance,
  readPaidAway,
  readTally,
  writeAttendance,
  writePaidAway,
  writeTallied,
  writeTally,
} from './reward-records.ts';

type Score = { readonly scorer: Address; readonly score: Ppm };

/** Takes in a query that settles; called once, with the state in which its scores stood. */
export function recordTally(overlay: Overlay, query: QueryState, receipt: Receipt): void {
  recordAttendance(overlay, query);
  // Chosen by its payer, an answer earns nothing beyond its price (market §16).
  if (query.contract.expert !== null) return;
  for (const [index, respondent] of query.respondents.entries()) {
    const { expert, operator, group } = respondent;
    if (group === null || !isInOffice(overlay, respondent)) continue;
    if (isSameHands(overlay, query.requester, operator)) continue;
    const { verdict } = receipt.respondents[index]!;
    const isWorthless = verdict === 'mismatch' || verdict === 'error';
    const scores = scoresOf(overlay, query, group);
    if (scores.length === 0 || !makePlace(overlay, expert)) continue;
    writeTally(overlay, expert, addScores(readTally(overlay, expert), scores, isWorthless));
    writePaidAway(overlay, expert, readPaidAway(overlay, expert) + paidAway(overlay, receipt, index));
  }
}

/** The respondent's part, by what it was paid, of what scorers in other hands were paid. */
function paidAway(overlay: Overlay, { respondents, scorersPaid }: Receipt, index: number): Amount {
  const { operator, paid } = respondents[index]!;
  const all = respondents.reduce((sum, respondent) => sum + respondent.paid, 0n);
  if (all === 0n) return 0n;
  const others = scorersPaid.filter(({ validator }) => !isSameHands(overlay, validator, operator));
  return (others.reduce((sum, payment) => sum + payment.paid, 0n) * paid) / all;
}

/** Revealed scores of a group, but for scorers that the requester pays into its own hands. */
function scoresOf(overlay: Overlay, { scorers, requester }: QueryState, group: number): readonly Score[] {
  return scorers.flatMap(({ operator, scores }) => {
    const own = scores?.find((entry) => entry.group === group);
    if (own === undefined || isSameHands(overlay, requester, operator)) return [];
    return [{ scorer: operator, score: own.score }];
  });
}

function addScores(
  tally: readonly TallyEntry[],
  scores: readonly Score[],
  isWorthless: boolean,
): readonly TallyEntry[] {
  const entries = new Map(tally.map((entry) => [entry.scorer, entry]));
  for (const { scorer, score } of scores) {
    const { sum, count } = entries.get(scorer) ?? { sum: 0, count: 0 };
    entries.set(scorer, { scorer, sum: sum + (isWorthless ? 0 : score), count: count + 1 });
  }
  return [...entries.values()].sort((a, b) => (a.scorer < b.scorer ? -1 : 1));
}

/** Lists the expert; where the list is full, the one with the least at stake is left out, and its scores with it. */
function makePlace(overlay: Overlay, expert: Address): boolean {
  const listed = listTallied(overlay);
  if (listed.includes(expert)) return true;
  const all = [...listed, expert].sort();
  if (all.length <= CHAIN_LIMITS.rewardedExpertsMax) {
    writeTallied(overlay, all);
    return true;
  }
  const bondOf = (address: Address) => readExpert(overlay, address)?.bond ?? 0n;
  const least = all.reduce((a, b) => (bondOf(b) <= bondOf(a) ? b : a));
  writeTally(overlay, least, []);
  writePaidAway(overlay, least, 0n);
  writeTallied(
    overlay,
    all.filter((each) => each !== least),
  );
  return least !== expert;
}

/** Counts who could have scored the query's answers, and who did. */
function recordAttendance(overlay: Overlay, query: QueryState): void {
  const entries = new Map(readAttendance(overlay).map((entry) => [entry.scorer, entry]));
  for (const { operator, scores } of eligibleScorers(query)) {
    const { due, revealed }: Omit<Attendance, 'scorer'> = entries.get(operator) ?? { due: 0, revealed: 0 };
    entries.set(operator, { scorer: operator, due: due + 1, revealed: revealed + (scores === null ? 0 : 1) });
  }
  writeAttendance(
    overlay,
    [...entries.values()].sort((a, b) => (a.scorer < b.scorer ? -1 : 1)),
  );
}
