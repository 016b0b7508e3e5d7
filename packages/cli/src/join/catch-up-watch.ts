/**
 * Whether a node that catches up is there yet. Owns that verdict and the pace that is told meanwhile, as a function of looks at
 * the node; a clock and a node are the caller's.
 */

export const CATCH_UP_LIMITS = {
  /** A node at its peers' height for so long is there: more peers may have been about to say otherwise. */
  settleMs: 2_000,
  /** Blocks by which a node that keeps pace may be late at any moment. */
  slackHeights: 2,
  /** Looks by which the pace is measured. */
  paceLooks: 25,
} as const;

/** One look at the node. */
export type Look = {
  readonly nowMs: number;
  readonly height: number;
  /** Newest block that each connected peer says it has; empty while none has said. */
  readonly peerHeights: readonly number[];
  /** Newest block that more than a third of the peers have; null while none has said. */
  readonly networkHeight: number | null;
};

export type Pace = {
  readonly height: number;
  readonly of: number;
  readonly blocksPerSecond: number;
  /** Null while nothing can be told of it. */
  readonly remainingMs: number | null;
};

export type Verdict =
  | { readonly kind: 'there' }
  | { readonly kind: 'behind'; readonly pace: Pace }
  | { readonly kind: 'alone' }
  /** Nobody to ask for longer than the patience. */
  | { readonly kind: 'unreachable' }
  /** Somebody is ahead, and for longer than the patience no block has come nearer. */
  | { readonly kind: 'stalled'; readonly pace: Pace };

export class CatchUpWatch {
  readonly #patienceMs: number;
  readonly #heightMin: number;
  readonly #looks: Look[] = [];
  #gapMin = Number.POSITIVE_INFINITY;
  #nearerAtMs: number;
  #heardAtMs: number;
  #thereSinceMs: number | null = null;

  /** `heightMin`: the checkpoint's, below which no node is there. */
  constructor(options: { readonly nowMs: number; readonly patienceMs: number; readonly heightMin: number }) {
    this.#patienceMs = options.patienceMs;
    this.#heightMin = options.heightMin;
    this.#nearerAtMs = options.nowMs;
    this.#heardAtMs = options.nowMs;
  }

  look(look: Look): Verdict {
    const { nowMs, height, peerHeights } = look;
    this.#looks.push(look);
    if (this.#looks.length > CATCH_UP_LIMITS.paceLooks) this.#looks.shift();
    if (peerHeights.length === 0) return this.#alone(nowMs);
    this.#heardAtMs = nowMs;
    const of = Math.max(height, this.#heightMin, ...peerHeights);
    const gap = of - height;
    if (gap < this.#gapMin) {
      this.#gapMin = gap;
      this.#nearerAtMs = nowMs;
    }
    if (height >= this.#heightMin && gap <= CATCH_UP_LIMITS.slackHeights) {
      this.#nearerAtMs = nowMs;
      this.#thereSinceMs ??= nowMs;
      if (nowMs - this.#thereSinceMs >= CATCH_UP_LIMITS.settleMs) return { kind: 'there' };
      return { kind: 'behind', pace: this.#pace(look, of) };
    }
    this.#thereSinceMs = null;
    const pace = this.#pace(look, of);
    if (nowMs - this.#nearerAtMs < this.#patienceMs) return { kind: 'behind', pace };
    // What a third of the peers do not confirm may be a lie, which must not hold this up for ever.
    return this.#isConfirmed(look) ? { kind: 'there' } : { kind: 'stalled', pace };
  }

  #alone(nowMs: number): Verdict {
    this.#thereSinceMs = null;
    this.#nearerAtMs = nowMs;
    return { kind: nowMs - this.#heardAtMs < this.#patienceMs ? 'alone' : 'unreachable' };
  }

  #isConfirmed({ height, networkHeight }: Look): boolean {
    return (
      networkHeight !== null && height >= this.#heightMin && networkHeight - height <= CATCH_UP_LIMITS.slackHeights
    );
  }

  #pace({ nowMs, height }: Look, of: number): Pace {
    const first = this.#looks[0] ?? { nowMs, height };
    const seconds = (nowMs - first.nowMs) / 1_000;
    const blocksPerSecond = seconds === 0 ? 0 : Math.round((height - first.height) / seconds);
    const remainingMs =
      blocksPerSecond === 0 || height === of ? null : Math.ceil(((of - height) * 1_000) / blocksPerSecond);
    return { height, of, blocksPerSecond, remainingMs };
  }
}
