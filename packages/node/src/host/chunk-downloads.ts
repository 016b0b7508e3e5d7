/**
 * Which chunk of a snapshot to ask of whom. Owns what is wanted, what is in flight, and which peers are left alone for a
 * while; what a chunk is worth is the restorer's.
 */
import type { TimestampMs } from '@synod/chain';
import { limits } from './limits.ts';
import { PeerTurns } from './peer-turns.ts';
import type { PeerId } from './ports.ts';

type Flight = { readonly peer: PeerId; readonly index: number; readonly sentAtMs: TimestampMs };

export class ChunkDownloads {
  readonly #wanted: Set<number>;
  #flights: Flight[] = [];
  /** Asked, and nothing right came since. */
  readonly #fruitless = new Set<PeerId>();
  readonly #turns = new PeerTurns();
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
      this.#turns.onAsked(peer);
      this.#fruitless.add(peer);
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

  /** The chunk is here, and right. */
  done(peer: PeerId, index: number): void {
    this.#wanted.delete(index);
    this.#turns.onGiven(peer);
    this.#fruitless.delete(peer);
  }

  /** Peers that took too long, which are left alone for a while; what they were asked is free again. */
  expire(nowMs: TimestampMs): readonly PeerId[] {
    const late = this.#flights.filter(({ sentAtMs }) => nowMs - sentAtMs >= limits.restoreTimeoutMs);
    const peers = [...new Set(late.map(({ peer }) => peer))];
    for (const peer of peers) {
      this.pause(peer, nowMs + limits.restorePauseMs);
      this.#turns.onSilent(peer);
    }
    return peers;
  }

  /** Asks the peer nothing until then; what it was asked is free again. */
  pause(peer: PeerId, untilMs: TimestampMs): void {
    this.forget(peer);
    this.#pausedUntilMs.set(peer, untilMs);
  }

  /** Peers that were asked and have given nothing right since; whoever was not asked yet is none of them. */
  fruitless(): readonly PeerId[] {
    return [...this.#fruitless];
  }

  /** What the peer was asked is free again. */
  forget(peer: PeerId): void {
    this.#flights = this.#flights.filter((flight) => flight.peer !== peer);
  }

  #freest(sources: readonly PeerId[], nowMs: TimestampMs): PeerId | null {
    const inFlight = this.#flights.map(({ peer }) => peer);
    const able = sources.filter(
      (id) =>
        (this.#pausedUntilMs.get(id) ?? 0) <= nowMs &&
        inFlight.filter((peer) => peer === id).length < limits.restoreFlightsPerPeer,
    );
    return this.#turns.order(able, inFlight)[0] ?? null;
  }
}
