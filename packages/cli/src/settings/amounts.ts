/**
 * SYN amounts as people write and read them. Owns the exact conversion between decimal text and nano; no floats.
 */
import { type Amount, formatSyn, NANO_PER_SYN, SynodError } from '@synod/chain';

const DECIMALS = 9;
const AMOUNT_MAX = 2n ** 64n - 1n;

/** Nano of a decimal SYN amount such as `0.0019` or `10,000`. Throws `AMOUNT_INVALID`. */
export function parseSyn(text: string): Amount {
  const plain = text.trim().replace(/ ?SYN$/i, '');
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(plain);
  if (match === null) throw invalid(text, 'is not an amount. Write it as a decimal number of SYN, e.g. 0.5');
  const [, whole = '', fraction = ''] = match;
  if (fraction.length > DECIMALS)
    throw invalid(text, `has more than ${DECIMALS} decimals: the smallest amount is 0.000000001 SYN`);
  const nano = BigInt(whole.replaceAll(',', '')) * NANO_PER_SYN + BigInt(fraction.padEnd(DECIMALS, '0'));
  if (nano > AMOUNT_MAX) throw invalid(text, `is more than there can ever be (${formatSyn(AMOUNT_MAX)})`);
  return nano;
}

/** The same where nothing would be no amount. */
export function parseSomeSyn(text: string): Amount {
  const amount = parseSyn(text);
  if (amount === 0n) throw invalid(text, 'is nothing. Give at least 0.000000001 SYN');
  return amount;
}

export { formatSyn } from '@synod/chain';

function invalid(text: string, why: string): SynodError {
  return new SynodError('AMOUNT_INVALID', `"${text}" ${why}.`, { facts: { amount: text } });
}
