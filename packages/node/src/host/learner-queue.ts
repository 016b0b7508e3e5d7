/**
 * The one learner of this node, shared by those who train, measure and rebuild. Owns the order of what waits: one job runs at a time,
 * and what is short or holds up everybody comes first.
 */

import type { Learner, LearnerMessage, LearnerTask } from './learning-ports.ts';
import { limits } from './limits.ts';

/** Lower runs first. */
const RANKS: Readonly<Record<LearnerTask['kind'], number>> = { aggregate: 0, evaluate: 1, train: 2 };

export class LearnerQueue {
  readonly #learner: Learner | null;
  #waiting: readonly LearnerTask[] = [];
  #running: string | null = null;

  constructor(learner: Learner | null) {
    this.#learner = learner;
  }

  /** True while it waits or runs. */
  has(id: string): boolean {
    return this.#running === id || this.#waiting.some((task) => task.id === id);
  }

  /** False: there is no learner, or no room; asking again later is right. */
  submit(task: LearnerTask): boolean {
    if (this.#learner === null || this.#waiting.length >= limits.learnerTasks || this.has(task.id)) return false;
    this.#waiting = [...this.#waiting, task].toSorted((a, b) => RANKS[a.kind] - RANKS[b.kind]);
    this.#next();
    return true;
  }

  /** What runs ends with its final message, as always. */
  cancel(id: string): void {
    this.#waiting = this.#waiting.filter((task) => task.id !== id);
    if (this.#running === id) this.#learner?.cancel(id);
  }

  /** Drops what a finished or given up work has left. */
  forget(id: string): void {
    this.#learner?.forget(id);
  }

  /** To be called before whoever waits for the message hears it. */
  onMessage(message: LearnerMessage): void {
    if (message.kind === 'progress' || message.id !== this.#running) return;
    this.#running = null;
    this.#next();
  }

  #next(): void {
    const [first, ...rest] = this.#waiting;
    if (this.#running !== null || first === undefined) return;
    this.#waiting = rest;
    this.#running = first.id;
    this.#learner?.submit(first);
  }
}
