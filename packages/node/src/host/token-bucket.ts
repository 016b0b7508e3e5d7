/** A share that fills with time up to a burst, in integers. Owns the arithmetic; the time is an argument. */
import type { TimestampMs } from '@synod/chain';

/** In thousandths of a unit, so that a millisecond adds a whole number. */
const SCALE = 1_000;

export class TokenBucket {
  readonly #perSecond: number;
  readonly #levelMax: number;
  #level: number;
  #atMs: TimestampMs;

  /** Full at first. Both are whole units. */
  constructor({ perSecond, burst }: { readonly perSecond: number; readonly burst: number }, nowMs: TimestampMs) {
    this.#perSecond = perSecond;
    this.#levelMax = burst * SCALE;
    this.#level = this.#levelMax;
    this.#atMs = nowMs;
  }

  /** Milliseconds until something may be taken; 0 is now. A clock that goes back adds nothing. */
  waitMs(nowMs: TimestampMs): number {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    const missing = this.#levelMax - this.#level;
    // Compared first: the product of a long absence would leave the safe integers.
    this.#level = passedMs >= missing / this.#perSecond ? this.#levelMax : this.#level + passedMs * this.#perSecond;
    return this.#level > 0 ? 0 : Math.floor(-this.#level / this.#perSecond) + 1;
  }

  /** Takes the units, below zero if need be: what something costs may be known only when it is done. */
  take(units: number): void {
    this.#level -= units * SCALE;
  }
}
