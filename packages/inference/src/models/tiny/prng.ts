/** A small seeded generator of numbers. Owns reproducibility across machines: integer arithmetic only until the end. */

/** Numbers that look random and depend on the seed alone (splitmix32). Not for secrets. */
export type Prng = {
  /** An integer of 0 … 2³² − 1. */
  uint32(): number;
  /** A number of −1 … 1. */
  signed(): number;
};

export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  const uint32 = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return { uint32, signed: () => (uint32() - 2 ** 31) / 2 ** 31 };
}
