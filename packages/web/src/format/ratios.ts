/** Ratios and losses in their own digits: millionths and billionths as whole numbers, so that nothing is lost on the way. */

const PPM_DIGITS = 6;
const PPB_DIGITS = 9;

/** `"0.873"` → 873000: a ratio of the RPC in millionths, exact. */
export function ppmOf(ratio: string): number {
  const [whole = '0', fraction = ''] = ratio.split('.');
  return Number(whole) * 1_000_000 + Number(fraction.slice(0, PPM_DIGITS).padEnd(PPM_DIGITS, '0'));
}

/** `"0.873"` → `87.3 %`; at most one decimal, rounded half up. */
export function percentText(ratio: string): string {
  return ppmPercent(ppmOf(ratio));
}

/** Millionths as percent with at most one decimal: 873000 → `87.3 %`, 1000000 → `100 %`. */
export function ppmPercent(ppm: number): string {
  const tenths = Math.round(ppm / 1_000);
  return `${Math.floor(tenths / 10)}${tenths % 10 === 0 ? '' : `.${tenths % 10}`} %`;
}

/** Three decimals: `"0.8734"` → `0.873`. */
export function threeDecimals(ratio: string): string {
  const milli = Math.round(ppmOf(ratio) / 1_000);
  return `${Math.floor(milli / 1_000)}.${String(milli % 1_000).padStart(3, '0')}`;
}

/** Billionths as a decimal with up to nine digits: 500000000 → `0.5`. */
export function ppbText(ppb: number | string | bigint): string {
  const digits = String(ppb).padStart(PPB_DIGITS + 1, '0');
  const fraction = digits.slice(-PPB_DIGITS).replace(/0+$/, '');
  return `${digits.slice(0, -PPB_DIGITS)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Billionths as percent with at most one decimal. */
export function ppbPercent(ppb: number): string {
  return ppmPercent(Math.round(ppb / 1_000));
}

/** How a loss moved: `−0.045`, `+0.012` or `±0`. */
export function changeText(before: string, after: string): string {
  const milli = Math.round((ppmOf(after) - ppmOf(before)) / 1_000);
  if (milli === 0) return '±0';
  const size = Math.abs(milli);
  return `${milli < 0 ? '−' : '+'}${Math.floor(size / 1_000)}.${String(size % 1_000).padStart(3, '0')}`;
}

/** Parameters of a model: 134515008 → `135 M`. */
export function parametersText(count: number): string {
  if (count >= 1_000_000_000) return `${(count / 1_000_000_000).toFixed(1)} B`;
  if (count >= 1_000_000) return `${Math.round(count / 1_000_000)} M`;
  if (count >= 1_000) return `${Math.round(count / 1_000)} k`;
  return String(count);
}
