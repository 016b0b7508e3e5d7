/**
 * What peers have earned: offences, bans and how much they may send. Owns numbers per peer id; acting on a verdict
 * (closing, pausing) is the network's. Time is an argument, so it can be tested without waiting.
 */
import type { PeerId } from '../host/ports.ts';
import type { NetworkLimits } from './network-limits.ts';

type Conduct = { score: number; scoredAtMs: number; bannedUntilMs: number };

/** Counts offences and forgets them with time. */
export class PeerConduct {
  readonly #limits: NetworkLimits;
  readonly #peers = new Map<PeerId, Conduct>();

  constructor(limits: NetworkLimits) {
    this.#limits = limits;
  }

  /** Counts the offence; true when the peer is banned by it. */
  penalise(peer: PeerId, severity: 'minor' | 'severe', nowMs: number): boolean {
    const { banScore, minorPenalty, banMs, scoredPeersMax } = this.#limits;
    const conduct = this.#peers.get(peer) ?? { score: 0, scoredAtMs: nowMs, bannedUntilMs: 0 };
    conduct.score = this.#decayed(conduct, nowMs) + (severity === 'severe' ? banScore : minorPenalty);
    conduct.scoredAtMs = nowMs;
    const isBanned = conduct.score >= banScore;
    if (isBanned) {
      conduct.bannedUntilMs = nowMs + banMs;
      conduct.score = 0;
    }
    // Set anew at the end, so that the map's first key is the one longest without an offence.
    this.#peers.delete(peer);
    this.#peers.set(peer, conduct);
    if (this.#peers.size > scoredPeersMax) this.#peers.delete(this.#peers.keys().next().value!);
    return isBanned;
  }

  isBanned(peer: PeerId, nowMs: number): boolean {
    return (this.#peers.get(peer)?.bannedUntilMs ?? 0) > nowMs;
  }

  #decayed(conduct: Conduct, nowMs: number): number {
    const forgotten = ((nowMs - conduct.scoredAtMs) / 1000) * this.#limits.scoreForgottenPerSecond;
    return Math.max(0, conduct.score - forgotten);
  }
}

/** Messages and bytes one peer may send: an allowance that fills with time up to a burst. */
export class RateAllowance {
  readonly #messagesPerMs: number;
  readonly #bytesPerMs: number;
  readonly #burstMs: number;
  #messages: number;
  #bytes: number;
  #atMs: number;

  constructor(limits: NetworkLimits, nowMs: number) {
    this.#messagesPerMs = limits.messagesPerSecondMax / 1000;
    this.#bytesPerMs = limits.bytesPerSecondMax / 1000;
    this.#burstMs = limits.burstSeconds * 1000;
    this.#messages = this.#messagesPerMs * this.#burstMs;
    this.#bytes = this.#bytesPerMs * this.#burstMs;
    this.#atMs = nowMs;
  }

  /** Takes from the allowance, below zero if need be; gives the milliseconds until it is above zero again, or 0. */
  take(messages: number, bytes: number, nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    const { messagesMax, bytesMax } = this.#burst();
    this.#messages = Math.min(messagesMax, this.#messages + passedMs * this.#messagesPerMs) - messages;
    this.#bytes = Math.min(bytesMax, this.#bytes + passedMs * this.#bytesPerMs) - bytes;
    const wait = Math.max(-this.#messages / this.#messagesPerMs, -this.#bytes / this.#bytesPerMs, 0);
    return Math.ceil(wait);
  }

  #burst(): { readonly messagesMax: number; readonly bytesMax: number } {
    return { messagesMax: this.#messagesPerMs * this.#burstMs, bytesMax: this.#bytesPerMs * this.#burstMs };
  }
}
