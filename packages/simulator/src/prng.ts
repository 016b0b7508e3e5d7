/**
 * The simulator's only randomness: sfc32 over 32-bit integers, seeded by name. Owns drawing; knows nothing of what for.
 * Streams of their own for network, faults and workload keep one's draws from moving the others'.
 */

/** A seeded stream of integers; the same seed and label give the same stream for ever. */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, label: string) {
    let mixed = (seed ^ 0x9e3779b9) >>> 0;
    for (let index = 0; index < label.length; index++) mixed = mix(mixed ^ label.charCodeAt(index));
    this.#a = mix(mixed);
    this.#b = mix(this.#a ^ seed);
    this.#c = mix(this.#b);
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 0 … 2³² − 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 … bound − 1; the bias of the remainder is below 2⁻²⁰ for the bounds used here. */
  below(bound: number): number {
    return this.next() % bound;
  }

  /** least … most, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True in `ppm` of a million draws. */
  chance(ppm: number): boolean {
    return this.below(1_000_000) < ppm;
  }

  /** One of the items, of which there must be some. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let last = order.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const held = order[last] as T;
      order[last] = order[other] as T;
      order[other] = held;
    }
    return order;
  }
}

function mix(value: number): number {
  let mixed = (value + 0x6d2b79f5) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
