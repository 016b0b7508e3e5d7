/**
 * Peers of a node that restores a snapshot: who has said hello, what each offers, and whose turn it is for a single request.
 * Owns no verdict on what they send.
 */
import type { Height, TimestampMs } from '@synod/chain';
import { limits } from './limits.ts';
import type { PeerId } from './ports.ts';

export type RestorePeer = {
  readonly id: PeerId;
  /** Its hello as it came, to be heard again by the host; null before it. */
  hello: Uint8Array | null;
  /** Null until it has answered. */
  offers: readonly Height[] | null;
  isBelieved: boolean;
};

/** One request at a time, to one peer after the other until somebody answers. */
export type Turn = { peer: PeerId | null; sentAtMs: TimestampMs; readonly tried: Set<PeerId>; rounds: number };

export class RestorePeers {
  readonly #peers = new Map<PeerId, RestorePeer>();

  add(id: PeerId): void {
    if (this.#peers.size < limits.peers) this.#peers.set(id, { id, hello: null, offers: null, isBelieved: true });
  }

  remove(id: PeerId): void {
    this.#peers.delete(id);
  }

  get(id: PeerId): RestorePeer | null {
    return this.#peers.get(id) ?? null;
  }

  greeted(): readonly RestorePeer[] {
    return [...this.#peers.values()].filter(({ hello }) => hello !== null);
  }

  /** Those that offer the height. */
  sources(height: Height): readonly PeerId[] {
    return this.greeted().flatMap(({ id, offers }) => (offers?.includes(height) === true ? [id] : []));
  }

  /** The greatest height from `least` on that somebody offers, or null. */
  best(least: Height): Height | null {
    const heights = this.greeted().flatMap(({ offers }) => offers?.filter((height) => height >= least) ?? []);
    return heights.length === 0 ? null : Math.max(...heights);
  }

  /** The peer offered a height whose block above it cannot show: nothing it offers counts any more. */
  disbelieve(id: PeerId, height: Height): void {
    const peer = this.#peers.get(id);
    if (peer?.offers?.includes(height) !== true) return;
    peer.offers = [];
    peer.isBelieved = false;
  }

  /** Takes what a peer offers. */
  offer(id: PeerId, heights: readonly Height[]): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) peer.offers = peer.isBelieved ? heights : [];
  }

  /** The peer does not have it after all. */
  withdraw(id: PeerId, height: Height): void {
    const peer = this.#peers.get(id);
    if (peer?.offers != null) peer.offers = peer.offers.filter((offered) => offered !== height);
  }
}

export function newTurn(): Turn {
  return { peer: null, sentAtMs: 0, tried: new Set(), rounds: 0 };
}

/** The peer to ask now, or null: somebody is being asked, or there is nobody. All having been asked, a round begins anew. */
export function nextOf(turn: Turn, candidates: readonly PeerId[], nowMs: TimestampMs): PeerId | null {
  const isWaiting = turn.peer !== null && nowMs - turn.sentAtMs < limits.syncTimeoutMs;
  if (isWaiting || candidates.length === 0) return null;
  let next = candidates.find((id) => !turn.tried.has(id));
  if (next === undefined) {
    // Not at once again: the same peers would be asked without end.
    if (nowMs - turn.sentAtMs < limits.syncTimeoutMs) return null;
    turn.tried.clear();
    turn.rounds += 1;
    next = candidates[0];
  }
  if (next === undefined) return null;
  turn.tried.add(next);
  turn.peer = next;
  turn.sentAtMs = nowMs;
  return next;
}
