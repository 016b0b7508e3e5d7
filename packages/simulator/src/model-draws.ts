/** The draw of codec §12 written a second time, for the models. Owns that one function; who is drawn is the models' business. */
import { type Hash, taggedHash } from '@synod/chain';

/** A number below the bound; digests in the uneven end of their range are drawn anew. */
export function drawOf(seed: Hash, index: number, bound: bigint): bigint {
  const space = 2n ** 256n;
  for (let attempt = 0; ; attempt++) {
    const counter = Buffer.alloc(12);
    counter.writeBigUInt64LE(BigInt(index));
    counter.writeUInt32LE(attempt, 8);
    const value = BigInt(`0x${taggedHash('synod/draw/1', Buffer.from(seed, 'hex'), counter)}`);
    if (value < space - (space % bound)) return value % bound;
  }
}
