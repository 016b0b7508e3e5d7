/**
 * Notices that a node's health changed, also while no block comes: that is when it matters. Owns the comparison and a timer that runs
 * while somebody listens; what health is, is the service's.
 */
export type Health = { readonly syncing: boolean; readonly warnings: readonly string[] };

const limits = {
  /** Between two looks while somebody listens. */
  lookMs: 2_000,
} as const;

export class HealthWatch {
  readonly #read: () => Health;
  readonly #tell: (health: Health) => void;
  #told: string;
  #listeners = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Nothing is told of the health that there is at first. */
  constructor(read: () => Health, tell: (health: Health) => void, first: Health = { syncing: false, warnings: [] }) {
    this.#read = read;
    this.#tell = tell;
    this.#told = keyOf(first);
  }

  /** Tells if it is another than the last time. */
  look(): void {
    const health = this.#read();
    const key = keyOf(health);
    if (key === this.#told) return;
    this.#told = key;
    this.#tell(health);
  }

  /** Looks from time to time until the returned function was called. */
  listen(): () => void {
    this.#listeners += 1;
    this.#timer ??= setInterval(() => this.look(), limits.lookMs).unref();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#listeners -= 1;
      if (this.#listeners > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }
}

/** Numbers in sentences, as "for 12 s", change all the time and mean nothing new. */
function keyOf({ syncing, warnings }: Health): string {
  return JSON.stringify([syncing, warnings.map((warning) => warning.replaceAll(/\d+/g, '#'))]);
}
