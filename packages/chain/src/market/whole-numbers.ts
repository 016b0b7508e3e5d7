/** Roots and powers in whole numbers, the same on every machine (spec: market §3, §8). Owns arithmetic alone. */

/** ⌊√value⌋ by Newton's method from above. The value is not negative. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * (base / one)^exponent · one, each product rounded down, by squaring: as many steps as the exponent has bits. Base and exponent are
 * not negative.
 */
export function powerOf(base: bigint, exponent: number, one: bigint): bigint {
  let [result, square] = [one, base];
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) / one;
    square = (square * square) / one;
  }
  return result;
}
