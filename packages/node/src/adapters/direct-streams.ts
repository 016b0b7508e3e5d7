/**
 * The direct protocol: one long-lived outbound stream to every peer, ordered by urgency and bounded, and the peers' streams to us.
 * Owns when a peer is announced (our stream to it is open and the rest is ready) and the pausing of those too fast.
 */
import type { Connection, Stream } from '@libp2p/interface';
import type { Uint8ArrayList } from 'uint8arraylist';
import { sendPriority } from '../host/messages.ts';
import type { PeerId } from '../host/ports.ts';
import { FRAME_BYTES_MAX, FrameReader, SendQueue } from './frames.ts';
import type { NetworkLimits } from './network-limits.ts';
import { RateAllowance } from './peer-conduct.ts';

/** What happens on the streams, told to the network. Never called from inside `send`. */
export type DirectEvents = {
  /** Whether all else that is used with the peer works too; asked again and again until it does. */
  isReady(peer: PeerId): boolean;
  onConnected(peer: PeerId): void;
  onDisconnected(peer: PeerId): void;
  onMessage(peer: PeerId, bytes: Uint8Array): void;
  /** Bytes came, perhaps a part of a message. */
  onBytes(peer: PeerId): void;
  /** The peer broke the framing: its stream was closed. */
  onMalformed(peer: PeerId, reason: string): void;
  /** Nothing more can be done on the peer's connections: they should be closed, and made anew. */
  onUnusable(peer: PeerId, reason: string, error: unknown): void;
};

type Outbound = { readonly stream: Stream; readonly connection: Connection; readonly queue: SendQueue };

type Peer = {
  outbound: Outbound | null;
  inbound: Stream | null;
  /** Of the inbound stream. */
  reader: FrameReader;
  isOpening: boolean;
  isAnnounced: boolean;
  readyTimer: NodeJS.Timeout | null;
  readonly allowance: RateAllowance;
  resumeTimer: NodeJS.Timeout | null;
};

export class DirectStreams {
  readonly #protocol: string;
  readonly #limits: NetworkLimits;
  readonly #events: DirectEvents;
  readonly #peers = new Map<PeerId, Peer>();

  constructor(protocol: string, limits: NetworkLimits, events: DirectEvents) {
    this.#protocol = protocol;
    this.#limits = limits;
    this.#events = events;
  }

  /** Announced peers, with the connection that carries our stream to each. */
  connected(): readonly (readonly [PeerId, Connection])[] {
    return [...this.#peers].flatMap(([id, { outbound, isAnnounced }]) =>
      outbound !== null && isAnnounced ? [[id, outbound.connection] as const] : [],
    );
  }

  isConnected(peer: PeerId): boolean {
    return this.#peers.get(peer)?.isAnnounced === true;
  }

  /** Opens our stream on a new connection, unless there is one already. */
  onConnection(connection: Connection): void {
    const id = connection.remotePeer.toString();
    const peer = this.#peer(id);
    if (peer.outbound !== null || peer.isOpening) return;
    peer.isOpening = true;
    const signal = AbortSignal.timeout(this.#limits.streamOpenTimeoutMs);
    connection.newStream(this.#protocol, { signal, maxOutboundStreams: this.#limits.directStreamsMax }).then(
      (stream) => {
        peer.isOpening = false;
        this.#onOutbound(id, peer, stream, connection);
      },
      (error: unknown) => {
        peer.isOpening = false;
        this.#events.onUnusable(id, 'the direct protocol could not be opened', error);
      },
    );
  }

  /** Ends all waiting; the streams end with their connections. */
  stop(): void {
    for (const { readyTimer, resumeTimer } of this.#peers.values()) {
      clearTimeout(readyTimer ?? undefined);
      clearTimeout(resumeTimer ?? undefined);
    }
    this.#peers.clear();
  }

  /** The last connection to the peer is gone. */
  onDisconnection(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    clearTimeout(peer.resumeTimer ?? undefined);
    this.#peers.delete(id);
    peer.outbound = null;
    this.#withdraw(id, peer);
  }

  /** Handler of the peers' streams to us. */
  onInbound(stream: Stream, connection: Connection): void {
    const id = connection.remotePeer.toString();
    const peer = this.#peer(id);
    peer.inbound?.abort(new Error('replaced by a newer stream'));
    peer.inbound = stream;
    const reader = new FrameReader(this.#limits.directMessageBytesMax);
    peer.reader = reader;
    stream.addEventListener('close', () => {
      if (peer.inbound !== stream) return;
      peer.inbound = null;
      peer.reader = new FrameReader(this.#limits.directMessageBytesMax);
    });
    // Nothing is delivered from a peer before it was announced.
    if (!peer.isAnnounced) stream.pause();
    stream.addEventListener('message', ({ data }) => this.#onBytes(id, peer, stream, reader, data));
  }

  /** Queues the message by its urgency; an unknown peer loses it, one that cannot follow is reported as unusable. */
  send(id: PeerId, bytes: Uint8Array): void {
    const outbound = this.#peers.get(id)?.outbound;
    if (outbound == null || outbound.stream.writeStatus !== 'writable') return;
    if (bytes.length === 0 || bytes.length > this.#limits.directMessageBytesMax) {
      throw new RangeError(
        `a direct message has 1 to ${this.#limits.directMessageBytesMax} bytes, not ${bytes.length}`,
      );
    }
    const { queue, stream } = outbound;
    if (queue.bytes + stream.writeBufferLength + bytes.length > this.#limits.sendBufferBytesMax) {
      queueMicrotask(() => this.#events.onUnusable(id, 'the peer reads too slowly', null));
      return;
    }
    queue.add(sendPriority(bytes), bytes);
    this.#pump(id, outbound);
  }

  /** Gives the stream little at a time: what it has taken, a more urgent message cannot overtake. */
  #pump(id: PeerId, { queue, stream }: Outbound): void {
    try {
      while (
        stream.writeStatus === 'writable' &&
        !stream.writableNeedsDrain &&
        stream.writeBufferLength < this.#limits.streamBufferBytesMax
      ) {
        const frame = queue.next();
        if (frame === null) return;
        stream.send(frame);
      }
    } catch (error) {
      queueMicrotask(() => this.#events.onUnusable(id, 'the direct stream failed', error));
    }
  }

  #peer(id: PeerId): Peer {
    const known = this.#peers.get(id);
    if (known !== undefined) return known;
    const allowance = new RateAllowance(this.#limits, performance.now());
    const peer: Peer = {
      outbound: null,
      inbound: null,
      reader: new FrameReader(this.#limits.directMessageBytesMax),
      isOpening: false,
      isAnnounced: false,
      readyTimer: null,
      allowance,
      resumeTimer: null,
    };
    this.#peers.set(id, peer);
    return peer;
  }

  #onOutbound(id: PeerId, peer: Peer, stream: Stream, connection: Connection): void {
    if (this.#peers.get(id) !== peer || stream.status !== 'open') {
      stream.abort(new Error('the connection was closed'));
      return;
    }
    const outbound = { stream, connection, queue: new SendQueue() };
    peer.outbound = outbound;
    stream.addEventListener('drain', () => this.#pump(id, outbound));
    stream.addEventListener('close', () => {
      // Deferred: closing may happen inside `send`, which the host calls.
      queueMicrotask(() => this.#onOutboundClosed(id, peer, stream));
    });
    this.#announceWhenReady(id, peer);
  }

  #announceWhenReady(id: PeerId, peer: Peer): void {
    if (peer.outbound === null) return;
    if (!this.#events.isReady(id)) {
      peer.readyTimer = setTimeout(() => this.#announceWhenReady(id, peer), this.#limits.readyCheckMs);
      return;
    }
    peer.readyTimer = null;
    peer.isAnnounced = true;
    this.#events.onConnected(id);
    resume(peer.inbound);
  }

  #withdraw(id: PeerId, peer: Peer): void {
    clearTimeout(peer.readyTimer ?? undefined);
    if (!peer.isAnnounced) return;
    peer.isAnnounced = false;
    this.#events.onDisconnected(id);
  }

  #onOutboundClosed(id: PeerId, peer: Peer, stream: Stream): void {
    if (peer.outbound?.stream !== stream) return;
    peer.outbound = null;
    this.#withdraw(id, peer);
    this.#events.onUnusable(id, 'the direct stream was closed', null);
  }

  #onBytes(id: PeerId, peer: Peer, stream: Stream, reader: FrameReader, data: Uint8Array | Uint8ArrayList): void {
    if (peer.inbound !== stream) return;
    this.#events.onBytes(id);
    const messages = reader.push(data);
    if (messages === null) {
      peer.inbound = null;
      stream.abort(new Error('malformed frame'));
      this.#events.onMalformed(id, 'a direct message announced a length out of bounds');
      return;
    }
    this.#boundUnfinished(reader);
    const waitMs = peer.allowance.take(messages.length, data.byteLength, performance.now());
    if (waitMs > 0) this.#pauseFor(peer, stream, waitMs);
    for (const message of messages) this.#events.onMessage(id, message);
  }

  /** Each may begin a long message on every lane and never end it; together they must not fill the memory. */
  #boundUnfinished({ waitingBytes }: FrameReader): void {
    if (waitingBytes < FRAME_BYTES_MAX) return;
    let [total, most, largest] = [0, 0, ''];
    for (const [id, { reader }] of this.#peers) {
      total += reader.waitingBytes;
      if (reader.waitingBytes > most) [most, largest] = [reader.waitingBytes, id];
    }
    if (total > this.#limits.unfinishedBytesMax)
      this.#events.onUnusable(largest, 'too much begun and not finished', null);
  }

  #pauseFor(peer: Peer, stream: Stream, waitMs: number): void {
    if (stream.readStatus !== 'readable') return;
    stream.pause();
    clearTimeout(peer.resumeTimer ?? undefined);
    peer.resumeTimer = setTimeout(() => {
      if (peer.inbound === stream && peer.isAnnounced) resume(stream);
    }, waitMs);
  }
}

function resume(stream: Stream | null): void {
  if (stream?.readStatus === 'paused') stream.resume();
}
