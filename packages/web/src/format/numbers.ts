/** Counts, ratios, sizes and hashes for people. */
import { groupDigits } from './amounts.ts';

/** A whole number in groups of three. */
export function formatCount(value: number | string | bigint): string {
  return groupDigits(String(value));
}

/** A ratio such as "0.873" as "87 %"; null as "–". */
export function formatPercent(ratio: string | number | null, digits = 0): string {
  if (ratio === null) return '–';
  return `${(Number(ratio) * 100).toFixed(digits)} %`;
}

/** The ends of a hash or address: "0x7be1…c09d". */
export function shorten(text: string, head = 6, tail = 4): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}

/** "1 block", "3 blocks". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
