/**
 * What this node knows and thinks of peers: address book, bans, who is protected, and the counts that metrics show. Owns
 * these and their files; connections are the network's.
 */

import { isIP } from 'node:net';
import { join } from 'node:path';
import type { PeerId } from '../host/ports.ts';
import { AddressBook, parseKnownPeers } from './address-book.ts';
import { type AddressScope, isUsable, ownerOf, peerOf, reachOf, withoutPeer } from './address-rules.ts';
import { type BanList, openBanList } from './ban-list.ts';
import { CheckedFileWriter, readCheckedFile } from './checked-file.ts';
import { makeDirectory } from './make-directory.ts';
import type { NetworkLimits } from './network-limits.ts';
import type { Libp2pNetworkOptions, NetworkReport } from './network-options.ts';
import type { Severity } from './peer-conduct.ts';

/** Reasons counted apart; what peers make up is counted together. */
const REASONS_MAX = 32;
/** Addresses told to a newcomer. */
const TOLD_PEERS_MAX = 32;

export class PeerDesk {
  readonly book: AddressBook;
  readonly scope: AddressScope;
  readonly #bans: BanList;
  readonly #bookFile: CheckedFileWriter | null;
  readonly #named: ReadonlySet<string>;
  readonly #protected: ReadonlySet<PeerId>;
  readonly #mayRelay: boolean;
  readonly #isBlocked: (peer: PeerId) => boolean;
  readonly #counts = { bans: new Map<string, number>(), refused: new Map<string, number>(), dialFailures: 0 };

  constructor(parts: {
    readonly options: Libp2pNetworkOptions;
    readonly limits: NetworkLimits;
    readonly scope: AddressScope;
    readonly ownPeer: PeerId;
    /** Own addresses, without the peer id. */
    ownAddresses(): readonly string[];
  }) {
    const { options, limits, scope, ownPeer } = parts;
    const { directory, log, bootstrap, persistent = [], announce = [], listen, nat = [] } = options;
    if (directory !== undefined) makeDirectory(directory);
    const pathOf = (name: string) => (directory === undefined ? null : join(directory, name));
    this.scope = scope;
    this.#isBlocked = (peer) => options.isBlocked?.(peer) === true;
    this.#named = new Set([...bootstrap, ...persistent].map(withoutPeer));
    this.#protected = new Set(persistent.map(peerOf).filter((peer) => peer !== null));
    this.#mayRelay = nat.includes('relay');
    this.#bans = openBanList(pathOf('bans.json'), limits, log);
    const path = pathOf('peers.json');
    const bytesMax = limits.storedFileBytesMax;
    const stored = path === null ? null : readCheckedFile({ path, bytesMax, log }, parseKnownPeers);
    const isOwn = (address: string) =>
      address === listen ||
      announce.some((own) => withoutPeer(own) === address) ||
      parts.ownAddresses().includes(address);
    const onChange = () => this.#bookFile?.touch();
    this.book = new AddressBook({ ownPeer, scope, limits, isOwn, onChange }, stored ?? []);
    const content = () => this.book.entries();
    this.#bookFile =
      path === null ? null : new CheckedFileWriter({ path, bytesMax, delayMs: limits.addressBookSaveMs, content, log });
  }

  isProtected(peer: PeerId): boolean {
    return this.#protected.has(peer);
  }

  isBanned(peerOrIp: string): boolean {
    const subject = isIP(peerOrIp) === 0 ? peerOrIp : ownerOf(peerOrIp);
    return this.#bans.conduct.isBanned(subject, Date.now()) || this.#isBlocked(peerOrIp);
  }

  penalty(peer: PeerId): number {
    return this.#bans.conduct.score(peer, Date.now());
  }

  /** Whether libp2p may dial the address, whoever told it. */
  mayDial(address: string): boolean {
    if (address.includes('/p2p-circuit')) return this.#mayRelay;
    const plain = withoutPeer(address);
    return this.#named.has(plain) || isUsable(this.scope, plain);
  }

  /** Counts an offence; true when the peer is banned by it. `ips` are those it came from. */
  judge(peer: PeerId, reason: string, severity: Severity, ips: readonly string[]): boolean {
    const nowMs = Date.now();
    if (this.#bans.conduct.penalise(peer, severity, reason, nowMs) === null) return false;
    this.#count(this.#counts.bans, reason.replace(/ *[(:].*$/, ''));
    // All nodes of a loopback network come from one address.
    const counted = ips.filter((ip) => this.scope !== 'loopback' || reachOf(ip) !== 'loopback');
    for (const owner of new Set(counted.map(ownerOf))) {
      this.#bans.conduct.penalise(owner, 'guest', 'several banned peers came from it', nowMs);
    }
    this.#bans.onBan();
    return true;
  }

  onRefused(reason: string): void {
    this.#count(this.#counts.refused, reason);
  }

  onDialFailure(): void {
    this.#counts.dialFailures++;
  }

  report(): NetworkReport {
    const { bans, refused, dialFailures } = this.#counts;
    return {
      bans: Object.fromEntries(bans),
      bannedNow: this.#bans.conduct.bans(Date.now()).length,
      dialFailures,
      refused: Object.fromEntries(refused),
      knownPeers: this.book.size,
    };
  }

  /** Where peers were reached, the most recent first. */
  reachedAddresses(): string[] {
    return this.book
      .entries()
      .filter(({ lastSuccessMs, failures }) => lastSuccessMs > 0 && failures === 0)
      .sort((a, b) => b.lastSuccessMs - a.lastSuccessMs)
      .slice(0, TOLD_PEERS_MAX)
      .map(({ peer, addresses }) => `${addresses[0]}/p2p/${peer}`);
  }

  async close(): Promise<void> {
    this.#bookFile?.touch();
    await Promise.all([this.#bookFile?.close(), this.#bans.close()]);
  }

  #count(counts: Map<string, number>, name: string): void {
    const kind = counts.has(name) || counts.size < REASONS_MAX ? name : 'other';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
}
