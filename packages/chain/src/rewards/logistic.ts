/**
 * The logistic function in integers (spec: rewards §4). Owns its series and its error; what it is used for is bonds.ts.
 */

/** The scale of arguments and results: billionths. */
export const PPB = 1_000_000_000n;

/** The scale inside is 2⁵⁰, so that ten squarings leave an error far below one billionth. */
const FINE_BITS = 50n;
const FINE: bigint = 1n << FINE_BITS;
const HALVINGS = 10;
/** Of the series of e^−y, y ≤ 1/32: what is left out is below 10⁻¹⁴. */
const TERMS = 6;
/** e^−32 is below one billionth by five orders. */
const ARGUMENT_MAX = 32n * PPB;
/** 6, 5, … 1: Horner’s order. */
const divisors: readonly bigint[] = Array.from({ length: TERMS }, (_, index) => BigInt(TERMS - index));

/** e^−x for x ≥ 0 in billionths, on the scale 2⁵⁰: Σ (−y)^k / k! at y = x / 1024, squared ten times. */
function expNegative(x: bigint): bigint {
  if (x >= ARGUMENT_MAX) return 0n;
  const step = (x << (FINE_BITS - BigInt(HALVINGS))) / PPB;
  let sum = FINE;
  for (const divisor of divisors) sum = FINE - ((step * sum) >> FINE_BITS) / divisor;
  for (let i = 0; i < HALVINGS; i++) sum = (sum * sum) >> FINE_BITS;
  return sum;
}

/** 1 / (1 + e^−x), x and result in billionths, within two billionths of the real value. */
export function logistic(x: bigint): bigint {
  const power = expNegative(x < 0n ? -x : x);
  const above = (PPB << FINE_BITS) / (FINE + power);
  return x < 0n ? PPB - above : above;
}
