/**
 * The way of inputs from the adapters to whoever handles them now: a restoration first, then the host. Owns that none of this node is lost
 * in between and that a failure ends the node instead of being lost.
 */
import type { HostInput } from './host/index.ts';

/** A state may take long to be installed, and whoever wants sends megabytes a second meanwhile. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

export class InputQueue {
  readonly failed: Promise<Error>;
  #fail: (error: Error) => void = () => undefined;
  #early: HostInput[] | null = null;
  #handle: (input: HostInput) => void = () => undefined;
  #isFailed = false;

  constructor() {
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    this.hold([]);
  }

  /** Gives it what has waited, and everything from now on. */
  connect(handle: (input: HostInput) => void): void {
    const early = this.#early ?? [];
    this.#early = null;
    this.#handle = handle;
    for (const input of early) this.deliver(input);
  }

  /** Inputs wait from now on, these first, until somebody is connected again: of messages only so many bytes, as if the wire had lost the rest. */
  hold(first: readonly HostInput[]): void {
    const early = [...first];
    let bytes = 0;
    this.#early = early;
    this.#handle = (input) => {
      bytes += input.kind === 'direct' ? input.bytes.length : 0;
      if (input.kind !== 'direct' || bytes <= HELD_BYTES_MAX) early.push(input);
    };
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
