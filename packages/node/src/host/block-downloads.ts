/**
 * Which decided blocks to ask of whom while this node is behind (consensus §1.16). Owns the ranges in flight, the blocks that
 * wait for their turn, and how long a peer may take. Does not own what a block is worth: sync.ts applies them in order.
 */
import type { ExtendedCommit, Height, TimestampMs } from '@synod/chain';
import { limits } from './limits.ts';
import type { BlockWithCommit } from './messages.ts';
import { PeerTurns } from './peer-turns.ts';
import type { PeerId } from './ports.ts';

/** A peer that can be asked: the height it is deciding is above what it has. */
export type Source = { readonly id: PeerId; readonly height: Height };

export type Range = { readonly from: Height; readonly count: number };

export type WaitingBlock = BlockWithCommit & { readonly decoded: ExtendedCommit; readonly from: PeerId };

type Flight = Range & { readonly peer: PeerId; readonly sentAtMs: TimestampMs };

export class BlockDownloads {
  #flights: Flight[] = [];
  readonly #waiting = new Map<Height, WaitingBlock>();
  #waitingBytes = 0;
  /** Peers that were slow, until when they are asked last. */
  readonly #pausedUntilMs = new Map<PeerId, TimestampMs>();
  readonly #turns = new PeerTurns();
  /** Peers that had nothing or too much to do, until when they are not asked at all: they would say the same again at once. */
  readonly #closedUntilMs = new Map<PeerId, TimestampMs>();

  get isIdle(): boolean {
    return this.#flights.length === 0;
  }

  /** Ranges to ask for now, each with the peer to ask; they count as in flight from here on. */
  plan(next: Height, sources: readonly Source[], nowMs: TimestampMs): readonly (Range & { readonly peer: PeerId })[] {
    const planned: Flight[] = [];
    const target = Math.max(0, ...sources.map(({ height }) => height - 1));
    const last = Math.min(target, next + limits.syncWindowBlocks - 1);
    let from = next;
    while (this.#flights.length < limits.syncFlights && this.#waitingBytes < limits.syncWaitingBytes) {
      while (from <= last && this.#isCovered(from)) from++;
      if (from > last) break;
      const source = this.#freest(from, sources, nowMs);
      if (source === null) break;
      let count = 1;
      const end = Math.min(last, source.height - 1, from + limits.syncRangeBlocks - 1);
      while (from + count <= end && !this.#isCovered(from + count)) count++;
      const flight = { from, count, peer: source.id, sentAtMs: nowMs };
      this.#flights.push(flight);
      this.#turns.onAsked(source.id);
      planned.push(flight);
      from += count;
    }
    return planned;
  }

  /** Whether the peer still owes an answer. */
  isAsked(peer: PeerId): boolean {
    return this.#flights.some((flight) => flight.peer === peer);
  }

  /** The request that an answer beginning at `first` (null: an empty answer) belongs to, which is then over. */
  take(peer: PeerId, first: Height | null): Range | null {
    const flight = this.#flights.find((one) => one.peer === peer && (first === null || one.from === first));
    if (flight === undefined) return null;
    this.#flights = this.#flights.filter((one) => one !== flight);
    if (first !== null) this.#turns.onGiven(peer);
    return flight;
  }

  /** Peers that took too long; their ranges are free again. */
  expire(nowMs: TimestampMs): readonly PeerId[] {
    const late = this.#flights.filter(({ sentAtMs }) => nowMs - sentAtMs >= limits.syncTimeoutMs);
    if (late.length === 0) return [];
    this.#flights = this.#flights.filter((flight) => !late.includes(flight));
    const peers = [...new Set(late.map(({ peer }) => peer))];
    for (const peer of peers) this.pause(peer, nowMs);
    return peers;
  }

  /** Others are asked first for a while. */
  pause(peer: PeerId, nowMs: TimestampMs): void {
    this.#pausedUntilMs.set(peer, nowMs + limits.syncPauseMs);
    this.#turns.onSilent(peer);
  }

  /** The peer will not answer what it was asked, and is not asked again until then, whoever else there is. */
  release(peer: PeerId, untilMs: TimestampMs): void {
    this.#flights = this.#flights.filter((flight) => flight.peer !== peer);
    this.#closedUntilMs.set(peer, untilMs);
  }

  /** The peer is gone: what it was asked for is free again; what it has sent stays. */
  forget(peer: PeerId): void {
    this.#flights = this.#flights.filter((flight) => flight.peer !== peer);
    this.#pausedUntilMs.delete(peer);
    this.#closedUntilMs.delete(peer);
    this.#turns.forget(peer);
  }

  /** Nothing of the peer is believed any more. */
  discard(peer: PeerId): void {
    this.forget(peer);
    for (const [height, { from }] of this.#waiting) if (from === peer) this.#remove(height);
  }

  add(block: WaitingBlock): void {
    const { height } = block.decoded;
    if (this.#waiting.has(height)) return;
    this.#waiting.set(height, block);
    this.#waitingBytes += sizeOf(block);
  }

  /** Blocks below are of no use any more. */
  dropBelow(height: Height): void {
    for (const waiting of this.#waiting.keys()) if (waiting < height) this.#remove(waiting);
  }

  /** Consecutive waiting blocks from `next` on, at most `countMax`. They go on waiting. */
  run(next: Height, countMax: number): readonly WaitingBlock[] {
    const run: WaitingBlock[] = [];
    for (let height = next; run.length < countMax; height++) {
      const block = this.#waiting.get(height);
      if (block === undefined) break;
      run.push(block);
    }
    return run;
  }

  #remove(height: Height): void {
    const block = this.#waiting.get(height);
    if (block === undefined) return;
    this.#waiting.delete(height);
    this.#waitingBytes -= sizeOf(block);
  }

  #isCovered(height: Height): boolean {
    const isInFlight = this.#flights.some(({ from, count }) => height >= from && height < from + count);
    return isInFlight || this.#waiting.has(height);
  }

  /** The first in order that has the block and room for a request; one that was slow only when there is no other. */
  #freest(height: Height, sources: readonly Source[], nowMs: TimestampMs): Source | null {
    const inFlight = this.#flights.map(({ peer }) => peer);
    const able = sources.filter(
      ({ id, height: decides }) =>
        decides > height &&
        inFlight.filter((peer) => peer === id).length < limits.syncFlightsPerPeer &&
        (this.#closedUntilMs.get(id) ?? 0) <= nowMs,
    );
    const isPaused = ({ id }: Source) => (this.#pausedUntilMs.get(id) ?? 0) > nowMs;
    const fresh = able.filter((source) => !isPaused(source));
    const asked = fresh.length > 0 ? fresh : able;
    const [first] = this.#turns.order(
      asked.map(({ id }) => id),
      inFlight,
    );
    return asked.find(({ id }) => id === first) ?? null;
  }
}

function sizeOf({ block, commit }: BlockWithCommit): number {
  return block.length + commit.length;
}
