/**
 * Keeps dialling the addresses this node was given: those of persistent peers for ever, those of bootstrap nodes while
 * peers are wanted. Owns when to dial which; what a connection is used for belongs to direct-streams.ts.
 *
 * Of a pair the lower peer id dials, because two that dial each other end with two connections. The other one dials too
 * when it is still alone after a while: one direction may be blocked.
 */
import type { PeerId } from '../host/ports.ts';
import { peerOf } from './address-rules.ts';
import type { NetworkLimits } from './network-limits.ts';

/** The dialler's view of libp2p. */
export type DialPort = {
  readonly ownPeerId: PeerId;
  isConnected(peer: PeerId): boolean;
  isBanned(peer: PeerId): boolean;
  /** Asked for bootstrap nodes only. */
  needsPeers(): boolean;
  /** Connects; gives the peer id found there. Rejects when it cannot. */
  dial(address: string): Promise<PeerId>;
  onFailure(address: string, error: unknown, attempts: number): void;
};

export type GivenAddresses = { readonly persistent: readonly string[]; readonly bootstrap: readonly string[] };

type Target = {
  readonly address: string;
  readonly isPersistent: boolean;
  peer: PeerId | null;
  attempts: number;
  timer: NodeJS.Timeout | null;
  isDialling: boolean;
};

export class Dialler {
  readonly #port: DialPort;
  readonly #limits: NetworkLimits;
  readonly #targets: readonly Target[];
  #stopped = false;

  constructor(addresses: GivenAddresses, port: DialPort, limits: NetworkLimits) {
    this.#port = port;
    this.#limits = limits;
    const persistent = new Set(addresses.persistent);
    this.#targets = [...new Set([...persistent, ...addresses.bootstrap])].map((address) => {
      const isPersistent = persistent.has(address);
      return { address, isPersistent, peer: peerOf(address), attempts: 0, timer: null, isDialling: false };
    });
  }

  start(): void {
    for (const target of this.#targets) this.#schedule(target, this.#isMine(target) ? 0 : this.#limits.dialFallbackMs);
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#targets) clearTimeout(timer ?? undefined);
  }

  /** The peer is of use: waiting starts small again when it is lost. */
  onReady(peer: PeerId): void {
    for (const target of this.#targets) if (target.peer === peer) target.attempts = 0;
  }

  /** A connection was lost: its addresses are dialled anew. */
  onDisconnected(peer: PeerId): void {
    for (const target of this.#targets) {
      if (target.peer !== peer || target.isDialling) continue;
      target.attempts++;
      const fallbackMs = this.#isMine(target) ? 0 : this.#limits.dialFallbackMs;
      this.#schedule(target, this.#backoffMs(target.attempts) + fallbackMs);
    }
  }

  #isMine({ peer }: Target): boolean {
    return peer === null || this.#port.ownPeerId < peer;
  }

  #schedule(target: Target, delayMs: number): void {
    clearTimeout(target.timer ?? undefined);
    target.timer = null;
    if (this.#stopped || target.peer === this.#port.ownPeerId) return;
    target.timer = setTimeout(() => {
      target.timer = null;
      this.#dial(target);
    }, delayMs);
  }

  #dial(target: Target): void {
    const { peer } = target;
    if (peer !== null && this.#port.isConnected(peer)) return;
    const isUnwanted = !target.isPersistent && !this.#port.needsPeers();
    if (isUnwanted || (peer !== null && this.#port.isBanned(peer))) {
      this.#schedule(target, this.#limits.redialLastMs);
      return;
    }
    target.isDialling = true;
    this.#port.dial(target.address).then(
      (found) => {
        target.isDialling = false;
        target.peer = found;
        // It may have been lost again before this told which peer it was.
        if (!this.#port.isConnected(found)) this.#schedule(target, this.#limits.redialLastMs);
      },
      (error: unknown) => {
        target.isDialling = false;
        target.attempts++;
        this.#port.onFailure(target.address, error, target.attempts);
        this.#schedule(target, this.#backoffMs(target.attempts));
      },
    );
  }

  #backoffMs(attempts: number): number {
    const { redialFirstMs, redialLastMs } = this.#limits;
    const doubled = Math.min(redialLastMs, redialFirstMs * 2 ** Math.min(attempts - 1, 16));
    // A tenth of chance keeps nodes that were started together from dialling together for ever.
    return doubled * (0.9 + Math.random() * 0.2);
  }
}
