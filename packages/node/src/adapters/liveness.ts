/**
 * Finds peers that are gone without a goodbye: stopped, cut off, or behind a network that drops everything. Owns the
 * counting of silence per connection; closing is the network's.
 *
 * Silence is counted in looks, not in time: a process that stood still itself looks once when it wakes, then reads what
 * has arrived, and blames nobody.
 */
import { randomBytes } from 'node:crypto';
import type { Connection } from '@libp2p/interface';
import type { PeerId } from '../host/ports.ts';
import type { NetworkLimits } from './network-limits.ts';

const PING_PROTOCOL = '/ipfs/ping/1.0.0';
const PING_BYTES = 32;

export type LivenessPort = {
  connections(): readonly Connection[];
  onSilent(connection: Connection): void;
};

type Watch = { silentChecks: number; isPinging: boolean };

export class Liveness {
  readonly #port: LivenessPort;
  readonly #limits: NetworkLimits;
  #watches = new Map<string, Watch>();
  readonly #heard = new Set<PeerId>();
  #timer: NodeJS.Timeout | null = null;

  constructor(port: LivenessPort, limits: NetworkLimits) {
    this.#port = port;
    this.#limits = limits;
  }

  start(): void {
    this.#timer = setInterval(() => this.check(), this.#limits.livenessCheckMs);
  }

  stop(): void {
    clearInterval(this.#timer ?? undefined);
  }

  /** The peer sent something, whatever it was. */
  onHeard(peer: PeerId): void {
    this.#heard.add(peer);
  }

  /** One look at every connection. */
  check(): void {
    const connections = this.#port.connections();
    const perPeer = new Map<PeerId, number>();
    for (const { remotePeer } of connections) {
      const peer = remotePeer.toString();
      perPeer.set(peer, (perPeer.get(peer) ?? 0) + 1);
    }
    const watches = new Map<string, Watch>();
    for (const connection of connections) {
      const peer = connection.remotePeer.toString();
      const watch = this.#watches.get(connection.id) ?? { silentChecks: 0, isPinging: false };
      watches.set(connection.id, watch);
      // Of two connections to a peer either may have died: each has to answer for itself.
      const isHeard = this.#heard.has(peer) && perPeer.get(peer) === 1;
      watch.silentChecks = isHeard ? 0 : watch.silentChecks + 1;
      this.#act(connection, watch);
    }
    this.#heard.clear();
    this.#watches = watches;
  }

  #act(connection: Connection, watch: Watch): void {
    const { silentChecksBeforePing, silentChecksMax } = this.#limits;
    if (watch.silentChecks >= silentChecksMax) {
      watch.silentChecks = 0;
      this.#port.onSilent(connection);
    } else if (watch.silentChecks >= silentChecksBeforePing && !watch.isPinging && connection.status === 'open') {
      watch.isPinging = true;
      this.#ping(connection).then(
        () => {
          watch.isPinging = false;
          watch.silentChecks = 0;
        },
        // No answer is what the count of silence is for: the next look pings again.
        () => {
          watch.isPinging = false;
        },
      );
    }
  }

  /** Resolves when the other end has echoed. */
  async #ping(connection: Connection): Promise<void> {
    const { livenessCheckMs, silentChecksMax } = this.#limits;
    const signal = AbortSignal.timeout(livenessCheckMs * silentChecksMax);
    const stream = await connection.newStream(PING_PROTOCOL, { signal, runOnLimitedConnection: true });
    try {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('no echo in time')), { once: true });
        stream.addEventListener('message', () => resolve(), { once: true });
        stream.addEventListener('close', () => reject(new Error('the stream was closed')), { once: true });
        stream.send(randomBytes(PING_BYTES));
      });
      await stream.close({ signal });
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }
}
