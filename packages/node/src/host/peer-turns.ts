/**
 * Whom to ask next of several who say that they have something: who gave before, else who has waited longest to be tried. Without it a few that
 * say so and stay silent would be asked again and again before the honest one. Owns the order and nothing of what is asked.
 */
import { limits } from './limits.ts';
import type { PeerId } from './ports.ts';

export class PeerTurns {
  readonly #givers = new Set<PeerId>();
  /** Turns at which peers were last asked, or first seen. */
  readonly #turns = new Map<PeerId, number>();
  #turn = 0;

  onAsked(peer: PeerId): void {
    this.#turns.set(peer, ++this.#turn);
  }

  onGiven(peer: PeerId): void {
    this.#givers.add(peer);
  }

  onSilent(peer: PeerId): void {
    this.#givers.delete(peer);
  }

  forget(peer: PeerId): void {
    this.#givers.delete(peer);
    this.#turns.delete(peer);
  }

  /** Peers in the order in which they should be asked; `inFlight` are those asked now, once for each request. */
  order(peers: readonly PeerId[], inFlight: readonly PeerId[]): readonly PeerId[] {
    for (const peer of peers) if (!this.#turns.has(peer)) this.onAsked(peer);
    const isTryAllowed = this.#isTryAllowed(inFlight);
    const ranked = peers
      .filter((peer) => isTryAllowed || this.#givers.has(peer))
      .map((peer) => ({
        peer,
        rank: [
          this.#givers.has(peer) ? 0 : 1,
          inFlight.filter((asked) => asked === peer).length,
          this.#turns.get(peer) ?? 0,
        ],
      }));
    return ranked.toSorted((a, b) => compare(a.rank, b.rank)).map(({ peer }) => peer);
  }

  /** While somebody gives, few others are tried at a time. */
  #isTryAllowed(inFlight: readonly PeerId[]): boolean {
    if (this.#givers.size === 0) return true;
    return inFlight.filter((peer) => !this.#givers.has(peer)).length < limits.triedPeers;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
