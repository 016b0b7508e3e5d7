/**
 * What a query comes to: scores and verdicts of groups, payments, refund, outcome (DESIGN §3.6, spec: market §6, §7).
 * Owns the receipt as a pure function of the query; the money's split is payments.ts, moving it is settle-query.ts.
 */
import { eligiblePower } from '../scoring/masks.ts';
import { lowerWeightedMedian } from '../scoring/median.ts';
import type {
  Address,
  Amount,
  GroupVerdict,
  Height,
  Ppm,
  QueryOutcome,
  QueryState,
  Receipt,
  ReceiptCheck,
  ReceiptRespondent,
  ReceiptScore,
  ScorerPayment,
} from '../types/index.ts';
import { type GroupPayment, scorersOf, splitPayment } from './payments.ts';
import { standingHash } from './rounds.ts';
import { groupVerdict, isCondemned } from './verification.ts';

/** What settlement knows beside the query. */
export type SettlementFacts = {
  /** Taken from experts' bonds, in nano. */
  readonly slashed: ReadonlyMap<Address, Amount>;
  /** False where the coordinator and the requester are in the same hands. */
  readonly isCoordinatorPaid: boolean;
};

/** A group with what it came to; `split` is null where it is paid nothing. */
type SettledGroup = {
  readonly score: Ppm | null;
  readonly verdict: GroupVerdict | null;
  readonly split: GroupPayment | null;
};

/** Nobody slashed, everybody a stranger to everybody. */
export const PLAIN_FACTS: SettlementFacts = { slashed: new Map(), isCoordinatorPaid: true };

/** The receipt of a query that is over, from its final state. `cost + refund` is exactly the escrow. */
export function createReceipt(query: QueryState, settledAt: Height, facts: SettlementFacts = PLAIN_FACTS): Receipt {
  const groups = query.groups.map((_, index) => settleGroup(query, index));
  const respondents = query.respondents.map((_, index) => receiptRespondent(query, index, { groups, facts }));
  const coordinatorPaid = facts.isCoordinatorPaid ? sum(groups.map(({ split }) => split?.coordinatorPart ?? 0n)) : 0n;
  const scorersPaid = sumByValidator(groups.flatMap(({ split }) => split?.scorers ?? []));
  const cost = sum([coordinatorPaid, ...[...respondents, ...scorersPaid].map(({ paid }) => paid)]);
  return {
    queryId: query.id,
    settledAt,
    outcome: outcomeOf(query, groups),
    requester: query.requester,
    domain: query.contract.domain,
    contract: query.contract,
    openedAt: query.openedAt,
    selection: query.selection,
    loadFactor: query.loadFactor,
    earlier: query.earlier.map(({ answers }) => answers),
    cancelledAt: query.cancelledAt,
    best: bestGroup(groups),
    groups: query.groups,
    respondents,
    scorers: query.scorers.map(({ operator, power }) => ({ operator, power })),
    scores: revealedScores(query),
    misrevealed: query.misrevealed,
    checks: revealedChecks(query),
    coordinatorPaid,
    scorersPaid,
    cost,
    refund: query.contract.maxFee - cost,
  };
}

/** A condemned group counts as scored 0 and is paid nothing, whatever its judges said (market §7.6). */
function settleGroup(query: QueryState, index: number): SettledGroup {
  const verdict = groupVerdict(query, index);
  if (isCondemned(verdict)) return { score: 0, verdict, split: null };
  const score = groupScore(query, index);
  return { score, verdict, split: splitPayment(query, index, score) };
}

function receiptRespondent(
  query: QueryState,
  index: number,
  { groups, facts }: { readonly groups: readonly SettledGroup[]; readonly facts: SettlementFacts },
): ReceiptRespondent {
  const slot = query.respondents[index]!;
  const { expert, operator, modelId, version, group, rounds, generatedBytes, quotedBytes } = slot;
  const { priceInPerByte, priceOutPerByte, priceQuotePerByte } = slot;
  const own = group === null ? null : groups[group]!;
  return {
    expert,
    operator,
    modelId,
    version,
    answerHash: standingHash(query, index),
    group,
    score: own?.score ?? null,
    rounds,
    generatedBytes,
    quotedBytes,
    priceInPerByte,
    priceOutPerByte,
    priceQuotePerByte,
    verdict: own?.verdict ?? null,
    paid: own?.split?.memberPaid ?? 0n,
    slashed: facts.slashed.get(expert) ?? 0n,
  };
}

/** Lower stake-weighted median, or null when half of the eligible power or less has revealed (market §6). */
export function groupScore(query: QueryState, index: number): Ppm | null {
  const group = query.groups[index]!;
  const revealed = scorersOf(query, index);
  const power = sum(revealed.map((entry) => entry.power));
  return 2n * power > eligiblePower(query, group) ? lowerWeightedMedian(revealed) : null;
}

/**
 * Highest score first, ties and unscored groups by index (earlier selected first), condemned ones last; null without groups.
 */
function bestGroup(groups: readonly SettledGroup[]): number | null {
  let best: number | null = null;
  for (const [index, group] of groups.entries()) {
    if (best === null || rank(group) > rank(groups[best]!)) best = index;
  }
  return best;
}

function rank({ score, verdict }: SettledGroup): number {
  return isCondemned(verdict) ? -2 : (score ?? -1);
}

function outcomeOf(query: QueryState, groups: readonly SettledGroup[]): QueryOutcome {
  if (groups.length === 0 && query.cancelledAt !== null) return 'cancelled';
  if (query.respondents.length === 0) return 'noExperts';
  if (groups.length === 0) return 'noAnswer';
  const scored = groups.filter(({ score }) => score !== null);
  if (scored.length === 0) return 'unscored';
  const isReached = scored.some(
    ({ score, verdict }) => !isCondemned(verdict) && (score ?? 0) >= query.contract.threshold,
  );
  return isReached ? 'answered' : 'belowThreshold';
}

function revealedScores(query: QueryState): ReceiptScore[] {
  return query.scorers.flatMap(({ operator, scores }) =>
    (scores ?? []).map(({ group, score }) => ({ validator: operator, group, score })),
  );
}

function revealedChecks(query: QueryState): ReceiptCheck[] {
  return query.scorers.flatMap(({ operator, checks }) =>
    (checks ?? []).map((check) => ({ validator: operator, ...check })),
  );
}

/** One entry for each validator that gets something, ascending. */
function sumByValidator(payments: readonly ScorerPayment[]): ScorerPayment[] {
  const sums = new Map<Address, Amount>();
  for (const { validator, paid } of payments) sums.set(validator, (sums.get(validator) ?? 0n) + paid);
  return [...sums]
    .flatMap(([validator, paid]) => (paid === 0n ? [] : [{ validator, paid }]))
    .sort((a, b) => (a.validator < b.validator ? -1 : 1));
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
