/**
 * Which chunk of a snapshot to ask of whom. Owns what is wanted, what is in flight, and which peers are left alone for a
 * while; what a chunk is worth is the restorer's.
 */
import type { TimestampMs } from '@synod/chain';
import { limits } from './limits.ts';
import type { PeerId } from './ports.ts';

type Flight = { readonly peer: PeerId; readonly index: number; readonly sentAtMs: TimestampMs };

export class ChunkDownloads {
  readonly #wanted: Set<number>;
  #flights: Flight[] = [];
  readonly #pausedUntilMs = new Map<PeerId, TimestampMs>();

  /** Indices in the order in which they are asked for. */
  constructor(wanted: Iterable<number>) {
    this.#wanted = new Set(wanted);
  }

  get isDone(): boolean {
    return this.#wanted.size === 0;
  }

  get left(): number {
    return this.#wanted.size;
  }

  /** Requests to send now; they count as in flight from here on. */
  plan(sources: readonly PeerId[], nowMs: TimestampMs): readonly { readonly peer: PeerId; readonly index: number }[] {
    const planned: Flight[] = [];
    for (const index of this.#wanted) {
      if (this.#flights.length >= limits.restoreFlights) break;
      if (this.#flights.some((flight) => flight.index === index)) continue;
      const peer = this.#freest(sources, nowMs);
      if (peer === null) break;
      const flight = { peer, index, sentAtMs: nowMs };
      this.#flights.push(flight);
      planned.push(flight);
    }
    return planned;
  }

  /** True when the chunk was asked of the peer; the request is then over. */
  take(peer: PeerId, index: number): boolean {
    const isAsked = this.#flights.some((flight) => flight.peer === peer && flight.index === index);
    if (isAsked) this.#flights = this.#flights.filter((flight) => flight.peer !== peer || flight.index !== index);
    return isAsked;
  }

  /** The chunk is here. */
  done(index: number): void {
    this.#wanted.delete(index);
  }

  /** Peers that took too long, which are left alone for a while; what they were asked is free again. */
  expire(nowMs: TimestampMs): readonly PeerId[] {
    const late = this.#flights.filter(({ sentAtMs }) => nowMs - sentAtMs >= limits.restoreTimeoutMs);
    const peers = [...new Set(late.map(({ peer }) => peer))];
    for (const peer of peers) this.pause(peer, nowMs + limits.restorePauseMs);
    return peers;
  }

  /** Asks the peer nothing until then; what it was asked is free again. */
  pause(peer: PeerId, untilMs: TimestampMs): void {
    this.forget(peer);
    this.#pausedUntilMs.set(peer, untilMs);
  }

  /** What the peer was asked is free again. */
  forget(peer: PeerId): void {
    this.#flights = this.#flights.filter((flight) => flight.peer !== peer);
  }

  #freest(sources: readonly PeerId[], nowMs: TimestampMs): PeerId | null {
    let best: { readonly peer: PeerId; readonly load: number } | null = null;
    for (const peer of sources) {
      const load = this.#flights.filter((flight) => flight.peer === peer).length;
      const isPaused = (this.#pausedUntilMs.get(peer) ?? 0) > nowMs;
      if (isPaused || load >= limits.restoreFlightsPerPeer) continue;
      if (best === null || load < best.load) best = { peer, load };
    }
    return best?.peer ?? null;
  }
}
