/**
 * Faults put between a host and its surroundings on a devnet: peers cut off, messages delayed, a clock that is wrong, experts that
 * misbehave. Owns the settings in force and the ports wrapped by them; who may change them is the caller's, and production passes none.
 */
import type { Address } from '@synod/chain';
import type { Clock, GossipTopic, Network, PeerId } from '../host/ports.ts';
import { type ExpertFault, FaultyExperts } from './expert-faults.ts';

export type FaultSettings = {
  /** Connections with these are closed and refused, both ways. */
  readonly blockedPeers: readonly PeerId[];
  /** Added to everything this node sends, in order. */
  readonly latencyMs: number;
  /** Added to what this node's clock says; may be negative. */
  readonly clockOffsetMs: number;
  /** This node's experts that misbehave. */
  readonly experts: Readonly<Record<Address, ExpertFault>>;
};

export const NO_FAULTS: FaultSettings = Object.freeze({
  blockedPeers: [],
  latencyMs: 0,
  clockOffsetMs: 0,
  experts: {},
});

export const FAULT_LIMITS = {
  blockedPeersMax: 64,
  latencyMsMax: 60_000,
  clockOffsetMsMax: 10 * 366 * 24 * 3_600_000,
  /** Experts at fault on one node, and the longest one may be slow. */
  expertsMax: 64,
  expertDelayMsMax: 600_000,
  /** Delayed messages kept; beyond it the newest are lost. */
  delayedMax: 10_000,
} as const;

export class FaultInjector {
  readonly #nowMs: () => number;
  #settings: FaultSettings = NO_FAULTS;
  #blocked: ReadonlySet<PeerId> = new Set();
  #disconnect: (peer: PeerId) => void = () => undefined;
  #experts: ReadonlyMap<Address, ExpertFault> = new Map();
  /** Where answers' jobs of this node go first. */
  readonly experts: FaultyExperts = new FaultyExperts(() => this.#experts);
  #delayed = 0;
  #lastDueMs = 0;

  /** `nowMs` rises steadily; it measures latency, not the time of day. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get settings(): FaultSettings {
    return this.#settings;
  }

  /** Puts the settings into force in place of those before; peers newly blocked are disconnected at once. */
  set(settings: FaultSettings): void {
    const before = this.#blocked;
    this.#settings = settings;
    this.#blocked = new Set(settings.blockedPeers);
    this.#experts = new Map(Object.entries(settings.experts) as [Address, ExpertFault][]);
    for (const peer of this.#blocked) if (!before.has(peer)) this.#disconnect(peer);
  }

  isBlocked(peer: PeerId): boolean {
    return this.#blocked.has(peer);
  }

  /** How a blocked peer's connections are closed: the network's part. */
  onBlocked(disconnect: (peer: PeerId) => void): void {
    this.#disconnect = disconnect;
    for (const peer of this.#blocked) disconnect(peer);
  }

  /** The clock with the offset in force at each reading. */
  clock(clock: Clock): Clock {
    return { nowMs: () => clock.nowMs() + this.#settings.clockOffsetMs };
  }

  /** The network with the latency in force at each sending; what was sent earlier never arrives later. */
  network(network: Network): Network {
    return {
      publish: (topic: GossipTopic, bytes) => this.#later(() => network.publish(topic, bytes)),
      send: (peer, bytes) => this.#later(() => network.send(peer, bytes)),
      penalise: (peer, reason, severity) => network.penalise(peer, reason, severity),
    };
  }

  #later(act: () => void): void {
    const nowMs = this.#nowMs();
    const dueMs = Math.max(nowMs + this.#settings.latencyMs, this.#lastDueMs);
    if (this.#delayed === 0 && dueMs <= nowMs) return act();
    if (this.#delayed >= FAULT_LIMITS.delayedMax) return;
    this.#lastDueMs = dueMs;
    this.#delayed += 1;
    setTimeout(() => {
      this.#delayed -= 1;
      act();
    }, dueMs - nowMs);
  }
}
