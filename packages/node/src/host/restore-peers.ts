/**
 * Peers of a node that restores a snapshot: who has said hello, what each offers, and who is doubted because it offered what it does not
 * give. Owns no verdict on what they send.
 */
import type { Height } from '@synod/chain';
import { limits } from './limits.ts';
import type { PeerId } from './ports.ts';

export type RestorePeer = {
  readonly id: PeerId;
  /** Its hello as it came, to be heard again by the host; null before it. */
  hello: Uint8Array | null;
  /** Null until it has answered. */
  offers: readonly Height[] | null;
};

export class RestorePeers {
  readonly #peers = new Map<PeerId, RestorePeer>();
  /** Also of those that left: coming back makes nobody more credible. */
  readonly #doubts = new Map<PeerId, number>();

  add(id: PeerId): void {
    if (this.#peers.size < limits.peers) this.#peers.set(id, { id, hello: null, offers: null });
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

  /** Those that offer the height and are still believed. */
  sources(height: Height): readonly PeerId[] {
    return this.#believed().flatMap(({ id, offers }) => (offers?.includes(height) === true ? [id] : []));
  }

  /**
   * The greatest height from `least` on of each believed peer, each once: first those whose sources are doubted least, then those that most
   * peers offer, then the highest. So no peer has more than one height looked at at a time, and no number of lies goes before a common offer.
   */
  ranked(least: Height): readonly Height[] {
    const bests = this.#believed().flatMap(({ offers }) => {
      const own = offers?.filter((height) => height >= least) ?? [];
      return own.length === 0 ? [] : [Math.max(...own)];
    });
    const ranks = [...new Set(bests)].map((height) => ({
      height,
      doubts: this.#leastDoubts(this.sources(height)),
      count: this.sources(height).length,
    }));
    return ranks
      .toSorted((a, b) => a.doubts - b.doubts || b.count - a.count || b.height - a.height)
      .map(({ height }) => height);
  }

  /** True when somebody who is doubted no more than all who offer this height offers another one, from `least` on. */
  hasOther(height: Height, least: Height): boolean {
    return this.#others(height, least).some((doubts) => doubts <= this.#leastDoubts(this.sources(height)));
  }

  /** True when all who offer the height were doubted before. */
  isDoubted(height: Height): boolean {
    return this.#leastDoubts(this.sources(height)) > 0;
  }

  /** The peer was asked for what it offers and gave nothing: others go before it, and the second time it is believed no more. */
  doubt(id: PeerId): void {
    this.#setDoubts(id, this.#doubtsOf(id) + 1);
  }

  forgive(): void {
    this.#doubts.clear();
  }

  /** The peer offered what it says it does not have: nothing it offers counts any more. */
  disbelieve(id: PeerId): void {
    this.#setDoubts(id, limits.restoreDoubtsMax);
  }

  /** Takes what a peer offers. */
  offer(id: PeerId, heights: readonly Height[]): void {
    const peer = this.#peers.get(id);
    if (peer !== undefined) peer.offers = heights;
  }

  /** The peer does not have it after all. */
  withdraw(id: PeerId, height: Height): void {
    const peer = this.#peers.get(id);
    if (peer?.offers != null) peer.offers = peer.offers.filter((offered) => offered !== height);
  }

  /** Least doubts of those who offer other heights and not this one. */
  #others(height: Height, least: Height): readonly number[] {
    const sources = this.sources(height);
    return this.ranked(least).flatMap((other) => {
      const others = this.sources(other).filter((id) => !sources.includes(id));
      return other === height || others.length === 0 ? [] : [this.#leastDoubts(others)];
    });
  }

  #believed(): readonly RestorePeer[] {
    return this.greeted().filter(({ id }) => this.#doubtsOf(id) < limits.restoreDoubtsMax);
  }

  #doubtsOf(id: PeerId): number {
    return this.#doubts.get(id) ?? 0;
  }

  #leastDoubts(ids: readonly PeerId[]): number {
    return Math.min(...ids.map((id) => this.#doubtsOf(id)));
  }

  #setDoubts(id: PeerId, count: number): void {
    this.#doubts.set(id, count);
    if (this.#doubts.size > limits.restoreDoubted) this.#doubts.delete(this.#doubts.keys().next().value!);
  }
}
