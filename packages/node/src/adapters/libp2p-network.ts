/**
 * The network port over libp2p: gossip, direct messages, and who is connected. Owns the wiring of its parts and the
 * closing and banning of peers; what messages say is the host's.
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { Connection } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { SynodError } from '@synod/chain';
import type { GossipTopic, GossipVerdict, HostInput, Network, PeerId } from '../host/ports.ts';
import { Dialler } from './dialler.ts';
import { DirectStreams } from './direct-streams.ts';
import { createNode, GOSSIP_TOPICS, hasGossipStream, type SynodLibp2p } from './libp2p-options.ts';
import { NETWORK_LIMITS, type NetworkLimits } from './network-limits.ts';
import { PeerConduct, RateAllowance } from './peer-conduct.ts';
import { watchTransportErrors } from './transport-errors.ts';

/** Short constant message, facts as fields; a pino logger fits. */
export type NetworkLog = {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
};

export type ConnectedPeer = {
  readonly peerId: PeerId;
  readonly address: string;
  readonly direction: 'inbound' | 'outbound';
};

export type Libp2pNetworkOptions = {
  readonly chainId: string;
  /** 32 bytes: the Ed25519 seed of this node's network identity. */
  readonly privateKeySeed: Uint8Array;
  /** Multiaddr, e.g. `/ip4/127.0.0.1/tcp/9000`; port 0 takes a free one. */
  readonly listen: string;
  /** Multiaddrs dialled for ever, best with `/p2p/<peer id>` at the end. */
  readonly bootstrap: readonly string[];
  /** Never called from inside a call of the network port. */
  onInput(input: HostInput): void;
  onGossip(peer: PeerId, topic: GossipTopic, bytes: Uint8Array): GossipVerdict;
  onPeersChanged?(peers: readonly ConnectedPeer[]): void;
  /** Peers that must not be connected now, whatever they did; see `disconnect`. */
  isBlocked?(peer: PeerId): boolean;
  readonly log: NetworkLog;
  readonly limits?: Partial<NetworkLimits>;
};

export type Libp2pNetwork = {
  readonly network: Network;
  readonly peerId: PeerId;
  /** Addresses others can dial, with the peer id. */
  multiaddrs(): string[];
  /** Peers that direct messages and gossip reach, as the host was told. */
  peers(): ConnectedPeer[];
  /** Closes every connection with the peer. */
  disconnect(peer: PeerId): void;
  stop(): Promise<void>;
};

/** Peer id that a seed gives, without starting anything. */
export async function peerIdOfSeed(privateKeySeed: Uint8Array): Promise<PeerId> {
  const key = await generateKeyPairFromSeed('Ed25519', privateKeySeed);
  return key.publicKey.toString();
}

/**
 * Starts a libp2p node and keeps it connected. Throws `LISTEN_FAILED` when the address cannot be listened on.
 */
export async function createLibp2pNetwork(options: Libp2pNetworkOptions): Promise<Libp2pNetwork> {
  const limits: NetworkLimits = { ...NETWORK_LIMITS, ...options.limits };
  const conduct = new PeerConduct(limits);
  const node = await createNode({
    privateKey: await generateKeyPairFromSeed('Ed25519', options.privateKeySeed),
    listen: options.listen,
    topics: GOSSIP_TOPICS.map((topic) => topicName(options.chainId, topic)),
    limits,
    isBanned: (peer) => conduct.isBanned(peer, Date.now()) || options.isBlocked?.(peer) === true,
  });
  const running = new RunningNetwork(node, conduct, limits, options);
  await running.start();
  return {
    network: running,
    peerId: node.peerId.toString(),
    multiaddrs: () => node.getMultiaddrs().map(String),
    peers: () => running.peers(),
    disconnect: (peer) => running.disconnect(peer),
    stop: () => running.stop(),
  };
}

class RunningNetwork implements Network {
  readonly #node: SynodLibp2p;
  readonly #conduct: PeerConduct;
  readonly #limits: NetworkLimits;
  readonly #options: Libp2pNetworkOptions;
  readonly #protocol: string;
  readonly #topics: ReadonlyMap<string, GossipTopic>;
  readonly #direct: DirectStreams;
  readonly #dialler: Dialler;
  readonly #gossipAllowances = new Map<PeerId, RateAllowance>();
  readonly #connectedAtMs = new Map<PeerId, number>();
  readonly #unwatch: () => void;
  #healthTimer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(node: SynodLibp2p, conduct: PeerConduct, limits: NetworkLimits, options: Libp2pNetworkOptions) {
    this.#node = node;
    this.#conduct = conduct;
    this.#limits = limits;
    this.#options = options;
    this.#protocol = `/synod/${options.chainId}/direct/1`;
    this.#topics = new Map(GOSSIP_TOPICS.map((topic) => [topicName(options.chainId, topic), topic]));
    this.#direct = new DirectStreams(this.#protocol, limits, {
      isReady: (peer) => this.#canGossip(peer),
      onConnected: (peer) => {
        this.#dialler.onReady(peer);
        this.#onPeer('peerConnected', peer);
      },
      onDisconnected: (peer) => this.#onPeer('peerDisconnected', peer),
      onMessage: (peer, bytes) => this.#deliver({ kind: 'direct', peer, bytes }),
      onMalformed: (peer, reason) => this.#judge(peer, reason, 'severe'),
      onUnusable: (peer, reason, error) => this.#drop(peer, reason, error),
    });
    this.#dialler = new Dialler(options.bootstrap, this.#dialPort(), limits);
    this.#unwatch = watchTransportErrors((error) => options.log.warn({ error: error.message }, 'transport error'));
  }

  async start(): Promise<void> {
    const node = this.#node;
    node.addEventListener('connection:open', ({ detail }) => this.#onConnection(detail));
    node.addEventListener('connection:close', ({ detail }) => this.#onConnectionClosed(detail));
    node.addEventListener('peer:disconnect', ({ detail }) => this.#onDisconnection(detail.toString()));
    node.services.gossip.addEventListener('gossipsub:message', ({ detail: { propagationSource, msgId, msg } }) => {
      const peer = propagationSource.toString();
      const verdict = this.#judgeGossip(peer, msg.topic, msg.data);
      node.services.gossip.reportMessageValidationResult(msgId, peer, verdict);
    });
    try {
      await node.handle(this.#protocol, (stream, connection) => this.#direct.onInbound(stream, connection), {
        maxInboundStreams: this.#limits.directStreamsMax,
        maxOutboundStreams: this.#limits.directStreamsMax,
      });
      await node.start();
    } catch (cause) {
      this.#unwatch();
      throw listenFailed(this.#options.listen, cause);
    }
    for (const topic of this.#topics.keys()) node.services.gossip.subscribe(topic);
    this.#dialler.start();
    this.#healthTimer = setInterval(() => this.#checkHealth(), this.#limits.healthCheckMs);
  }

  /** Nothing is delivered after it was called. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#healthTimer ?? undefined);
    this.#dialler.stop();
    // A graceful close waits for peers that are perhaps stopping as well, and leaves sockets open for minutes.
    for (const connection of this.#node.getConnections()) connection.abort(new Error('this node stops'));
    await this.#node.stop();
    this.#direct.stop();
    this.#unwatch();
  }

  publish(topic: GossipTopic, bytes: Uint8Array): void {
    const name = topicName(this.#options.chainId, topic);
    this.#node.services.gossip.publish(name, bytes).catch((error: unknown) => {
      this.#options.log.warn({ topic, bytes: bytes.length, error: reasonOf(error) }, 'gossip not published');
    });
  }

  send(peer: PeerId, bytes: Uint8Array): void {
    this.#direct.send(peer, bytes);
  }

  penalise(peer: PeerId, reason: string, severity: 'minor' | 'severe'): void {
    // Deferred: dropping the peer tells the host, which is just calling.
    queueMicrotask(() => this.#judge(peer, reason, severity));
  }

  disconnect(peer: PeerId): void {
    this.#drop(peer, 'it is blocked', null);
  }

  peers(): ConnectedPeer[] {
    return this.#direct.connected().map(([peerId, { remoteAddr, direction }]) => {
      return { peerId, address: remoteAddr.toString(), direction };
    });
  }

  #dialPort(): ConstructorParameters<typeof Dialler>[1] {
    return {
      ownPeerId: this.#node.peerId.toString(),
      isConnected: (peer) => this.#node.getConnections(peerIdFromString(peer)).length > 0,
      isBanned: (peer) => this.#conduct.isBanned(peer, Date.now()),
      dial: async (address) => {
        const connection = await this.#node.dial(multiaddr(address));
        return connection.remotePeer.toString();
      },
      onFailure: (address, error, attempts) => {
        this.#options.log.debug({ address, attempts, error: reasonOf(error) }, 'peer not reached');
      },
    };
  }

  #onConnection(connection: Connection): void {
    const peer = connection.remotePeer.toString();
    if (!this.#connectedAtMs.has(peer)) this.#connectedAtMs.set(peer, Date.now());
    this.#direct.onConnection(connection);
  }

  /** One of two connections to a peer closed: streams may have died with it, so the pair starts afresh. */
  #onConnectionClosed(connection: Connection): void {
    const others = this.#node.getConnections(connection.remotePeer).filter(({ id }) => id !== connection.id);
    if (others.length > 0) this.#drop(connection.remotePeer.toString(), 'one of two connections closed', null);
  }

  #onDisconnection(peer: PeerId): void {
    // Deferred: closing may happen inside a call of the host.
    queueMicrotask(() => {
      if (this.#node.getConnections(peerIdFromString(peer)).length > 0) return;
      this.#connectedAtMs.delete(peer);
      this.#gossipAllowances.delete(peer);
      this.#direct.onDisconnection(peer);
      this.#dialler.onDisconnected(peer);
    });
  }

  #deliver(input: HostInput): void {
    if (!this.#isStopped) this.#options.onInput(input);
  }

  #onPeer(kind: 'peerConnected' | 'peerDisconnected', peer: PeerId): void {
    this.#options.log.info({ peer }, kind === 'peerConnected' ? 'peer connected' : 'peer disconnected');
    this.#deliver({ kind, peer });
    if (!this.#isStopped) this.#options.onPeersChanged?.(this.peers());
  }

  #judgeGossip(peer: PeerId, topicText: string, bytes: Uint8Array): GossipVerdict {
    const topic = this.#topics.get(topicText);
    if (topic === undefined || this.#isStopped) return 'ignore';
    const nowMs = performance.now();
    const allowance = this.#gossipAllowances.get(peer) ?? new RateAllowance(this.#limits, nowMs);
    this.#gossipAllowances.set(peer, allowance);
    if (allowance.take(1, bytes.length, nowMs) > 0) {
      this.#judge(peer, 'more gossip than allowed', 'minor');
      return 'ignore';
    }
    const verdict = this.#options.onGossip(peer, topic, bytes);
    if (verdict === 'reject') this.#judge(peer, 'gossip was rejected', 'minor');
    return verdict;
  }

  #judge(peer: PeerId, reason: string, severity: 'minor' | 'severe'): void {
    const isBanned = this.#conduct.penalise(peer, severity, Date.now());
    this.#options.log.debug({ peer, reason, severity }, 'peer penalised');
    if (!isBanned) return;
    this.#options.log.warn({ peer, reason, banMs: this.#limits.banMs }, 'peer banned');
    this.#drop(peer, reason, null);
  }

  #drop(peer: PeerId, reason: string, error: unknown): void {
    const connections = this.#node.getConnections(peerIdFromString(peer));
    if (connections.length === 0) return;
    this.#options.log.debug({ peer, reason, ...(error === null ? {} : { error: reasonOf(error) }) }, 'peer dropped');
    for (const connection of connections) connection.abort(new Error(reason));
  }

  /** The peer takes all our topics, and we have a stream to send them on. */
  #canGossip(peer: PeerId): boolean {
    const { gossip } = this.#node.services;
    const isSubscribed = (topic: string): boolean =>
      gossip.getSubscribers(topic).some((one) => one.toString() === peer);
    const connections = this.#node.getConnections(peerIdFromString(peer));
    return connections.some(hasGossipStream) && [...this.#topics.keys()].every(isSubscribed);
  }

  /** Renews connections on which a stream is missing for long; gossipsub would leave them silent for ever. */
  #checkHealth(): void {
    const nowMs = Date.now();
    for (const [peer, sinceMs] of this.#connectedAtMs) {
      if (nowMs - sinceMs < this.#limits.streamMissingMs) continue;
      if (!this.#direct.isConnected(peer) || !this.#canGossip(peer)) this.#drop(peer, 'a stream is missing', null);
    }
  }
}

function topicName(chainId: string, topic: GossipTopic): string {
  return `/synod/${chainId}/${topic}/1`;
}

function listenFailed(listen: string, cause: unknown): SynodError {
  return new SynodError(
    'LISTEN_FAILED',
    `The node could not listen on ${listen}: ${reasonOf(cause)}. Free the port or choose another one.`,
    { facts: { listen }, cause },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
