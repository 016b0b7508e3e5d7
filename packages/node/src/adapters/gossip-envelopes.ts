/**
 * The envelopes of gossipsub: each holds messages, subscriptions and control. Gossipsub drops what it cannot read and whatever it has
 * seen before without a word to us; here both count against the sender. Owns the watch on what comes in; messages are gossip-intake.ts's.
 */
import type { PeerId } from '../host/ports.ts';
import type { NetworkLimits } from './network-limits.ts';
import { RateAllowance } from './peer-conduct.ts';

/** What is taken of gossipsub beyond its published interface; checked when a node is made. */
export type EnvelopeReader = {
  decodeRpc(bytes: Uint8Array): object;
  handleReceivedRpc(from: { toString(): string }, envelope: object): Promise<void>;
};

type Port = { onOffence(peer: PeerId, reason: string): void };

export class GossipEnvelopes {
  readonly #limits: NetworkLimits;
  readonly #port: Port;
  readonly #allowances = new Map<PeerId, RateAllowance>();
  readonly #bytes = new WeakMap<object, number>();
  readonly #unreadable = new WeakSet<object>();

  constructor(port: Port, limits: NetworkLimits) {
    // A neighbour also passes on what others brought first: twice the share of messages.
    const { messagesPerSecondMax, bytesPerSecondMax } = limits;
    this.#limits = {
      ...limits,
      messagesPerSecondMax: 2 * messagesPerSecondMax,
      bytesPerSecondMax: 2 * bytesPerSecondMax,
    };
    this.#port = port;
  }

  /** From now on the reader's envelopes pass through here. */
  watch(reader: EnvelopeReader): void {
    const decode = reader.decodeRpc.bind(reader);
    const handle = reader.handleReceivedRpc.bind(reader);
    reader.decodeRpc = (bytes) => this.#read(bytes, decode);
    reader.handleReceivedRpc = (from, envelope) =>
      this.#isWelcome(from.toString(), envelope) ? handle(from, envelope) : Promise.resolve();
  }

  forget(peer: PeerId): void {
    this.#allowances.delete(peer);
  }

  #read(bytes: Uint8Array, decode: EnvelopeReader['decodeRpc']): object {
    const envelope = tryDecode(bytes, decode) ?? {};
    this.#bytes.set(envelope, bytes.length);
    if (!('messages' in envelope)) this.#unreadable.add(envelope);
    return envelope;
  }

  #isWelcome(peer: PeerId, envelope: object): boolean {
    const nowMs = performance.now();
    const allowance = this.#allowances.get(peer) ?? new RateAllowance(this.#limits, nowMs);
    this.#allowances.set(peer, allowance);
    const isTooMuch = allowance.take(1, this.#bytes.get(envelope) ?? 0, nowMs) > 0;
    const isUnreadable = this.#unreadable.has(envelope);
    if (isUnreadable) this.#port.onOffence(peer, 'unreadable gossip');
    else if (isTooMuch) this.#port.onOffence(peer, 'more gossip than allowed');
    return !isUnreadable && !isTooMuch;
  }
}

/** The reader throws at whatever it cannot read, and at more of anything than its limits allow. */
function tryDecode(bytes: Uint8Array, decode: EnvelopeReader['decodeRpc']): object | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}
