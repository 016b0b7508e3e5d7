/**
 * What assignments come to (spec: market §3.8–§3.11, §8): open assignments counted, silence told from an outage, reputations and
 * breakers moved once a query is settled. Owns these writes; the arithmetic is reputation.ts and breaker.ts.
 */
import {
  readExpert,
  readOutcomes,
  readReputation,
  writeExpert,
  writeOutcomes,
  writeReputation,
} from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type {
  ChainParams,
  Expert,
  Height,
  Ppm,
  QueryState,
  Receipt,
  ReceiptRespondent,
  RecentOutcomes,
  Respondent,
} from '../types/index.ts';
import { afterSilence, CLOSED_BREAKER } from './breaker.ts';
import { expertBehind } from './expert-life.ts';
import { updateReputation } from './reputation.ts';

export const outcomeLimits = {
  /** Assignments remembered, and how many are needed before any can be an outage. */
  remembered: 32,
  outageLeast: 8,
} as const;

/** Counts an open assignment for each selected expert. */
export function openAssignments(overlay: Overlay, respondents: readonly Respondent[]): void {
  for (const { expert } of respondents) {
    const record = readExpert(overlay, expert)!;
    writeExpert(overlay, { ...record, active: record.active + 1 });
  }
}

/** The window with one more outcome; the oldest leaves. */
export function withOutcome({ silent, count }: RecentOutcomes, isSilent: boolean): RecentOutcomes {
  const bits = ((silent << 1) | Number(isSilent)) >>> 0;
  return { silent: bits, count: Math.min(outcomeLimits.remembered, count + 1) };
}

/** True when at least half of the remembered assignments, eight or more, were silent: then silence is nobody's own. */
export function isOutage({ silent, count }: RecentOutcomes): boolean {
  if (count < outcomeLimits.outageLeast) return false;
  return 2 * bitsSet(silent) >= count;
}

/** Books what a settled query tells of its respondents, once: window, open assignments, breakers, reputations. */
export function recordOutcomes(
  overlay: Overlay,
  query: QueryState,
  receipt: Receipt,
  context: { readonly height: Height; readonly params: ChainParams },
): void {
  const outcomes = receipt.respondents.map((respondent, index) => ({
    respondent,
    slot: query.respondents[index]!,
    outcome: outcomeOf(receipt, respondent),
  }));
  // Who is asked by name tells nothing of the network, nor of how good an expert is (market §16).
  const isDirected = query.contract.expert !== null;
  let recent = readOutcomes(overlay);
  if (!isDirected)
    for (const { outcome } of outcomes) if (outcome !== 'cut') recent = withOutcome(recent, outcome === 'silent');
  writeOutcomes(overlay, recent);
  const isDamped = isOutage(recent);
  for (const { respondent, slot, outcome } of outcomes) {
    const expert = expertBehind(overlay, slot);
    if (expert === null) continue;
    const isCounted = outcome === 'delivered' || (outcome === 'silent' && !isDamped);
    writeExpert(overlay, {
      ...expert,
      active: Math.max(0, expert.active - 1),
      breaker: isCounted ? nextBreaker(expert, outcome === 'silent', context) : expert.breaker,
    });
    if (isCounted && !isDirected && expert.status !== 'retired') observe(overlay, respondent, receipt.domain, context);
  }
}

type Outcome = 'delivered' | 'silent' | 'cut';

/** `cut`: the requester ended the query before the respondent was due. */
function outcomeOf({ cancelledAt }: Receipt, { group }: ReceiptRespondent): Outcome {
  if (group !== null) return 'delivered';
  return cancelledAt === null ? 'silent' : 'cut';
}

function nextBreaker(
  expert: Expert,
  isSilent: boolean,
  context: { height: Height; params: ChainParams },
): Expert['breaker'] {
  return isSilent ? afterSilence(expert, context.height, context.params.market) : CLOSED_BREAKER;
}

function observe(
  overlay: Overlay,
  respondent: ReceiptRespondent,
  domain: string,
  { height, params }: { readonly height: Height; readonly params: ChainParams },
): void {
  const observed = observationOf(respondent);
  if (observed === null) return;
  const before = readReputation(overlay, respondent.expert, domain);
  writeReputation(overlay, respondent.expert, domain, updateReputation(before, observed, height, params));
}

/** y of §8.2: 0 for silence and for what verifiers refute, the group's score, or null where nobody scored it. */
function observationOf({ group, score, verdict }: ReceiptRespondent): Ppm | null {
  if (group === null || verdict === 'mismatch' || verdict === 'error') return 0;
  return score;
}

function bitsSet(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
