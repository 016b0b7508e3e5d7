/**
 * Amounts as people read them. Owns the one exact form, without floats.
 */
import { type Amount, NANO_PER_SYN } from './types/index.ts';

const decimals = 9;

/** `10000000000000n` → `10,000 SYN`; trailing zeros are left out, nothing is rounded. */
export function formatSyn(nano: Amount): string {
  const sign = nano < 0n ? '-' : '';
  const positive = nano < 0n ? -nano : nano;
  const whole = (positive / NANO_PER_SYN).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = (positive % NANO_PER_SYN).toString().padStart(decimals, '0').replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`} SYN`;
}
