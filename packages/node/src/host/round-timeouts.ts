/** Timeouts of the height being decided, as named timers. Owns the names. */
import type { Timeout } from '@synod/consensus';
import type { Timers } from './ports.ts';

export class RoundTimeouts {
  readonly #timers: Timers;
  readonly #pending = new Map<string, Timeout>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  schedule(timeout: Timeout, delayMs: number): void {
    const name = `timeout/${timeout.kind}/${timeout.height}/${timeout.round}`;
    this.#pending.set(name, timeout);
    this.#timers.set(name, delayMs);
  }

  /** The timeout of a timer that fired; undefined when its height is over. */
  take(name: string): Timeout | undefined {
    const timeout = this.#pending.get(name);
    this.#pending.delete(name);
    return timeout;
  }

  clear(): void {
    for (const name of this.#pending.keys()) this.#timers.clear(name);
    this.#pending.clear();
  }
}
