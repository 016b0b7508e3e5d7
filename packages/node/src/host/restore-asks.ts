/**
 * One thing that several peers may give, asked of one after the other without waiting long for any: a silent peer costs a moment and not a
 * timeout. Owns who was asked and when; what an answer is worth is the restorer's.
 */
import type { TimestampMs } from '@synod/chain';
import { limits } from './limits.ts';
import type { PeerTurns } from './peer-turns.ts';
import type { PeerId } from './ports.ts';

export class RestoreAsks {
  readonly #turns: PeerTurns;
  /** In this round. */
  readonly #tried = new Set<PeerId>();
  /** In any round: an answer is welcome however late. */
  readonly #asked = new Set<PeerId>();
  #lastMs: TimestampMs = Number.NEGATIVE_INFINITY;
  /** Somebody answered that it cannot help: there is nothing to wait for before the next is asked. */
  #isRefused = false;
  #rounds = 0;

  /** `turns` is shared by all that is asked: who gave before is asked first. */
  constructor(turns: PeerTurns) {
    this.#turns = turns;
  }

  /** How often all peers were asked in vain. */
  get rounds(): number {
    return this.#rounds;
  }

  /** The peer to ask now, or null: an answer may still come, or there is nobody. When all have had their time a round is over. */
  next(candidates: readonly PeerId[], nowMs: TimestampMs): PeerId | null {
    const next = this.#turns.order(candidates, []).find((id) => !this.#tried.has(id));
    const waitedMs = nowMs - this.#lastMs;
    if (next === undefined) {
      if (candidates.length > 0 && waitedMs >= limits.syncTimeoutMs) this.#endRound();
      return null;
    }
    if (waitedMs < limits.restoreHedgeMs && !this.#isRefused) return null;
    this.#isRefused = false;
    this.#tried.add(next);
    this.#asked.add(next);
    this.#turns.onAsked(next);
    this.#lastMs = nowMs;
    return next;
  }

  /** True when the peer was asked, however long ago. */
  isAsked(id: PeerId): boolean {
    return this.#asked.has(id);
  }

  onRefused(id: PeerId): void {
    this.#isRefused ||= this.#asked.has(id);
  }

  onGiven(id: PeerId): void {
    this.#turns.onGiven(id);
  }

  #endRound(): void {
    for (const id of this.#tried) this.#turns.onSilent(id);
    this.#tried.clear();
    this.#rounds += 1;
  }
}
