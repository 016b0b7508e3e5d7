/**
 * What a query must come to, reckoned a second time without the market's own code (spec: market §6, §7): which
 * score a group gets, what is paid. Owns that arithmetic; who is drawn is selection-model.ts, the money's movement ledger-model.ts.
 */
import { type Address, answerText, type QueryState, type Receipt, type ReceiptRespondent } from '@synod/chain';

const whole = 1_000_000n;

/** What is wrong with a receipt, given the settled query, or null. */
export function settlementProblem(receipt: Receipt, query: QueryState): string | null {
  const scores = receipt.groups.map((_, group) => scoreOf(receipt, query, group));
  for (const respondent of receipt.respondents) {
    const { expert, group, score, paid } = respondent;
    if (group === null) {
      if (paid !== 0n || score !== null) return `${expert} gets ${paid} for no answer`;
      continue;
    }
    const due = scores[group] ?? null;
    if (score !== due) return `group ${group} of query ${query.id} has the score ${score}, due ${due}`;
    const payment = paymentOf(query, group, due);
    if (paid !== payment) return `${expert} gets ${paid} for query ${query.id}, due ${payment}`;
  }
  return null;
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

/** The part that quality earns, of the group's due, in equal parts. */
function paymentOf(query: QueryState, index: number, score: number | null): bigint {
  const { contract, groups, respondents, loadFactor } = query;
  const factors = BigInt(loadFactor) * (whole + BigInt(contract.difficulty));
  const group = groups[index];
  if (group === undefined) return 0n;
  const promptBytes = BigInt(Buffer.byteLength(contract.prompt));
  const answerBytes = BigInt(Buffer.byteLength(answerText(group.answer)));
  const dues = group.members.map((member) => {
    const respondent = respondents[member];
    const read = (respondent?.priceInPerByte ?? 0n) * promptBytes;
    return ((read + (respondent?.priceOutPerByte ?? 0n) * answerBytes) * factors) / whole ** 2n;
  });
  const due = [contract.maxFee / BigInt(contract.respondents), ...dues].reduce((a, b) => (a < b ? a : b));
  const base = BigInt(contract.basePart);
  const earned = score === null || score < contract.threshold ? 0n : (whole - base) * BigInt(score);
  return (due * (base * whole + earned)) / (whole * whole) / BigInt(group.members.length);
}
