/**
 * The logistic function in integers (spec: rewards §4). Owns its series and its error; what it is used for is bonds.ts.
 */

/** The scale of arguments and results: billionths. */
export const PPB = 1_000_000_000n;

/** The scale inside, so that 5 squarings leave an error below one billionth. */
const FINE = 1_000_000_000_000_000n;
const TERMS = 16n;
const HALVINGS = 5n;
/** e^−32 is below one billionth by five orders. */
const ARGUMENT_MAX = 32n * PPB;

/** e^−x for x ≥ 0 in billionths, on the scale 10¹⁵: Σ (−x/32)^k / k! up to k = 16, squared five times. */
function expNegative(x: bigint): bigint {
  if (x >= ARGUMENT_MAX) return 0n;
  const step = (x * FINE) / PPB / (1n << HALVINGS);
  let term = FINE;
  let sum = FINE;
  for (let k = 1n; k <= TERMS; k += 1n) {
    term = (-term * step) / (FINE * k);
    sum += term;
  }
  for (let i = 0n; i < HALVINGS; i += 1n) sum = (sum * sum) / FINE;
  return sum;
}

/** 1 / (1 + e^−x), x and result in billionths; within two billionths of the real value, and never decreasing by more than that. */
export function logistic(x: bigint): bigint {
  const power = expNegative(x < 0n ? -x : x);
  const above = (PPB * FINE) / (FINE + power);
  return x < 0n ? PPB - above : above;
}
