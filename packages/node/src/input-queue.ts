/**
 * The way of inputs from the adapters to whoever handles them now: a restoration first, then the host. Owns that none is lost
 * in between and that a failure ends the node instead of being lost.
 */
import type { HostInput } from './host/index.ts';

export class InputQueue {
  readonly failed: Promise<Error>;
  #fail: (error: Error) => void = () => undefined;
  #early: HostInput[] | null = [];
  #handle: (input: HostInput) => void = (input) => this.#early?.push(input);
  #isFailed = false;

  constructor() {
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Gives it what has waited, and everything from now on. */
  connect(handle: (input: HostInput) => void): void {
    const early = this.#early ?? [];
    this.#early = null;
    this.#handle = handle;
    for (const input of early) this.deliver(input);
  }

  /** Inputs wait from now on, these first, until somebody is connected again. */
  hold(first: readonly HostInput[]): void {
    const early = [...first];
    this.#early = early;
    this.#handle = (input) => early.push(input);
  }

  deliver(input: HostInput): void {
    this.guard(() => this.#handle(input), undefined);
  }

  /** A throw here is a bug or lost storage: nothing further is handled, so nothing further is signed. */
  guard<T>(act: () => T, otherwise: T): T {
    if (this.#isFailed) return otherwise;
    try {
      return act();
    } catch (error) {
      this.#isFailed = true;
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return otherwise;
    }
  }
}
