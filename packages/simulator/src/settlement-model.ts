/**
 * What a query must come to, reckoned a second time without the market's own code (spec: market §6, §7): which
 * score a group gets, what is paid. Owns that arithmetic; who is drawn is selection-model.ts, the money's movement ledger-model.ts.
 */
import {
  type Address,
  type ChainParams,
  type Hash,
  type QueryState,
  type Receipt,
  type ReceiptRespondent,
  taggedHash,
} from '@synod/chain';
import { drawOf } from './model-draws.ts';

const whole = 1_000_000n;

/** What is wrong with a receipt, given the settled query, or null; `isOwn` where the coordinator asks itself. */
export function settlementProblem(receipt: Receipt, query: QueryState, isOwn: boolean): string | null {
  const verdicts = receipt.groups.map((_, group) => verdictOf(query, group));
  const scores = receipt.groups.map((_, group) => (isVoid(verdicts[group]) ? 0 : scoreOf(receipt, query, group)));
  const payments = receipt.groups.map((_, group) =>
    isVoid(verdicts[group]) ? 0n : paymentOf(query, group, scores[group] ?? null),
  );
  for (const respondent of receipt.respondents) {
    const { expert, group, score, verdict, paid } = respondent;
    if (group === null) {
      if (paid !== 0n || score !== null) return `${expert} gets ${paid} for no answer`;
      continue;
    }
    const due = scores[group] ?? null;
    if (score !== due) return `group ${group} of query ${query.id} has the score ${score}, due ${due}`;
    if (verdict !== (verdicts[group] ?? null)) return `group ${group} of query ${query.id} is judged ${verdict}`;
    const rest =
      (payments[group] ?? 0n) - partOf(payments[group], 'coordinatorShare') - partOf(payments[group], 'scorerShare');
    const payment = rest / BigInt(receipt.groups[group]?.members.length ?? 1);
    if (paid !== payment) return `${expert} gets ${paid} for query ${query.id}, due ${payment}`;
  }
  return (
    endProblem(receipt, query, { scores, verdicts }) ??
    sharesProblem(receipt, query, { payments, isOwn }) ??
    checksProblem(receipt)
  );

  function partOf(payment: bigint | undefined, share: 'coordinatorShare' | 'scorerShare'): bigint {
    return ((payment ?? 0n) * BigInt(query.contract[share])) / whole;
  }
}

/** The best group and what the query came to (market §7). */
function endProblem(
  { best, outcome, groups, respondents }: Receipt,
  { id, contract, cancelledAt }: QueryState,
  { scores, verdicts }: { scores: readonly (number | null)[]; verdicts: readonly (string | null)[] },
): string | null {
  const ranks = groups.map((_, index) => (isVoid(verdicts[index]) ? -2 : (scores[index] ?? -1)));
  const first = ranks.length === 0 ? null : ranks.indexOf(Math.max(...ranks));
  if (best !== first) return `the best of query ${id} is ${best}, due ${first}`;
  const unanswered = cancelledAt !== null ? 'cancelled' : respondents.length === 0 ? 'noExperts' : 'noAnswer';
  const isReached = ranks.some((rank) => rank >= 0 && rank >= contract.threshold);
  const scored = scores.every((score) => score === null) ? 'unscored' : isReached ? 'answered' : 'belowThreshold';
  const due = groups.length === 0 ? unanswered : scored;
  return outcome === due ? null : `query ${id} is ${outcome}, due ${due}`;
}

/** Whoever scored and was drawn to verify said what it found, and nobody else did. */
function checksProblem({ queryId, groups, scores, checks }: Receipt): string | null {
  for (const validator of new Set(scores.map((entry) => entry.validator))) {
    const due = [...groups.keys()].filter((index) => groups[index]?.verifiers.includes(validator));
    const given = checks.filter((check) => check.validator === validator).map(({ group }) => group);
    if (given.join() !== due.join()) return `${validator} verified ${given} of query ${queryId}, due ${due}`;
  }
  return null;
}

/** What coordinator and scorers get of the groups' payments. */
function sharesProblem(
  receipt: Receipt,
  query: QueryState,
  { payments, isOwn }: { readonly payments: readonly bigint[]; readonly isOwn: boolean },
): string | null {
  const { coordinatorShare, scorerShare } = query.contract;
  const coordinatorDue = payments.reduce((sum, payment) => sum + (payment * BigInt(coordinatorShare)) / whole, 0n);
  if (receipt.coordinatorPaid !== (isOwn ? 0n : coordinatorDue))
    return `the coordinator of ${query.id} gets ${receipt.coordinatorPaid}, due ${isOwn ? 0n : coordinatorDue}`;
  for (const { operator, power } of query.scorers) {
    let due = 0n;
    for (const { group } of receipt.scores.filter(({ validator }) => validator === operator)) {
      const others = new Set(receipt.scores.filter((one) => one.group === group).map(({ validator }) => validator));
      const total = query.scorers.reduce((sum, one) => (others.has(one.operator) ? sum + one.power : sum), 0n);
      due += ((((payments[group] ?? 0n) * BigInt(scorerShare)) / whole) * power) / total;
    }
    const paid = receipt.scorersPaid.find(({ validator }) => validator === operator)?.paid ?? 0n;
    if (paid !== due) return `${operator} gets ${paid} for its scores of ${query.id}, due ${due}`;
  }
  return null;
}

/** What most of the verifiers' power found, `undecided` without a majority, null without verifiers. */
function verdictOf({ groups, scorers }: QueryState, group: number): string | null {
  const drawn = scorers.filter(({ operator }) => groups[group]?.verifiers.includes(operator));
  if (drawn.length === 0) return null;
  const found = drawn.flatMap(({ power, checks }) =>
    (checks ?? []).filter((check) => check.group === group).map(({ verdict }) => ({ verdict, power })),
  );
  const total = found.reduce((sum, { power }) => sum + power, 0n);
  const powerOf = (verdict: string) =>
    found.reduce((sum, one) => (one.verdict === verdict ? sum + one.power : sum), 0n);
  return found.find(({ verdict }) => 2n * powerOf(verdict) > total)?.verdict ?? 'undecided';
}

function isVoid(verdict: string | null | undefined): boolean {
  return verdict != null && verdict !== 'match' && verdict !== 'undecided';
}

/** Who must verify which group of answers that became final in a block with this beacon, in the order of groups. */
export function verifiersOf(query: QueryState, beacon: Hash, params: ChainParams): readonly (readonly Address[])[] {
  const seed = taggedHash('synod/verification/1', Buffer.from(beacon, 'hex'), Buffer.from(query.id, 'hex'));
  return query.groups.map(({ answer, members }, index) => {
    const isWritten = answer.segments.some((segment) =>
      segment.kind === 'sealed'
        ? segment.generatedBytes > 0
        : segment.kind === 'generated' && segment.text.trim() !== '',
    );
    if (!isWritten || drawOf(seed, index, whole) >= BigInt(params.market.verificationShare)) return [];
    const owners = new Set(members.map((member) => query.respondents[member]?.operator));
    const able = query.scorers.filter(({ operator, power }) => !owners.has(operator) && power > 0n);
    const own = taggedHash('synod/verifiers/1', Buffer.from(seed, 'hex'), Buffer.from([index]));
    const chosen = pick(
      able.map(({ operator, power }) => ({ name: operator, weight: power })),
      own,
      params.market.verifiers,
    );
    return able
      .map(({ operator }) => operator)
      .filter((operator) => able.length <= params.market.verifiers || chosen.includes(operator));
  });
}

/** The load factor of a domain after the block at `height`, from the record before it and what was drawn in it. */
export function loadFactorAfter(
  before: { readonly factor: number; readonly assignments: number },
  {
    drawn,
    capacity,
    params,
    height,
  }: { readonly drawn: number; readonly capacity: number; readonly params: ChainParams; readonly height: number },
): number {
  const { epochHeights } = params.staking;
  if (height % epochHeights !== 0 || (before.assignments + drawn === 0 && before.factor === Number(whole)))
    return before.factor;
  const use = (BigInt(before.assignments + drawn) * 8n * whole) / (BigInt(capacity) * BigInt(epochHeights));
  const wanted = Number((use * whole) / BigInt(params.market.loadTarget));
  const goal = wanted < 250_000 ? 250_000 : wanted > 8_000_000 ? 8_000_000 : wanted;
  const most = Math.floor(before.factor / 8);
  return goal > before.factor + most ? before.factor + most : goal < before.factor - most ? before.factor - most : goal;
}

/** Least score with half of the revealed power at or below it; null unless more than half of those who may have revealed. */
function scoreOf({ groups, respondents, scores }: Receipt, { scorers }: QueryState, group: number): number | null {
  const owners = new Set(groups[group]?.members.map((member) => (respondents[member] as ReceiptRespondent).operator));
  const able = scorers.filter(({ operator }) => !owners.has(operator));
  const powerOf = (validators: ReadonlySet<Address>) =>
    able.reduce((sum, { operator, power }) => (validators.has(operator) ? sum + power : sum), 0n);
  const own = scores.filter((entry) => entry.group === group);
  const given = powerOf(new Set(own.map(({ validator }) => validator)));
  if (2n * given <= powerOf(new Set(able.map(({ operator }) => operator)))) return null;
  const least = own
    .map(({ score }) => score)
    .toSorted((a, b) => a - b)
    .find(
      (score) =>
        2n * powerOf(new Set(own.filter((one) => one.score <= score).map(({ validator }) => validator))) >= given,
    );
  return least ?? null;
}

/** What the group is paid in all: the part that quality earns, of its due. */
function paymentOf(
  { contract, groups, respondents, loadFactor }: QueryState,
  index: number,
  score: number | null,
): bigint {
  const group = groups[index];
  if (group === undefined) return 0n;
  const promptBytes = BigInt(contract.privacy?.promptBytes ?? Buffer.byteLength(contract.prompt));
  const dues = group.members.flatMap((member) => {
    const slot = respondents[member];
    if (slot === undefined) return [];
    const read = slot.priceInPerByte * promptBytes * BigInt(slot.rounds);
    const written =
      slot.priceOutPerByte * BigInt(slot.generatedBytes) + slot.priceQuotePerByte * BigInt(slot.quotedBytes);
    return [((read + written) * BigInt(loadFactor) * (whole + BigInt(contract.difficulty))) / whole / whole];
  });
  const due = [contract.maxFee / BigInt(contract.respondents), ...dues].reduce((a, b) => (a < b ? a : b));
  const base = BigInt(contract.basePart);
  const earned = score === null || score < contract.threshold ? 0n : (whole - base) * BigInt(score);
  return (due * (base * whole + earned)) / (whole * whole);
}

/** Who scores a query that is selected with this beacon: everybody, or as many as are drawn by power (market §6.9). */
export function scorersOf(
  queryId: Hash,
  beacon: Hash,
  {
    members,
    most,
  }: { readonly members: readonly { readonly operator: Address; readonly power: bigint }[]; readonly most: number },
): readonly { readonly operator: Address; readonly power: bigint }[] {
  if (members.length <= most) return members;
  const seed = taggedHash('synod/committee/1', Buffer.from(beacon, 'hex'), Buffer.from(queryId, 'hex'));
  const chosen = pick(
    members.map(({ operator, power }) => ({ name: operator, weight: power })),
    seed,
    most,
  );
  return members.filter(({ operator }) => chosen.includes(operator));
}

/** Draws one after another by weight, without putting back. */
function pick(
  given: readonly { readonly name: Address; readonly weight: bigint }[],
  seed: Hash,
  count: number,
): readonly Address[] {
  const remaining = [...given];
  const chosen: Address[] = [];
  while (remaining.length > 0 && chosen.length < count) {
    const total = remaining.reduce((sum, { weight }) => sum + weight, 0n);
    const at = drawOf(seed, chosen.length, total);
    let below = 0n;
    const index = remaining.findIndex(({ weight }) => {
      below += weight;
      return at < below;
    });
    chosen.push(...remaining.splice(index, 1).map(({ name }) => name));
  }
  return chosen;
}
