/** Integers drawn from a hash, for selections that anyone can recompute (spec: codec §12). Owns the draw, not the seed. */
import { SynodError } from '../errors.ts';
import type { Hash } from '../types/index.ts';
import { taggedHash } from './hash.ts';
import { fromHex } from './hex.ts';

const SPACE = 2n ** 256n;

/**
 * The `index`-th number of the stream of `seed`, uniform in 0 … `bound` − 1. Unbiased: a draw at or above the largest
 * multiple of `bound` below 2²⁵⁶ is drawn again. Throws `DRAW_BOUND` unless 1 ≤ bound ≤ 2²⁵⁶.
 */
export function drawBelow(seed: Hash, index: number, bound: bigint): bigint {
  if (bound < 1n || bound > SPACE) {
    throw new SynodError(
      'DRAW_BOUND',
      'A draw needs a bound of 1 … 2²⁵⁶. Check that there is something to choose from.',
      {
        facts: { bound: bound.toString() },
      },
    );
  }
  const accepted = SPACE - (SPACE % bound);
  const seedBytes = fromHex(seed);
  const counter = Buffer.alloc(12);
  counter.writeBigUInt64LE(BigInt(index));
  for (let attempt = 0; ; attempt++) {
    counter.writeUInt32LE(attempt, 8);
    const value = BigInt(`0x${taggedHash('synod/draw/1', seedBytes, counter)}`);
    if (value < accepted) return value % bound;
  }
}
