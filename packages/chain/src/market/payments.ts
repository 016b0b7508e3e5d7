/**
 * Who is paid what for a group of answers (spec: market §7, §11): its due, its payment by quality, and how that is split.
 * Owns the arithmetic in whole nano; what does not divide, and what nobody may have, stays with the requester.
 */
import { mayScore } from '../scoring/masks.ts';
import {
  type Address,
  type Amount,
  type AnswerGroup,
  type Power,
  PPM,
  type Ppm,
  type QueryState,
  type ScorerPayment,
} from '../types/index.ts';
import { promptBytesOf } from './contract-check.ts';
import { meteredFee, priceOf, respondentShare } from './pricing.ts';

/** A group's payment and its parts; `memberPaid` is what each member gets. */
export type GroupPayment = {
  readonly payment: Amount;
  readonly memberPaid: Amount;
  readonly coordinatorPart: Amount;
  readonly scorers: readonly ScorerPayment[];
};

/** What a group is paid for its size before quality: the least of its members' prices, at most the share, in nano. */
export function groupDue(
  query: Pick<QueryState, 'contract' | 'respondents' | 'loadFactor'>,
  group: AnswerGroup,
): Amount {
  const { contract, respondents, loadFactor } = query;
  const promptBytes = promptBytesOf(contract);
  const terms = { loadFactor, difficulty: contract.difficulty };
  const dues = group.members.map((member) => {
    const slot = respondents[member]!;
    return priceOf(meteredFee(slot, { ...slot, promptBytes }), terms);
  });
  return [respondentShare(contract), ...dues].reduce((least, due) => (due < least ? due : least));
}

/** Pays quality: base part alone when unscored or below the threshold, else base part plus the rest times the score. */
export function payFor(due: Amount, score: Ppm | null, terms: { basePart: Ppm; threshold: Ppm }): Amount {
  const whole = BigInt(PPM);
  const base = BigInt(terms.basePart);
  const earned = score === null || score < terms.threshold ? 0n : (whole - base) * BigInt(score);
  return (due * (base * whole + earned)) / (whole * whole);
}

/** Splits what the group with this score is paid: coordinator's and scorers' parts first, the rest in equal parts. */
export function splitPayment(query: QueryState, index: number, score: Ppm | null): GroupPayment {
  const group = query.groups[index]!;
  const { coordinatorShare, scorerShare } = query.contract;
  const payment = payFor(groupDue(query, group), score, query.contract);
  const coordinatorPart = partOf(payment, coordinatorShare);
  const scorersPart = partOf(payment, scorerShare);
  const memberPaid = (payment - coordinatorPart - scorersPart) / BigInt(group.members.length);
  return { payment, memberPaid, coordinatorPart, scorers: shareByPower(scorersPart, scorersOf(query, index)) };
}

function partOf(amount: Amount, share: Ppm): Amount {
  return (amount * BigInt(share)) / BigInt(PPM);
}

/** Those who revealed a score of the group. */
export function scorersOf(
  query: Pick<QueryState, 'respondents' | 'groups' | 'scorers'>,
  index: number,
): { readonly operator: Address; readonly power: Power; readonly score: Ppm }[] {
  const group = query.groups[index]!;
  return query.scorers.flatMap(({ operator, power, scores }) => {
    if (!mayScore(query, operator, group)) return [];
    const own = scores?.find((entry) => entry.group === index);
    return own === undefined ? [] : [{ operator, power, score: own.score }];
  });
}

function shareByPower(
  amount: Amount,
  scorers: readonly { readonly operator: Address; readonly power: Power }[],
): ScorerPayment[] {
  const total = scorers.reduce((sum, { power }) => sum + power, 0n);
  return scorers.map(({ operator, power }) => ({ validator: operator, paid: (amount * power) / total }));
}
