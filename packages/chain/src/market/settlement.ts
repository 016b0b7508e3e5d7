/**
 * What a query comes to: scores of groups, payments, refund, outcome (DESIGN §3.6, spec: market §6, §7).
 * Owns the arithmetic as a pure function of the query; moving the money and updating reputations is settle-query.ts.
 */
import { eligiblePower, mayScore } from '../scoring/masks.ts';
import { lowerWeightedMedian } from '../scoring/median.ts';
import {
  type Amount,
  type AnswerGroup,
  type Height,
  PPM,
  type Ppm,
  type QueryOutcome,
  type QueryState,
  type Receipt,
  type ReceiptRespondent,
  type ReceiptScore,
} from '../types/index.ts';
import { promptBytesOf } from './contract-check.ts';
import { respondentShare } from './selection.ts';

/** The receipt of a query that is over, from its final state. `cost + refund` is exactly the escrow. */
export function createReceipt(query: QueryState, settledAt: Height): Receipt {
  const groupScores = query.groups.map((_, index) => groupScore(query, index));
  const respondents = query.respondents.map((slot): ReceiptRespondent => {
    const { expert, operator, modelId, group, rounds, generatedBytes, quotedBytes } = slot;
    const { priceInPerByte, priceOutPerByte, priceQuotePerByte } = slot;
    const meter = { rounds, generatedBytes, quotedBytes, priceInPerByte, priceOutPerByte, priceQuotePerByte };
    const score = group === null ? null : groupScores[group]!;
    return {
      expert,
      operator,
      modelId,
      group,
      score,
      ...meter,
      verdict: null,
      paid: group === null ? 0n : memberPayment(query, group, score),
      slashed: 0n,
    };
  });
  const cost = respondents.reduce((sum, { paid }) => sum + paid, 0n);
  return {
    queryId: query.id,
    settledAt,
    outcome: outcomeOf(query, groupScores),
    requester: query.requester,
    domain: query.contract.domain,
    contract: query.contract,
    openedAt: query.openedAt,
    selection: query.selection,
    loadFactor: query.loadFactor,
    earlier: query.earlier.map(({ answers }) => answers),
    cancelledAt: query.cancelledAt,
    best: bestGroup(groupScores),
    groups: query.groups,
    respondents,
    scores: revealedScores(query),
    misrevealed: query.misrevealed,
    checks: [],
    coordinatorPaid: 0n,
    scorersPaid: [],
    cost,
    refund: query.contract.maxFee - cost,
  };
}

/** Lower stake-weighted median, or null when half of the eligible power or less has revealed (market §6). */
export function groupScore(query: QueryState, index: number): Ppm | null {
  const group = query.groups[index]!;
  const revealed = query.scorers.flatMap(({ operator, power, scores }) => {
    if (!mayScore(query, operator, group)) return [];
    const own = scores?.find((entry) => entry.group === index);
    return own === undefined ? [] : [{ power, score: own.score }];
  });
  const power = revealed.reduce((sum, entry) => sum + entry.power, 0n);
  return 2n * power > eligiblePower(query, group) ? lowerWeightedMedian(revealed) : null;
}

/** What a group is paid for its size before quality: the least of its members' dues, in nano (market §7). */
export function groupDue(query: QueryState, group: AnswerGroup): Amount {
  const promptBytes = BigInt(promptBytesOf(query.contract));
  const dues = group.members.map((member) => {
    const slot = query.respondents[member]!;
    const read = slot.priceInPerByte * promptBytes * BigInt(slot.rounds);
    const written = slot.priceOutPerByte * BigInt(slot.generatedBytes);
    return read + written + slot.priceQuotePerByte * BigInt(slot.quotedBytes);
  });
  const [least] = [respondentShare(query.contract), ...dues].sort((a, b) => (a < b ? -1 : 1));
  return least!;
}

/** Pays quality: base part alone when unscored or below the threshold, else base part plus the rest times the score. */
export function payFor(due: Amount, score: Ppm | null, terms: { basePart: Ppm; threshold: Ppm }): Amount {
  const whole = BigInt(PPM);
  const base = BigInt(terms.basePart);
  const earned = score === null || score < terms.threshold ? 0n : (whole - base) * BigInt(score);
  return (due * (base * whole + earned)) / (whole * whole);
}

/** A group's payment in equal parts; what does not divide is refunded with the rest. */
function memberPayment(query: QueryState, index: number, score: Ppm | null): Amount {
  const group = query.groups[index]!;
  return payFor(groupDue(query, group), score, query.contract) / BigInt(group.members.length);
}

/** Highest score first, ties and unscored groups by index (earlier selected first); null without groups. */
function bestGroup(scores: readonly (Ppm | null)[]): number | null {
  let best: number | null = null;
  for (const [index, score] of scores.entries()) {
    if (best === null || (score ?? -1) > (scores[best] ?? -1)) best = index;
  }
  return best;
}

function outcomeOf(query: QueryState, groupScores: readonly (Ppm | null)[]): QueryOutcome {
  if (query.respondents.length === 0) return 'noExperts';
  if (query.groups.length === 0) return 'noAnswer';
  const scores = groupScores.filter((score) => score !== null);
  if (scores.length === 0) return 'unscored';
  return Math.max(...scores) >= query.contract.threshold ? 'answered' : 'belowThreshold';
}

function revealedScores(query: QueryState): ReceiptScore[] {
  return query.scorers.flatMap(({ operator, scores }) =>
    (scores ?? []).map(({ group, score }) => ({ validator: operator, group, score })),
  );
}
