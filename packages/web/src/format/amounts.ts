/** Amounts for people. 1 SYN = 10^9 nano; nothing is ever computed in floats. */

const NANO = 1_000_000_000n;

/** Nano in digits as SYN with at most `digits` decimals, e.g. "10,000" or "0.0021"; what is too small for them is "<0.0001". */
export function formatSyn(nano: string | bigint, digits = 6): string {
  const value = BigInt(nano);
  const sign = value < 0n ? '−' : '';
  const size = value < 0n ? -value : value;
  const step = 10n ** BigInt(9 - digits);
  const rounded = ((size + step / 2n) / step) * step;
  if (rounded === 0n && size > 0n) return `${sign}<0.${'0'.repeat(digits - 1)}1`;
  const fraction = (rounded % NANO).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${groupDigits((rounded / NANO).toString())}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Reads "0.01" or "0.01 SYN" as nano; null when it is no amount. */
export function parseSyn(text: string): bigint | null {
  const match = /^(\d{1,10})?(?:[.,](\d{1,9}))?\s*(?:syn)?$/i.exec(text.trim());
  if (match === null || (match[1] === undefined && match[2] === undefined)) return null;
  return BigInt(match[1] ?? '0') * NANO + BigInt((match[2] ?? '').padEnd(9, '0'));
}

/** Digits in groups of three: "1,234,567". */
export function groupDigits(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
