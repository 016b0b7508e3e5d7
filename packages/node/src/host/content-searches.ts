/**
 * Searches among peers for things named by their hash: each is asked of a few at a time, in rounds over all of them, until it is
 * here. Owns who was asked and when; what counts as the right answer is the desk's to say.
 */
import type { Hash, TimestampMs } from '@synod/chain';
import { limits } from './limits.ts';
import { encodeDirect } from './messages.ts';
import type { ContentKind, HostPorts, PeerId } from './ports.ts';
import type { Peer } from './sync.ts';

type Search = {
  readonly content: ContentKind;
  readonly hash: Hash;
  /** A query waits for it; else it is fetched in advance, and given up after some rounds. */
  isNeeded: boolean;
  /** Peers asked in this round. */
  readonly asked: Set<PeerId>;
  /** Until when each that is asked now may take. */
  readonly flights: Map<PeerId, TimestampMs>;
  /** Peers that were asked, in any round, and have not answered. */
  readonly owing: Set<PeerId>;
  /** What came is being stored: no other answer is looked at before. */
  storingUntilMs: TimestampMs;
  /** Nobody is asked before: a round is over, or what came is being stored. */
  restUntilMs: TimestampMs;
  rounds: number;
};

/** How many peers are asked at once, for all and for one, and how long each may take. */
export type SearchPace = { readonly flights: number; readonly flightsPerSearch: number; readonly timeoutMs: number };

const recipePace: SearchPace = {
  flights: limits.recipeFlights,
  flightsPerSearch: limits.recipeFlightsPerSearch,
  timeoutMs: limits.recipeTimeoutMs,
};

const requestFor = { recipe: 'recipeGet', adapter: 'adapterGet', knowledge: 'knowledgeGet' } as const;

export class ContentSearches {
  readonly #ports: HostPorts;
  readonly #peers: () => readonly Peer[];
  readonly #pace: SearchPace;
  readonly #searches = new Map<string, Search>();

  constructor(options: { ports: HostPorts; peers: () => readonly Peer[]; pace?: SearchPace }) {
    this.#ports = options.ports;
    this.#peers = options.peers;
    this.#pace = options.pace ?? recipePace;
  }

  /** Looks for it from now on. Where there are too many searches, one that no query waits for gives way, or this one is not begun. */
  begin(content: ContentKind, hash: Hash, isNeeded: boolean): void {
    const key = keyOf(content, hash);
    const known = this.#searches.get(key);
    if (known !== undefined) {
      known.isNeeded ||= isNeeded;
      return;
    }
    if (this.#searches.size >= limits.recipeSearches) {
      const idle = [...this.#searches].find(([, search]) => !search.isNeeded)?.[0];
      if (!isNeeded || idle === undefined) return;
      this.#searches.delete(idle);
    }
    const peers = { asked: new Set<PeerId>(), flights: new Map<PeerId, TimestampMs>(), owing: new Set<PeerId>() };
    this.#searches.set(key, { content, hash, isNeeded, ...peers, storingUntilMs: 0, restUntilMs: 0, rounds: 0 });
  }

  /** Number of things that are looked for. */
  get size(): number {
    return this.#searches.size;
  }

  isOpen(content: ContentKind, hash: Hash): boolean {
    return this.#searches.has(keyOf(content, hash));
  }

  /**
   * Whether an answer is worth the work of checking it: true once for every peer that was asked, and for nobody else. Otherwise a peer could have the
   * same right bytes checked and written as often as it sends them.
   */
  takes(peer: PeerId, content: ContentKind, hash: Hash): boolean {
    const search = this.#searches.get(keyOf(content, hash));
    if (search === undefined || !search.owing.delete(peer)) return false;
    return search.storingUntilMs <= this.#ports.clock.nowMs();
  }

  /** It is here. */
  end(content: ContentKind, hash: Hash): void {
    this.#searches.delete(keyOf(content, hash));
  }

  /** Right bytes are stored, null sends the search on to others; what nobody looks for is dropped. */
  onAnswer(
    peer: PeerId,
    { kind, hash, bytes }: { readonly kind: ContentKind; readonly hash: Hash; readonly bytes: Uint8Array | null },
  ): void {
    const search = this.#searches.get(keyOf(kind, hash));
    if (search === undefined) return;
    search.flights.delete(peer);
    if (bytes !== null) {
      search.storingUntilMs = this.#ports.clock.nowMs() + this.#pace.timeoutMs;
      search.restUntilMs = search.storingUntilMs;
      this.#ports.library?.save(kind, hash, bytes);
    }
    this.proceed();
  }

  /** Asks whom it is time to ask: first for what queries wait for. */
  proceed(): void {
    if (this.#searches.size === 0) return;
    const nowMs = this.#ports.clock.nowMs();
    const greeted = this.#peers().filter(({ isGreeted }) => isGreeted);
    const searches = [...this.#searches.values()];
    for (const search of searches) dropLate(search, nowMs);
    let inFlight = searches.reduce((sum, { flights }) => sum + flights.size, 0);
    for (const search of [...searches.filter(isNeeded), ...searches.filter((each) => !isNeeded(each))]) {
      if (search.restUntilMs > nowMs) continue;
      const left = greeted.filter(({ id }) => !search.asked.has(id));
      if (left.length === 0 && search.flights.size === 0) this.#endRound(search, nowMs);
      const most = Math.min(this.#pace.flightsPerSearch - search.flights.size, this.#pace.flights - inFlight);
      for (const { id } of left.slice(0, Math.max(0, most))) {
        inFlight += 1;
        this.#ask(search, id, nowMs);
      }
    }
  }

  #ask({ content, hash, asked, flights, owing }: Search, peer: PeerId, nowMs: TimestampMs): void {
    asked.add(peer);
    owing.add(peer);
    flights.set(peer, nowMs + this.#pace.timeoutMs);
    this.#ports.network.send(peer, encodeDirect({ kind: requestFor[content], hash }));
  }

  /** A search that a query needs is begun again by whoever needs it, at the next head. */
  #endRound(search: Search, nowMs: TimestampMs): void {
    search.asked.clear();
    search.rounds += 1;
    search.restUntilMs = nowMs + limits.recipePauseMs;
    if (search.rounds >= limits.recipeRounds) this.end(search.content, search.hash);
  }
}

function isNeeded(search: Search): boolean {
  return search.isNeeded;
}

/** A peer that took too long keeps nobody from being asked. Its answer is taken all the same. */
function dropLate({ flights }: Search, nowMs: TimestampMs): void {
  for (const [peer, untilMs] of flights) if (untilMs <= nowMs) flights.delete(peer);
}

function keyOf(content: ContentKind, hash: Hash): string {
  return `${content}/${hash}`;
}
