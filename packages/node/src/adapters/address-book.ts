/**
 * Peers this node has heard of and how dialling them went, so that it finds its network again without its bootstrap
 * nodes. Owns whom it remembers and whom it forgets; dialling is peer-finder.ts's. Time is an argument.
 */
import type { PeerId } from '../host/ports.ts';
import { type AddressScope, groupOf, isUsable, parseTcpAddress, peerOf, withoutPeer } from './address-rules.ts';
import type { NetworkLimits } from './network-limits.ts';

/** Who told of a peer: the operator, the peer itself, or others (table of peers, LAN). */
export type AddressSource = 'configured' | 'identify' | 'found';
const SOURCES: readonly string[] = ['configured', 'identify', 'found'] satisfies AddressSource[];

export type KnownPeer = {
  readonly peer: PeerId;
  /** Without the peer id. */
  readonly addresses: readonly string[];
  readonly source: AddressSource;
  /** Milliseconds since 1970; 0 is never. */
  readonly lastSuccessMs: number;
  readonly lastAttemptMs: number;
  /** Attempts in vain since the last success. */
  readonly failures: number;
};

type Entry = { -readonly [key in keyof KnownPeer]: KnownPeer[key] };

export type AddressBookOptions = {
  readonly ownPeer: PeerId;
  readonly scope: AddressScope;
  readonly limits: NetworkLimits;
  /** Own addresses without peer id: never remembered for anybody else. */
  isOwn(address: string): boolean;
  onChange(): void;
};

export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #peers = new Map<PeerId, Entry>();

  constructor(options: AddressBookOptions, stored: readonly KnownPeer[] = []) {
    this.#options = options;
    for (const { peer, addresses, source, ...history } of stored.slice(0, options.limits.knownPeersMax)) {
      if (this.#learn(peer, addresses, source, 0)) Object.assign(this.#peers.get(peer)!, history);
    }
  }

  get size(): number {
    return this.#peers.size;
  }

  entries(): KnownPeer[] {
    return [...this.#peers.values()].map((entry) => ({ ...entry }));
  }

  /** Remembers addresses this node may use; the newest are kept. False when none was, or there is no room. */
  learn(peer: PeerId, addresses: readonly string[], source: AddressSource): boolean {
    const isLearnt = this.#learn(peer, addresses, source, this.#options.limits.addressesPerPeerMax);
    if (isLearnt) this.#options.onChange();
    return isLearnt;
  }

  onAttempt(peer: PeerId, nowMs: number): void {
    const entry = this.#peers.get(peer);
    if (entry !== undefined) entry.lastAttemptMs = nowMs;
  }

  /** The address, when it is one that can be dialled, moves to the front. */
  onSuccess(peer: PeerId, address: string, nowMs: number): void {
    const entry = this.#peers.get(peer);
    if (entry === undefined) return;
    entry.lastSuccessMs = nowMs;
    entry.failures = 0;
    const plain = withoutPeer(address);
    if (entry.addresses.includes(plain)) {
      entry.addresses = [plain, ...entry.addresses.filter((other) => other !== plain)];
    }
    this.#options.onChange();
  }

  /** Forgets a peer that was never reached in many attempts. */
  onFailure(peer: PeerId): void {
    const entry = this.#peers.get(peer);
    if (entry === undefined) return;
    entry.failures++;
    const { attemptsInVainMax } = this.#options.limits;
    if (entry.source !== 'configured' && entry.lastSuccessMs === 0 && entry.failures >= attemptsInVainMax) {
      this.#peers.delete(peer);
    }
    this.#options.onChange();
  }

  /**
   * Peers whose turn to be dialled has come, the most promising first: those that were reached and may have failed a little since, then
   * in the order in which they came. Nobody can make up a peer id that goes before others.
   */
  candidates(nowMs: number, max: number, isExcluded: (peer: PeerId) => boolean): KnownPeer[] {
    const isGood = ({ lastSuccessMs, failures }: Entry) =>
      lastSuccessMs > 0 && failures < this.#options.limits.reachedFailuresMax;
    return [...this.#peers.values()]
      .filter((entry) => this.#dueMs(entry, nowMs) <= nowMs && !isExcluded(entry.peer))
      .sort(
        (a, b) => Number(isGood(b)) - Number(isGood(a)) || a.failures - b.failures || b.lastSuccessMs - a.lastSuccessMs,
      )
      .slice(0, max);
  }

  /** An attempt that lies ahead was made while the clock was wrong: it says nothing. */
  #dueMs({ failures, lastAttemptMs }: Entry, nowMs: number): number {
    if (failures === 0 || lastAttemptMs > nowMs) return 0;
    const { findAgainFirstMs, findAgainLastMs } = this.#options.limits;
    return lastAttemptMs + Math.min(findAgainLastMs, findAgainFirstMs * 2 ** Math.min(failures - 1, 20));
  }

  #learn(peer: PeerId, told: readonly string[], source: AddressSource, toldMax: number): boolean {
    const { ownPeer, limits } = this.#options;
    if (peer === ownPeer) return false;
    const usable = told
      .slice(0, toldMax === 0 ? limits.addressesPerPeerMax : toldMax)
      .flatMap((address) => this.#usable(peer, address, source));
    if (usable.length === 0) return false;
    const known = this.#peers.get(peer);
    if (known !== undefined) {
      const merged = [...new Set([...usable, ...known.addresses])].slice(0, limits.addressesPerPeerMax);
      // What a stranger says about a peer never displaces what we know; the peer itself, or the operator, may.
      const isTrusted = source === 'identify' || source === 'configured';
      known.addresses = isTrusted
        ? merged
        : [...new Set([...known.addresses, ...usable])].slice(0, limits.addressesPerPeerMax);
      if (source === 'configured' || known.source === 'found') known.source = source;
      return true;
    }
    if (!this.#hasRoom(usable, source)) return false;
    this.#peers.set(peer, { peer, addresses: usable, source, lastSuccessMs: 0, lastAttemptMs: 0, failures: 0 });
    return true;
  }

  #usable(peer: PeerId, address: string, source: AddressSource): string[] {
    const { scope, isOwn } = this.#options;
    const named = peerOf(address);
    if (named !== null && named !== peer) return [];
    const plain = withoutPeer(address);
    if (isOwn(plain) || plain.length > 256) return [];
    return source === 'configured' || isUsable(scope, plain) ? [plain] : [];
  }

  /** Makes room by forgetting the worst of its group or of all, when it has had its chance. */
  #hasRoom(addresses: readonly string[], source: AddressSource): boolean {
    const { knownPeersPerGroupMax, knownPeersMax } = this.#options.limits;
    const neighbours = source === 'configured' ? [] : this.#neighboursOf(addresses);
    if (neighbours.length >= knownPeersPerGroupMax && !this.#forgetWorst(neighbours, source)) return false;
    return this.#peers.size < knownPeersMax || this.#forgetWorst([...this.#peers.values()], source);
  }

  #forgetWorst(entries: readonly Entry[], source: AddressSource): boolean {
    const worst = entries.reduce((least, entry) => (isWorse(entry, least) ? entry : least));
    return this.#mayForget(worst, source) && this.#peers.delete(worst.peer);
  }

  /**
   * A stranger's word pushes out nobody who was not tried yet, or who made up most peers would own the book; a peer that is here and names
   * itself goes before those of whom others tell.
   */
  #mayForget({ source: told, lastSuccessMs, failures }: Entry, source: AddressSource): boolean {
    if (told === 'configured') return false;
    if (source === 'configured') return true;
    if (lastSuccessMs > 0) return failures >= this.#options.limits.reachedFailuresMax;
    return failures > 0 || (source === 'identify' && told === 'found');
  }

  #neighboursOf(addresses: readonly string[]): Entry[] {
    if (this.#options.scope === 'loopback') return [];
    const groups = groupsOf(addresses);
    return [...this.#peers.values()].filter(({ addresses: known }) =>
      [...groupsOf(known)].some((group) => groups.has(group)),
    );
  }
}

/** By list: an entry's list is never changed, another takes its place. */
const groupsOfLists = new WeakMap<readonly string[], ReadonlySet<string>>();

function groupsOf(addresses: readonly string[]): ReadonlySet<string> {
  const known = groupsOfLists.get(addresses);
  if (known !== undefined) return known;
  const parsed = addresses.flatMap((address) => parseTcpAddress(address) ?? []);
  const groups = new Set(parsed.map(({ ip }) => groupOf(ip)));
  groupsOfLists.set(addresses, groups);
  return groups;
}

/** The operator's own last; then who was never reached, who fails most, who did not name itself, who was reached longest ago. */
function isWorse(a: Entry, b: Entry): boolean {
  if ((a.source === 'configured') !== (b.source === 'configured')) return b.source === 'configured';
  if ((a.lastSuccessMs === 0) !== (b.lastSuccessMs === 0)) return a.lastSuccessMs === 0;
  if (a.failures !== b.failures) return a.failures > b.failures;
  if (a.source !== b.source) return a.source === 'found';
  return a.lastSuccessMs < b.lastSuccessMs;
}

/** Peers as a file holds them; null when it is no list of peers. */
export function parseKnownPeers(content: unknown): KnownPeer[] | null {
  if (!Array.isArray(content)) return null;
  const peers = content.map(parseKnownPeer);
  return peers.every((peer) => peer !== null) ? peers : null;
}

function parseKnownPeer(value: unknown): KnownPeer | null {
  if (typeof value !== 'object' || value === null) return null;
  const { peer, addresses, source, lastSuccessMs, lastAttemptMs, failures } = value as Record<string, unknown>;
  const isNatural = (one: unknown): one is number => Number.isSafeInteger(one) && (one as number) >= 0;
  if (typeof peer !== 'string' || typeof source !== 'string' || !SOURCES.includes(source)) return null;
  if (!Array.isArray(addresses) || !addresses.every((address) => typeof address === 'string')) return null;
  if (!isNatural(lastSuccessMs) || !isNatural(lastAttemptMs) || !isNatural(failures)) return null;
  return { peer, addresses, source: source as AddressSource, lastSuccessMs, lastAttemptMs, failures };
}
