/**
 * What a query cost, line by line (spec: market §14). Owns the lines and their words; the amounts are the receipt's, and together
 * they are exactly its cost.
 */
import { formatSyn } from '../amount-text.ts';
import { type Address, type Amount, PPM, type Receipt, type ReceiptRespondent } from '../types/index.ts';
import { promptBytesOf } from './contract-check.ts';
import { meteredFee, priceOf, respondentShare } from './pricing.ts';
import { isCondemned } from './verification.ts';

export type BillLine = {
  readonly kind: 'respondent' | 'coordinator' | 'scorer';
  /** Who is paid. */
  readonly account: Address;
  readonly amount: Amount;
  /** How the amount comes about, in words. */
  readonly text: string;
};

/** `total + refund = escrow`, and the lines sum up to `total`. */
export type Bill = {
  readonly lines: readonly BillLine[];
  readonly total: Amount;
  readonly refund: Amount;
  readonly escrow: Amount;
};

/** One line for each respondent, also for those who get nothing, then the coordinator, then the scorers. */
export function bill(receipt: Receipt): Bill {
  const { contract, coordinatorPaid, scorersPaid } = receipt;
  const lines: BillLine[] = receipt.respondents.map((respondent) => ({
    kind: 'respondent',
    account: respondent.expert,
    amount: respondent.paid,
    text: respondentText(receipt, respondent),
  }));
  if (contract.coordinatorShare > 0) {
    lines.push({
      kind: 'coordinator',
      account: contract.coordinator,
      amount: coordinatorPaid,
      text: `${percent(contract.coordinatorShare)} of the answers' payments for coordinating`,
    });
  }
  for (const { validator, paid } of scorersPaid) {
    const text = `its part by power of ${percent(contract.scorerShare)} of the payments for the answers it scored`;
    lines.push({ kind: 'scorer', account: validator, amount: paid, text });
  }
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n);
  return { lines, total, refund: contract.maxFee - total, escrow: contract.maxFee };
}

function respondentText(receipt: Receipt, respondent: ReceiptRespondent): string {
  const { group, verdict, score } = respondent;
  if (group === null) return 'revealed no answer';
  if (isCondemned(verdict)) return `not paid: its verifiers found ${verdict}`;
  return [...meterTexts(receipt, respondent), qualityText(receipt, score), sharingText(receipt, group)]
    .filter((text) => text !== '')
    .join('; ');
}

/** Bytes at their rates, what multiplies them, and the share where it caps them. */
function meterTexts(receipt: Receipt, respondent: ReceiptRespondent): string[] {
  const { contract, loadFactor } = receipt;
  const promptBytes = promptBytesOf(contract);
  const { rounds, generatedBytes, quotedBytes } = respondent;
  const metered = meteredFee(respondent, { promptBytes, rounds, generatedBytes, quotedBytes });
  const price = priceOf(metered, { loadFactor, difficulty: contract.difficulty });
  const read = `${promptBytes} bytes read${rounds === 1 ? '' : ` × ${rounds} rounds`} at ${respondent.priceInPerByte}`;
  const written = `${generatedBytes} written at ${respondent.priceOutPerByte}`;
  const quoted = quotedBytes === 0 ? '' : `, ${quotedBytes} quoted at ${respondent.priceQuotePerByte}`;
  const factors = `× ${decimal(loadFactor)} for load × ${decimal(PPM + contract.difficulty)} for difficulty`;
  const share = respondentShare(contract);
  const isCapped = price > share;
  const cap = isCapped ? `, at most its share of ${formatSyn(share)}` : '';
  return [`${read}, ${written}${quoted} nano a byte, ${factors} = ${formatSyn(price)}${cap}`];
}

function qualityText({ contract }: Receipt, score: number | null): string {
  if (score === null) return `unscored, so the base part of ${percent(contract.basePart)}`;
  if (score < contract.threshold)
    return `score ${decimal(score)} below ${decimal(contract.threshold)}, so the base part of ${percent(contract.basePart)}`;
  return `score ${decimal(score)} on all but the base part of ${percent(contract.basePart)}`;
}

function sharingText({ groups, contract }: Receipt, group: number): string {
  const members = groups[group]!.members.length;
  const shares = contract.coordinatorShare + contract.scorerShare;
  const less = shares === 0 ? [] : [`less ${percent(shares)} for coordinator and scorers`];
  const shared =
    members === 1 ? [] : [`one payment among ${members} with the same answer, by the least of their prices`];
  return [...less, ...shared].join('; ');
}

/** Millionths as a decimal without trailing zeros. */
function decimal(millionths: number): string {
  const whole = Math.floor(millionths / PPM);
  const rest = `${millionths % PPM}`.padStart(6, '0').replace(/0+$/, '');
  return rest === '' ? `${whole}` : `${whole}.${rest}`;
}

function percent(share: number): string {
  return `${decimal(share * 100)} %`;
}
