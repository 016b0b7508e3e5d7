/**
 * Gossip as it comes in: within the sender's allowance it is judged by the host, and what is accepted is news that the sender was the
 * first to bring. Owns allowances and the time of the last news of each peer; what offences cost is peer-conduct.ts's.
 */
import type { GossipTopic, GossipVerdict, PeerId } from '../host/ports.ts';
import type { Guest, NewsKind } from './inbound-eviction.ts';
import type { NetworkLimits } from './network-limits.ts';
import { RateAllowance } from './peer-conduct.ts';

export type GossipIntakePort = {
  onGossip(peer: PeerId, topic: GossipTopic, bytes: Uint8Array): GossipVerdict;
  onOffence(peer: PeerId, reason: string): void;
};

export class GossipIntake {
  readonly #topics: ReadonlyMap<string, GossipTopic>;
  readonly #limits: NetworkLimits;
  readonly #port: GossipIntakePort;
  readonly #allowances = new Map<PeerId, RateAllowance>();
  readonly #newsAtMs = new Map<PeerId, Record<NewsKind, number>>();

  /** `topics` by their names on the wire. */
  constructor(topics: ReadonlyMap<string, GossipTopic>, port: GossipIntakePort, limits: NetworkLimits) {
    this.#topics = topics;
    this.#port = port;
    this.#limits = limits;
  }

  /** Gossipsub hands in each message once, by whoever brought it first. */
  judge(peer: PeerId, topicText: string, bytes: Uint8Array): GossipVerdict {
    const topic = this.#topics.get(topicText);
    if (topic === undefined) return 'ignore';
    const nowMs = performance.now();
    const allowance = this.#allowances.get(peer) ?? new RateAllowance(this.#limits, nowMs);
    this.#allowances.set(peer, allowance);
    if (allowance.take(1, bytes.length, nowMs) > 0) {
      this.#port.onOffence(peer, 'more gossip than allowed');
      return 'ignore';
    }
    const verdict = this.#port.onGossip(peer, topic, bytes);
    if (verdict === 'reject') this.#port.onOffence(peer, 'gossip was rejected');
    if (verdict === 'accept') this.#noteNews(peer, topic, nowMs);
    return verdict;
  }

  newsAtMs(peer: PeerId): Guest['newsAtMs'] {
    return this.#newsAtMs.get(peer) ?? NO_NEWS;
  }

  forget(peer: PeerId): void {
    this.#allowances.delete(peer);
    this.#newsAtMs.delete(peer);
  }

  #noteNews(peer: PeerId, topic: GossipTopic, nowMs: number): void {
    const kind: NewsKind = topic === 'proposals' || topic === 'votes' ? 'consensus' : 'transactions';
    this.#newsAtMs.set(peer, { ...this.newsAtMs(peer), [kind]: nowMs });
  }
}

const NO_NEWS: Guest['newsAtMs'] = { consensus: 0, transactions: 0 };
