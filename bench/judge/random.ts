/** Choices that look random and are always the same. Owns hashing names into numbers. */
import { createHash } from 'node:crypto';

/** 0 ≤ x < 1, a function of the name alone. */
export function fraction(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32;
}

export function pick<T>(items: readonly T[], name: string): T {
  if (items.length === 0) throw new Error(`Nothing to pick from for ${name}.`);
  return items[Math.floor(fraction(name) * items.length)]!;
}
