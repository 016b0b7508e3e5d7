/**
 * Published knowledge for this node's judge (spec: knowledge §10): fetches what the experts of domains without a local folder know, by
 * knowledge id, from peers, and has it joined into one folder a domain. Owns what is wanted, who is asked and when; files are the library's.
 */
import {
  type ChainEvent,
  type Expert,
  type Hash,
  type Height,
  knowledgeId,
  listExperts,
  listOpenQueries,
  openKnowledgeBundle,
  readExpert,
  readQuery,
  stateKeys,
  ZERO_HASH,
} from '@synod/chain';
import type { ChainHead } from './chain-head.ts';
import { ContentSearches } from './content-searches.ts';
import { limits } from './limits.ts';
import type { DirectMessage } from './messages.ts';
import type { HostInput, HostPorts, ModelLibrary, PeerId } from './ports.ts';
import type { Peer } from './sync.ts';

type KnowledgeAnswer = Extract<DirectMessage, { kind: 'knowledge' }>;
export type JoinedInput = Extract<HostInput, { kind: 'knowledgeJoined' }>;

/** What a domain's folder was asked to be made of, `''` where that failed; when; and the newest one that was made. */
type Joined = { asked: string; askedAt: Height; folder: string | null };

const CREDIT_MAX = limits.knowledgeWanted * limits.knowledgeOpenHeights;
/** All that is wanted, joined anew whenever one more of a domain has come. */
const JOIN_CREDIT_MAX = (limits.knowledgeWanted * (limits.knowledgePerDomain + 1)) / 2;
const DOMAIN_AT = stateKeys.experts('').length;

export class PublishedDesk {
  readonly #ports: HostPorts;
  readonly #head: () => ChainHead;
  readonly #searches: ContentSearches;
  /** Domains that ever had an expert; null before the first look at the state. */
  #domains: Set<string> | null = null;
  /** Something about an expert has changed. */
  #isStale = true;
  /** Ids by domain, those of the larger bond first. */
  #wanted: ReadonlyMap<string, readonly Hash[]> = new Map();
  readonly #joined = new Map<string, Joined>();
  /** Height of the newest search of each id that is not here. */
  readonly #searchedAt = new Map<Hash, Height>();
  /** Heights that nothing was opened in: what opening the next ones is paid with. */
  #credit: number = CREDIT_MAX;
  /** Bundles that may be read for joining, one more a height. */
  #joinCredit: number = JOIN_CREDIT_MAX;
  #seenAt: Height | null = null;

  constructor(options: { ports: HostPorts; head: () => ChainHead; peers: () => readonly Peer[] }) {
    this.#ports = options.ports;
    this.#head = options.head;
    const { knowledgeFlights: flights, knowledgeFlightsPerSearch: flightsPerSearch } = limits;
    const pace = { flights, flightsPerSearch, timeoutMs: limits.knowledgeTimeoutMs };
    this.#searches = new ContentSearches({ ...options, pace });
  }

  /** The folder to judge a domain's answers with: a local one, else what its experts published; null where there is neither. */
  folder(domain: string): string | null {
    return this.#ports.knowledge?.get(domain) ?? this.#joined.get(domain)?.folder ?? null;
  }

  /** True while knowledge of the domain is being looked for, or made into a folder. */
  isComing(domain: string): boolean {
    const ids = this.#wanted.get(domain) ?? [];
    const joined = this.#joined.get(domain);
    return ids.some((id) => this.#searches.isOpen('knowledge', id)) || isBeingMade(joined);
  }

  /** Looks at what is wanted now. Called for every new head. */
  onHead(): void {
    const { library } = this.#ports;
    if (library === undefined || this.#ports.signer === null) return;
    const { state, height } = this.#head();
    const passed = height - (this.#seenAt ?? height);
    this.#credit = Math.min(CREDIT_MAX, this.#credit + passed);
    this.#joinCredit = Math.min(JOIN_CREDIT_MAX, this.#joinCredit + passed);
    this.#seenAt = height;
    if (this.#isStale) this.#refresh(library);
    if (this.#wanted.size === 0) return;
    const asked = new Set(listOpenQueries(state).map((id) => readQuery(state, id)!.contract.domain));
    for (const [domain, ids] of this.#wanted) {
      for (const id of ids)
        if (!library.has('knowledge', id)) this.#search(id, { height, isNeeded: asked.has(domain) });
      this.#join(library, { domain, ids, height });
    }
    this.proceed();
  }

  onEvents(events: readonly ChainEvent[]): void {
    for (const event of events) {
      if (!('expert' in event) || !event.type.startsWith('expert.')) continue;
      this.#isStale = true;
      const expert = readExpert(this.#head().state, event.expert);
      if (expert !== null) this.#domains?.add(expert.profile.domain);
    }
  }

  /** Asks on. Called on a timer too. */
  proceed(): void {
    this.#searches.proceed();
  }

  /** Whoever has a bundle has checked it: one that is not what was asked for is its sender's fault, whoever signed it. */
  onAnswer(peer: PeerId, { kind, hash, bytes }: KnowledgeAnswer): void {
    if (!this.#searches.takes(peer, kind, hash)) return;
    if (bytes !== null) this.#credit -= limits.knowledgeOpenHeights;
    const opened = bytes === null ? null : openKnowledgeBundle(bytes, hash);
    if (opened?.ok === false) this.#ports.network.penalise(peer, `wrong knowledge: ${opened.problem}`, 'severe');
    this.#searches.onAnswer(peer, { kind, hash, bytes: opened?.ok === true ? bytes : null });
  }

  onStored(hash: Hash): void {
    this.#searches.end('knowledge', hash);
    this.#searchedAt.delete(hash);
    this.onHead();
  }

  onJoined({ domain, ids, folder, passages, isWhole }: JoinedInput): void {
    const joined = this.#joined.get(domain);
    if (joined === undefined) return;
    // Asked for again when the pause is over, whether what was unreadable has come back by then or not.
    if (!isWhole && joined.asked === ids.join()) joined.asked = '';
    if (folder === null) return;
    joined.folder = folder;
    const message = 'answers of this domain are judged with what its experts published';
    const facts = { domain, experts: ids.length, passages };
    this.#ports.observer.onHostEvent({ kind: 'log', level: 'info', message, facts });
  }

  /** What the experts know who may answer or have answered: of every domain's largest bonds, as many as a judge keeps. */
  #refresh(library: ModelLibrary): void {
    this.#isStale = false;
    const experts = this.#experts().filter(({ profile }) => isForeign(profile, this.#ports.knowledge));
    const wanted = new Map<string, Hash[]>();
    let left: number = limits.knowledgeWanted;
    for (const { address, profile } of experts.toSorted(byBond)) {
      const ids = wanted.get(profile.domain) ?? [];
      if (left === 0 || ids.length >= limits.knowledgePerDomain) continue;
      left -= 1;
      wanted.set(profile.domain, [...ids, knowledgeId(address, profile.knowledgeRoot)]);
    }
    const kept = new Set([...wanted.values()].flat());
    for (const id of [...this.#wanted.values()].flat()) if (!kept.has(id)) this.#leave(id);
    for (const domain of [...this.#joined.keys()].filter((each) => !wanted.has(each))) {
      this.#joined.delete(domain);
      library.join(domain, []);
    }
    this.#wanted = wanted;
  }

  /** All that are listed, and those of open queries, who may have retired since. */
  #experts(): readonly Expert[] {
    const { state } = this.#head();
    this.#domains ??= domainsOf(state);
    const listed = [...this.#domains].flatMap((domain) => listExperts(state, domain));
    const engaged = listOpenQueries(state).flatMap((id) =>
      readQuery(state, id)!.respondents.map(({ expert }) => expert),
    );
    return [...new Set([...listed, ...engaged])].flatMap((address) => readExpert(state, address) ?? []);
  }

  #leave(id: Hash): void {
    this.#searches.end('knowledge', id);
    this.#searchedAt.delete(id);
  }

  /** One that nobody had is looked for again when a query needs it, and now and then; none while this node has opened too many. */
  #search(id: Hash, { height, isNeeded }: { readonly height: Height; readonly isNeeded: boolean }): void {
    const price = (this.#searches.size + 1) * limits.knowledgeOpenHeights;
    if (this.#credit < price || this.#searches.isOpen('knowledge', id)) return;
    const before = this.#searchedAt.get(id);
    if (before !== undefined && !isNeeded && height - before < limits.knowledgeRetryHeights) return;
    this.#searchedAt.set(id, height);
    this.#searches.begin('knowledge', id, isNeeded);
  }

  #join(
    library: ModelLibrary,
    { domain, ids, height }: { readonly domain: string; readonly ids: readonly Hash[]; readonly height: Height },
  ): void {
    const here = ids.filter((id) => library.has('knowledge', id));
    const asked = here.join();
    const joined = this.#joined.get(domain) ?? { asked: '', askedAt: -limits.knowledgeJoinHeights, folder: null };
    if (here.length === 0 || joined.asked === asked || this.#joinCredit < here.length) return;
    // More that comes while the first folder is being made goes in at once: scores wait for it.
    if (!isBeingMade(joined) && height - joined.askedAt < limits.knowledgeJoinHeights) return;
    this.#joinCredit -= here.length;
    this.#joined.set(domain, Object.assign(joined, { asked, askedAt: height }));
    library.join(domain, here);
  }
}

function isBeingMade(joined: Joined | undefined): boolean {
  return joined !== undefined && joined.folder === null && joined.asked !== '';
}

function isForeign({ domain, knowledgeRoot }: Expert['profile'], local: HostPorts['knowledge']): boolean {
  return knowledgeRoot !== ZERO_HASH && local?.has(domain) !== true;
}

/** The larger bond first, ties by address. */
function byBond(a: Expert, b: Expert): number {
  if (a.bond !== b.bond) return a.bond > b.bond ? -1 : 1;
  return a.address < b.address ? -1 : 1;
}

function domainsOf(state: ChainHead['state']): Set<string> {
  const domains = new Set<string>();
  for (const { key } of state.entries()) if (key.startsWith(stateKeys.experts(''))) domains.add(key.slice(DOMAIN_AT));
  return domains;
}
