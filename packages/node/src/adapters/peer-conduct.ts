/**
 * What peers have earned: offences, bans and how much they may send. Owns numbers per peer id and address; acting on a
 * verdict (closing, pausing) is the network's. Time is an argument, so it can be tested without waiting.
 */
import type { NetworkLimits } from './network-limits.ts';

type Conduct = { score: number; scoredAtMs: number; bannedUntilMs: number; bans: number; reason: string };

/** `subject` is a peer id, or an address from which several banned peers came: of IPv6 its /64. */
export type Ban = {
  readonly subject: string;
  readonly untilMs: number;
  /** How often it was banned: each ban is twice as long as the one before. */
  readonly bans: number;
  readonly reason: string;
};

/** `minor` and `severe` offences of a peer; `guest` is an address from which a peer came that was banned. */
export type Severity = 'minor' | 'severe' | 'guest';

const NOTHING_STORED = { bans: [], nowMs: 0 } as const;

/** Counts offences and forgets them with time. */
export class PeerConduct {
  readonly #limits: NetworkLimits;
  readonly #subjects = new Map<string, Conduct>();

  /** Stored bans end within the longest one from now: they may have been written while the clock was wrong. */
  constructor(
    limits: NetworkLimits,
    stored: { readonly bans: readonly Ban[]; readonly nowMs: number } = NOTHING_STORED,
  ) {
    this.#limits = limits;
    for (const { subject, untilMs, bans, reason } of stored.bans.slice(0, limits.storedBansMax)) {
      const bannedUntilMs = Math.min(untilMs, stored.nowMs + limits.banMsMax);
      this.#subjects.set(subject, { score: 0, scoredAtMs: 0, bannedUntilMs, bans: Math.max(0, bans), reason });
    }
  }

  /** Counts the offence; gives the ban that follows from it, if one does. */
  penalise(subject: string, severity: Severity, reason: string, nowMs: number): Ban | null {
    const { banScore, minorPenalty, addressPenalty, scoredPeersMax } = this.#limits;
    const points = { minor: minorPenalty, severe: banScore, guest: addressPenalty }[severity];
    const conduct = this.#subjects.get(subject) ?? { score: 0, scoredAtMs: nowMs, bannedUntilMs: 0, bans: 0, reason };
    conduct.score = this.#decayed(subject, conduct, nowMs) + points;
    conduct.scoredAtMs = nowMs;
    // Set anew at the end, so that the map's first key is the one longest without an offence.
    this.#subjects.delete(subject);
    this.#subjects.set(subject, conduct);
    const ban = conduct.score < banScore ? null : this.#ban(subject, conduct, reason, nowMs);
    if (this.#subjects.size > scoredPeersMax) this.#forgetOne(subject, nowMs);
    return ban;
  }

  #ban(subject: string, conduct: Conduct, reason: string, nowMs: number): Ban {
    conduct.bannedUntilMs = nowMs + this.#banMs(conduct.bans);
    conduct.score = 0;
    conduct.bans++;
    conduct.reason = reason;
    return { subject, untilMs: conduct.bannedUntilMs, bans: conduct.bans, reason };
  }

  isBanned(subject: string, nowMs: number): boolean {
    return (this.#subjects.get(subject)?.bannedUntilMs ?? 0) > nowMs;
  }

  /** From 0, nothing remembered, up to the score that bans. */
  score(subject: string, nowMs: number): number {
    const conduct = this.#subjects.get(subject);
    return conduct === undefined ? 0 : this.#decayed(subject, conduct, nowMs);
  }

  /** The bans in force, the longest first. */
  bans(nowMs: number): Ban[] {
    return [...this.#subjects]
      .filter(([, { bannedUntilMs }]) => bannedUntilMs > nowMs)
      .map(([subject, { bannedUntilMs, bans, reason }]) => ({ subject, untilMs: bannedUntilMs, bans, reason }))
      .sort((a, b) => b.untilMs - a.untilMs);
  }

  /** Bans in force go last: made-up peers in any number must not shorten the ban of a real one. */
  #forgetOne(newest: string, nowMs: number): void {
    for (const [subject, { bannedUntilMs }] of this.#subjects) {
      if (subject !== newest && bannedUntilMs <= nowMs) return void this.#subjects.delete(subject);
    }
    this.#subjects.delete(this.#subjects.keys().next().value!);
  }

  #banMs(earlierBans: number): number {
    return Math.min(this.#limits.banMsMax, this.#limits.banMs * 2 ** Math.min(earlierBans, 30));
  }

  /** An address's points are forgotten slowly: who is banned comes back under a new peer id, and takes its time. */
  #decayed(subject: string, conduct: Conduct, nowMs: number): number {
    const { scoreForgottenPerSecond, addressForgottenPerSecond } = this.#limits;
    const perSecond = isAddress(subject) ? addressForgottenPerSecond : scoreForgottenPerSecond;
    const forgotten = (Math.max(0, nowMs - conduct.scoredAtMs) / 1000) * perSecond;
    return Math.max(0, conduct.score - forgotten);
  }
}

/** Peer ids have neither dots nor colons. */
function isAddress(subject: string): boolean {
  return /[.:]/.test(subject);
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
