/**
 * Looks for peers until there are enough: dials those of the address book and walks the table of peers for more. Owns
 * when; the addresses the operator named are dialler.ts's, because they are dialled whatever the number.
 */
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../host/ports.ts';
import type { AddressBook } from './address-book.ts';
import type { NetworkLimits } from './network-limits.ts';

export type FinderPort = {
  readonly ownPeerId: PeerId;
  nowMs(): number;
  /** Connected, named by the operator, or banned: not to be dialled from here. */
  isExcluded(peer: PeerId): boolean;
  connectedPeers(): number;
  /** How many more are wanted. */
  missingPeers(): number;
  /** Connects to the peer at one of the addresses. Rejects when it cannot. */
  dial(peer: PeerId, addresses: readonly string[]): Promise<void>;
  /** Looks around a random point of the table of peers; null without a table. */
  readonly walk: ((point: Uint8Array, signal: AbortSignal) => Promise<void>) | null;
  onFailure(peer: PeerId, error: unknown): void;
  /** Nobody has been connected for so long. */
  onAlone(forMs: number): void;
};

export class PeerFinder {
  readonly #book: AddressBook;
  readonly #port: FinderPort;
  readonly #limits: NetworkLimits;
  readonly #dialling = new Set<PeerId>();
  readonly #stop = new AbortController();
  /** Higher ids wait for the lower one of a pair to dial: since when they could be dialled. */
  readonly #seenMs = new Map<PeerId, number>();
  #timer: NodeJS.Timeout | null = null;
  #walkAtMs = 0;
  #walkWaitMs: number;
  #isWalking = false;
  #aloneSinceMs: number;
  #aloneTold = 0;

  constructor(book: AddressBook, port: FinderPort, limits: NetworkLimits) {
    this.#book = book;
    this.#port = port;
    this.#limits = limits;
    this.#walkWaitMs = limits.walkFirstMs;
    this.#aloneSinceMs = port.nowMs();
  }

  start(): void {
    this.check();
    this.#timer = setInterval(() => this.check(), this.#limits.finderCheckMs);
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
    this.#stop.abort();
  }

  /** Starts the dials and the walk whose time has come. */
  check(): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = this.#port.nowMs();
    const connected = this.#port.connectedPeers();
    this.#tellWhenAlone(connected, nowMs);
    const missing = this.#port.missingPeers() - this.#dialling.size;
    if (missing <= 0) return;
    const places = Math.min(missing, this.#limits.finderDialsMax - this.#dialling.size);
    if (places > 0) this.#dialSome(places, nowMs);
    this.#walkWhenDue(nowMs);
  }

  #dialSome(places: number, nowMs: number): void {
    const isExcluded = (peer: PeerId) =>
      this.#dialling.has(peer) || this.#port.isExcluded(peer) || !this.#isOurTurn(peer, nowMs);
    const candidates = this.#book.candidates(nowMs, places, isExcluded);
    for (const { peer, addresses } of candidates) this.#dial(peer, addresses, nowMs);
  }

  /** Of a pair the lower id dials; the other one does when it has been left alone for a while. */
  #isOurTurn(peer: PeerId, nowMs: number): boolean {
    if (this.#port.ownPeerId < peer) return true;
    const seenMs = this.#seenMs.get(peer);
    if (seenMs !== undefined) return nowMs - seenMs >= this.#limits.dialFallbackMs;
    this.#seenMs.set(peer, nowMs);
    if (this.#seenMs.size > this.#limits.knownPeersMax) this.#seenMs.delete(this.#seenMs.keys().next().value!);
    return false;
  }

  #dial(peer: PeerId, addresses: readonly string[], nowMs: number): void {
    this.#dialling.add(peer);
    this.#book.onAttempt(peer, nowMs);
    this.#port.dial(peer, addresses).then(
      () => this.#dialling.delete(peer),
      (error: unknown) => {
        this.#dialling.delete(peer);
        this.#seenMs.delete(peer);
        if (this.#stop.signal.aborted) return;
        this.#book.onFailure(peer);
        this.#port.onFailure(peer, error);
      },
    );
  }

  #walkWhenDue(nowMs: number): void {
    const { walk } = this.#port;
    if (walk === null || this.#isWalking || nowMs < this.#walkAtMs || this.#port.connectedPeers() === 0) return;
    const { walkTimeoutMs, walkFirstMs, walkLastMs } = this.#limits;
    const knownBefore = this.#book.size;
    this.#isWalking = true;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(walkTimeoutMs)]);
    const onEnd = (): void => {
      this.#isWalking = false;
      // As long as walks find somebody new they follow each other quickly.
      const isWorthwhile = this.#book.size > knownBefore;
      this.#walkWaitMs = isWorthwhile ? walkFirstMs : Math.min(walkLastMs, 2 * this.#walkWaitMs);
      this.#walkAtMs = this.#port.nowMs() + this.#walkWaitMs;
    };
    walk(randomBytes(32), signal).then(onEnd, onEnd);
  }

  #tellWhenAlone(connected: number, nowMs: number): void {
    if (connected > 0) {
      this.#aloneSinceMs = nowMs;
      this.#aloneTold = 0;
      return;
    }
    const { alonePatienceMs, aloneAgainMs } = this.#limits;
    const forMs = nowMs - this.#aloneSinceMs;
    if (forMs < alonePatienceMs + this.#aloneTold * aloneAgainMs) return;
    this.#aloneTold++;
    this.#port.onAlone(forMs);
  }
}
