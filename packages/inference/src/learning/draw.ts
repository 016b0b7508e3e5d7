/** What the beacon draws. Owns how a seed becomes an order; every validator draws the same. */
import { createHash } from 'node:crypto';
import { shuffled } from '../training/schedule.ts';

/** Up to `count` of `list`, in the order that `seed` (64 hex digits) and `purpose` fix. */
export function draw<T>(list: readonly T[], count: number, { seed, purpose }: DrawSeed): T[] {
  const digest = createHash('sha256').update(`${seed}/${purpose}`).digest();
  return shuffled(list.length, digest.readUInt32LE(0), digest.readUInt8(4))
    .slice(0, count)
    .map((index) => list[index]!);
}

export type DrawSeed = { readonly seed: string; readonly purpose: string };
