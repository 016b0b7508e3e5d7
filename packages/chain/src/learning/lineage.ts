/**
 * Pay for those whose feedback and deltas are in the versions that answer (spec: learning §10). Owns what a domain's versions earn in an
 * epoch and who is paid for it.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { isSameHands } from '../rewards/hands.ts';
import type { EmitEvent } from '../state/events.ts';
import { issueTo } from '../state/ledger.ts';
import { readSupply } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import {
  type Address,
  type Amount,
  type ChainParams,
  type Height,
  type ModelVersion,
  PPM,
  type Receipt,
  type ReceiptRespondent,
} from '../types/index.ts';
import { listLineageUse, readFeedback, readLine, writeLineageUse } from './learning-records.ts';
import { versionOf } from './versions.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/** What a receipt says of who answered and who was paid. */
type Used = Pick<Receipt, 'requester' | 'domain' | 'scorersPaid'> & {
  readonly respondents: readonly Pick<ReceiptRespondent, 'version' | 'group'>[];
};

export type LineagePayment = { readonly account: Address; readonly payment: Amount };

/** Takes in a settled query: what it paid to scorers in other hands earns its domain a part, where a version above 0 answered. */
export function recordUse(
  overlay: Overlay,
  { requester, domain, respondents, scorersPaid }: Used,
  { learning }: ChainParams,
): void {
  if (!respondents.some(({ version, group }) => version > 0 && group !== null)) return;
  const away = scorersPaid.filter(({ validator }) => !isSameHands(overlay, requester, validator));
  const earned = (sumOf(away.map(({ paid }) => paid)) * BigInt(learning.lineageRatio)) / BigInt(PPM);
  if (earned === 0n) return;
  const use = listLineageUse(overlay);
  const before = use.find((entry) => entry.domain === domain)?.earned ?? 0n;
  const others = use.filter((entry) => entry.domain !== domain);
  writeLineageUse(
    overlay,
    [...others, { domain, earned: before + earned }].sort((a, b) => (a.domain < b.domain ? -1 : 1)),
  );
}

/** At heights divisible by `epochHeights`: issues what versions earned, at most `lineageEmission` together, and begins anew. */
export function payLineage(overlay: Overlay, { params, height, emit }: Context): void {
  if (height % params.staking.epochHeights !== 0) return;
  const use = listLineageUse(overlay);
  if (use.length === 0) return;
  writeLineageUse(overlay, []);
  const total = sumOf(use.map(({ earned }) => earned));
  const room = CHAIN_LIMITS.amountMax - readSupply(overlay).issued;
  const pot = [params.learning.lineageEmission, room].reduce((least, each) => (each < least ? each : least), total);
  for (const { domain, earned } of use) {
    const payments = lineagePayments(overlay, { domain, amount: (earned * pot) / total, height, params });
    if (payments.length === 0) continue;
    for (const { account, payment } of payments) issueTo(overlay, account, payment);
    emit({ type: 'lineage.paid', domain, issued: sumOf(payments.map(({ payment }) => payment)), payments });
  }
}

/** How an amount is divided among the contributors of a domain's line, ascending by account; never more than the amount. */
export function lineagePayments(
  view: StateView,
  terms: { readonly domain: string; readonly amount: Amount; readonly height: Height; readonly params: ChainParams },
): readonly LineagePayment[] {
  const { domain, amount, height, params } = terms;
  const versions = paidVersions(view, domain, height - params.learning.lineageHeights);
  const sums = new Map<Address, Amount>();
  for (const version of versions) {
    for (const { account, payment } of versionPayments(view, version, amount / BigInt(versions.length)))
      sums.set(account, (sums.get(account) ?? 0n) + payment);
  }
  return [...sums]
    .flatMap(([account, payment]) => (payment === 0n ? [] : [{ account, payment }]))
    .sort((a, b) => (a.account < b.account ? -1 : 1));
}

/** The stable version and its parents, the newest first, decided at `since` or later. */
function paidVersions(view: StateView, domain: string, since: Height): readonly ModelVersion[] {
  const versions: ModelVersion[] = [];
  let number = readLine(view, domain)?.stable ?? 0;
  while (number > 0 && versions.length < CHAIN_LIMITS.lineageVersionsMax) {
    const version = versionOf(view, domain, number)!;
    if (version.decidedAt < since) break;
    versions.push(version);
    number = version.parent;
  }
  return versions;
}

/** Half to the trainers, where the version's weights are its own, half to the authors of what it learnt; each part rounded down. */
function versionPayments(view: StateView, version: ModelVersion, amount: Amount): readonly LineagePayment[] {
  const { domain, parent, factors, contributions, learnt } = version;
  const isTrained = factors !== versionOf(view, domain, parent)!.factors;
  const good = contributions.filter(({ verdict }) => verdict === 'ok');
  const trainers = isTrained ? good.map(({ expert }) => expert) : [];
  const authors = learnt.map((number) => readFeedback(view, domain, number)!.author);
  const forTrainers = authors.length === 0 ? amount : trainers.length === 0 ? 0n : amount / 2n;
  return [...inParts(trainers, forTrainers), ...inParts(authors, amount - forTrainers)];
}

function inParts(accounts: readonly Address[], amount: Amount): readonly LineagePayment[] {
  return accounts.map((account) => ({ account, payment: amount / BigInt(accounts.length) }));
}

function sumOf(amounts: readonly Amount[]): Amount {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
