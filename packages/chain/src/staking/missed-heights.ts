/**
 * Which heights a validator missed, a bit a height (spec: staking §6.2). Owns the arithmetic of bits: a record takes what the
 * window needs and no more, however often a validator comes and goes.
 */
import type { Height, MissedHeights } from '../types/index.ts';

/** The record with `height`, above all in it, added, and with everything below `oldest` cut off. */
export function addMissed(missed: MissedHeights, height: Height, oldest: Height): MissedHeights {
  const kept = bitsFrom(missed, oldest);
  const moved = shifted(kept, height - missed.last, height - oldest + 1);
  moved[0]! |= 1;
  return { last: height, bits: trimmed(moved) };
}

/** How many heights from `oldest` on were missed. */
export function countMissed(missed: MissedHeights, oldest: Height): number {
  return bitsFrom(missed, oldest).reduce((sum, byte) => sum + onesIn(byte), 0);
}

/** The missed heights from `oldest` on, ascending. */
export function missedHeights({ last, bits }: MissedHeights, oldest: Height): Height[] {
  const isMissed = (height: Height): boolean =>
    (((bits[(last - height) >> 3] ?? 0) >> ((last - height) & 7)) & 1) === 1;
  const first = Math.max(oldest, last - 8 * bits.length + 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).filter(isMissed);
}

/** The bits of heights from `oldest` on; the others are 0. */
function bitsFrom({ last, bits }: MissedHeights, oldest: Height): Uint8Array {
  const count = Math.max(0, last - oldest + 1);
  const kept = bits.slice(0, Math.ceil(count / 8));
  const inLast = count % 8;
  if (inLast > 0 && 8 * kept.length > count) kept[kept.length - 1]! &= (1 << inLast) - 1;
  return kept;
}

/** Every bit `by` places on, in as many bytes as `most` bits take; the window is never smaller than one bit. */
function shifted(bits: Uint8Array, by: number, most: number): Uint8Array {
  const moved = new Uint8Array(Math.ceil(Math.max(1, most) / 8));
  const [bytes, rest] = [Math.floor(by / 8), by % 8];
  for (let at = bytes; at < moved.length && at - bytes <= bits.length; at++) {
    const [here, below] = [bits[at - bytes] ?? 0, bits[at - bytes - 1] ?? 0];
    moved[at] = ((here << rest) | (below >> (8 - rest))) & 0xff;
  }
  return moved;
}

function trimmed(bits: Uint8Array): Uint8Array {
  return bits.slice(0, bits.findLastIndex((byte) => byte !== 0) + 1);
}

function onesIn(byte: number): number {
  let ones = 0;
  for (let left = byte; left > 0; left &= left - 1) ones++;
  return ones;
}
