/** Amounts to the last nano: in texts that must add up, and for programs. What tables show is amounts.ts. */
import { formatSyn } from './amounts.ts';

const NANO_DECIMALS = 9;

/** `1900000` → `0.0019 SYN`: nothing is rounded. */
export function exactSyn(nano: string | bigint): string {
  return `${formatSyn(nano, NANO_DECIMALS)} SYN`;
}

/** SYN as a plain decimal without unit or grouping, for programs: `1234500000000` → `1234.5`. */
export function plainSyn(nano: string | bigint): string {
  return formatSyn(nano, NANO_DECIMALS).replaceAll(',', '').replace('−', '-');
}

/** The sum of nano texts. */
export function sumNano(amounts: readonly (string | bigint)[]): bigint {
  return amounts.reduce((sum: bigint, amount) => sum + BigInt(amount), 0n);
}
