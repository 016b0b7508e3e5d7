/**
 * A running node of the network: its events, its peers, and what becomes of them. Owns the joining of streams, gossip,
 * dialling, liveness and bans; how the node is made is libp2p-network.ts.
 */
import type { Connection, PeerInfo } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { SynodError } from '@synod/chain';
import type { GossipTopic, HostInput, Network, PeerId } from '../host/ports.ts';
import { parseTcpAddress } from './address-rules.ts';
import { type ConnectionGate, type GuestFacts, ipOf } from './connection-gate.ts';
import { Dialler, type DialPort } from './dialler.ts';
import { DirectStreams } from './direct-streams.ts';
import { GossipEnvelopes } from './gossip-envelopes.ts';
import { GossipIntake } from './gossip-intake.ts';
import { GOSSIP_TOPICS, hasGossipStream, type SynodLibp2p } from './libp2p-options.ts';
import { listenFailed, reasonOf } from './listen-failed.ts';
import { Liveness } from './liveness.ts';
import type { NetworkLimits } from './network-limits.ts';
import type { ConnectedPeer, Libp2pNetworkOptions } from './network-options.ts';
import type { Severity } from './peer-conduct.ts';
import type { PeerDesk } from './peer-desk.ts';
import { type FinderPort, PeerFinder } from './peer-finder.ts';
import { watchTransportErrors } from './transport-errors.ts';

type Parts = {
  readonly node: SynodLibp2p;
  readonly desk: PeerDesk;
  readonly gate: ConnectionGate;
  readonly limits: NetworkLimits;
  readonly options: Libp2pNetworkOptions;
};

export class RunningNetwork implements Network {
  readonly #node: SynodLibp2p;
  readonly #desk: PeerDesk;
  readonly #gate: ConnectionGate;
  readonly #limits: NetworkLimits;
  readonly #options: Libp2pNetworkOptions;
  readonly #protocol: string;
  readonly #topics: ReadonlyMap<string, GossipTopic>;
  readonly #direct: DirectStreams;
  readonly #dialler: Dialler;
  readonly #finder: PeerFinder;
  readonly #liveness: Liveness;
  readonly #intake: GossipIntake;
  readonly #envelopes: GossipEnvelopes;
  readonly #connectedAtMs = new Map<PeerId, number>();
  readonly #patienceMs = new Map<PeerId, number>();
  readonly #unwatch: () => void;
  #healthTimer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor({ node, desk, gate, limits, options }: Parts) {
    this.#node = node;
    this.#desk = desk;
    this.#gate = gate;
    this.#limits = limits;
    this.#options = options;
    this.#protocol = `/synod/${options.chainId}/direct/5`;
    this.#topics = new Map(GOSSIP_TOPICS.map((topic) => [topicName(options.chainId, topic), topic]));
    const onOffence = (peer: PeerId, reason: string) => this.#judge(peer, reason, 'minor');
    const onGossip = options.onGossip.bind(options);
    this.#intake = new GossipIntake(this.#topics, { onGossip, onOffence }, limits);
    this.#envelopes = new GossipEnvelopes({ onOffence }, limits);
    this.#envelopes.watch(node.services.gossip);
    this.#direct = this.#directStreams();
    const { bootstrap, persistent = [] } = options;
    this.#dialler = new Dialler({ bootstrap, persistent }, this.#dialPort(), limits);
    this.#finder = new PeerFinder(desk.book, this.#finderPort(), limits);
    this.#liveness = new Liveness(
      {
        connections: () => node.getConnections(),
        onSilent: (connection) => {
          options.log.debug({ peer: connection.remotePeer.toString() }, 'peer does not answer any more');
          connection.abort(new Error('the peer does not answer'));
        },
      },
      limits,
    );
    this.#unwatch = watchTransportErrors((error) => options.log.warn({ error: error.message }, 'transport error'));
  }

  async start(): Promise<void> {
    const node = this.#node;
    node.addEventListener('connection:open', ({ detail }) => this.#onConnection(detail));
    node.addEventListener('connection:close', ({ detail }) => this.#onConnectionClosed(detail));
    node.addEventListener('peer:disconnect', ({ detail }) => this.#onDisconnection(detail.toString()));
    node.addEventListener('peer:identify', ({ detail: { peerId, listenAddrs } }) => {
      this.#desk.book.learn(peerId.toString(), listenAddrs.map(String), 'identify');
    });
    node.addEventListener('peer:discovery', ({ detail }) => this.#onFound(detail));
    node.services.gossip.addEventListener('gossipsub:message', ({ detail: { propagationSource, msgId, msg } }) => {
      const peer = propagationSource.toString();
      this.#liveness.onHeard(peer);
      const verdict = this.#isStopped ? 'ignore' : this.#intake.judge(peer, msg.topic, msg.data);
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
    this.#finder.start();
    this.#liveness.start();
    this.#healthTimer = setInterval(() => this.#checkHealth(), this.#limits.healthCheckMs);
  }

  /** Nothing is delivered after it was called. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#healthTimer ?? undefined);
    this.#dialler.stop();
    this.#finder.stop();
    this.#liveness.stop();
    // A graceful close waits for peers that are perhaps stopping as well, and leaves sockets open for minutes.
    for (const connection of this.#node.getConnections()) connection.abort(new Error('this node stops'));
    await this.#node.stop();
    this.#direct.stop();
    await this.#desk.close();
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

  /** Dials a multiaddress that ends with a peer id. Throws `ADDRESS_INVALID` or `PEER_UNREACHABLE`. */
  async connect(address: string): Promise<void> {
    if (parseTcpAddress(address)?.peer == null) {
      const example = '/ip4/203.0.113.5/tcp/9546/p2p/12D3KooW…';
      throw new SynodError('ADDRESS_INVALID', `"${address}" is no address of a peer. Write it like ${example}`);
    }
    try {
      await this.#dialPort().dial(address);
    } catch (cause) {
      const message = `${address} cannot be reached (${reasonOf(cause)}). Check that it runs, its peer id, and the firewall.`;
      throw new SynodError('PEER_UNREACHABLE', message, { facts: { address }, cause });
    }
  }

  peers(): ConnectedPeer[] {
    return this.#direct.connected().map(([peerId, { remoteAddr, direction }]) => {
      const gossipScore = this.#node.services.gossip.getScore(peerId);
      return { peerId, address: remoteAddr.toString(), direction, penalty: this.#desk.penalty(peerId), gossipScore };
    });
  }

  #directStreams(): DirectStreams {
    return new DirectStreams(this.#protocol, this.#limits, {
      isReady: (peer) => this.#canGossip(peer),
      onConnected: (peer) => {
        this.#dialler.onReady(peer);
        this.#onPeer('peerConnected', peer);
      },
      onDisconnected: (peer) => this.#onPeer('peerDisconnected', peer),
      onMessage: (peer, bytes) => this.#deliver({ kind: 'direct', peer, bytes }),
      onBytes: (peer) => this.#liveness.onHeard(peer),
      onMalformed: (peer, reason) => this.#judge(peer, reason, 'severe'),
      onUnusable: (peer, reason, error) => this.#drop(peer, reason, error),
    });
  }

  #dialPort(): DialPort {
    return {
      ownPeerId: this.#node.peerId.toString(),
      isConnected: (peer) => this.#connectionsOf(peer).length > 0,
      isBanned: (peer) => this.#desk.isBanned(peer),
      needsPeers: () => this.#missingPeers() > 0,
      dial: async (address) => {
        const connection = await this.#node.dial(multiaddr(address));
        const peer = connection.remotePeer.toString();
        this.#desk.book.learn(peer, [address], 'configured');
        this.#desk.book.onSuccess(peer, address, Date.now());
        return peer;
      },
      onFailure: (address, error, attempts) => {
        this.#desk.onDialFailure();
        this.#options.log.debug({ address, attempts, error: reasonOf(error) }, 'peer not reached');
      },
    };
  }

  #finderPort(): FinderPort {
    const { dht } = this.#node.services;
    return {
      ownPeerId: this.#node.peerId.toString(),
      nowMs: () => Date.now(),
      isExcluded: (peer) => this.#connectionsOf(peer).length > 0 || this.#desk.isBanned(peer),
      connectedPeers: () => this.#connectedAtMs.size,
      missingPeers: () => this.#missingPeers(),
      dial: async (peer, addresses) => {
        const connection = await this.#node.dial(addresses.map((address) => multiaddr(`${address}/p2p/${peer}`)));
        this.#desk.book.onSuccess(peer, connection.remoteAddr.toString(), Date.now());
      },
      walk:
        dht === undefined
          ? null
          : async (point, signal) => {
              for await (const event of dht.getClosestPeers(point, { signal })) {
                if (event.name === 'PEER_RESPONSE') for (const found of event.closer) this.#onFound(found);
              }
            },
      onFailure: (peer, error) => {
        this.#desk.onDialFailure();
        this.#options.log.debug({ peer, error: reasonOf(error) }, 'known peer not reached');
      },
      onAlone: (forMs) => this.#warnAlone(forMs),
    };
  }

  /** Of all, or of those that this node chose itself, whichever lack more. */
  #missingPeers(): number {
    const { connectionsTarget, outboundTarget } = this.#limits;
    const outbound = this.#node.getConnections().filter(({ direction }) => direction === 'outbound');
    const chosen = new Set(outbound.map(({ remotePeer }) => remotePeer.toString()));
    return Math.max(connectionsTarget - this.#connectedAtMs.size, outboundTarget - chosen.size);
  }

  #warnAlone(forMs: number): void {
    const { bootstrap, persistent = [], listen, log } = this.#options;
    if (bootstrap.length + persistent.length + this.#desk.book.size === 0) {
      log.warn({ forMs, listen }, '0 peers: none is known, give the address of one with --bootstrap');
    } else {
      const { dialFailures, refused } = this.#desk.report();
      log.warn(
        { forMs, listen, known: this.#desk.book.size, dialFailures, refused },
        '0 peers: check that the machine is online, that the bootstrap addresses are right and that no firewall blocks the port',
      );
    }
  }

  #onFound({ id, multiaddrs }: Pick<PeerInfo, 'id' | 'multiaddrs'>): void {
    this.#desk.book.learn(id.toString(), multiaddrs.map(String), 'found');
  }

  #connectionsOf(peer: PeerId): Connection[] {
    return this.#node.getConnections(peerIdFromString(peer));
  }

  #onConnection(connection: Connection): void {
    const peer = connection.remotePeer.toString();
    const { refusal, evicted } = this.#gate.admit(connection, (guest) => this.#guestFacts(guest));
    if (refusal !== null) return connection.abort(new Error(`too many connections: ${refusal}`));
    if (evicted !== null) this.#drop(evicted, 'its place is given to another', null);
    if (this.#cameBack(connection)) return this.#drop(peer, 'the peer came back, its old connection is dead', null);
    if (!this.#connectedAtMs.has(peer)) this.#connectedAtMs.set(peer, Date.now());
    this.#direct.onConnection(connection);
  }

  #guestFacts(peer: PeerId): ReturnType<GuestFacts> {
    return { validator: this.#options.validatorOf?.(peer) ?? null, newsAtMs: this.#intake.newsAtMs(peer) };
  }

  /** Nobody dials a peer it is connected to: who does has lost the older connection, whether or not we noticed. */
  #cameBack(connection: Connection): boolean {
    // A check whether a peer can be reached does dial back beside a living connection.
    if (connection.direction === 'outbound' || this.#options.nat?.includes('autonat') === true) return false;
    const newestOldMs = Date.now() - this.#limits.simultaneousDialMs;
    return this.#connectionsOf(connection.remotePeer.toString()).some(
      ({ id, timeline }) => id !== connection.id && timeline.open < newestOldMs,
    );
  }

  /** One of several connections to a peer closed: when our streams have died with it, the pair starts afresh. */
  #onConnectionClosed(connection: Connection): void {
    const peer = connection.remotePeer.toString();
    const others = this.#connectionsOf(peer).filter(({ id }) => id !== connection.id);
    if (others.length === 0) return;
    const carrier = this.#direct.connected().find(([id]) => id === peer)?.[1];
    if (carrier !== undefined && carrier.id !== connection.id && others.some(hasGossipStream)) return;
    this.#drop(peer, 'one of two connections closed', null);
  }

  #onDisconnection(peer: PeerId): void {
    // Deferred: closing may happen inside a call of the host.
    queueMicrotask(() => {
      if (this.#connectionsOf(peer).length > 0) return;
      this.#connectedAtMs.delete(peer);
      this.#intake.forget(peer);
      this.#envelopes.forget(peer);
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

  #judge(peer: PeerId, reason: string, severity: Severity): void {
    const inbound = this.#connectionsOf(peer).filter(({ direction }) => direction === 'inbound');
    const ips = inbound.map(({ remoteAddr }) => ipOf(remoteAddr)).filter((ip) => ip !== null);
    const isBanned = this.#desk.judge(peer, reason, severity, ips);
    this.#options.log.debug({ peer, reason, severity }, 'peer penalised');
    if (!isBanned) return;
    this.#options.log.warn({ peer, reason }, 'peer banned');
    this.#drop(peer, reason, null);
  }

  #drop(peer: PeerId, reason: string, error: unknown): void {
    const connections = this.#connectionsOf(peer);
    if (connections.length === 0) return;
    this.#options.log.debug({ peer, reason, ...(error === null ? {} : { error: reasonOf(error) }) }, 'peer dropped');
    for (const connection of connections) connection.abort(new Error(reason));
  }

  /** The peer takes all our topics, and we have a stream to send them on. */
  #canGossip(peer: PeerId): boolean {
    const { gossip } = this.#node.services;
    const isSubscribed = (topic: string): boolean =>
      gossip.getSubscribers(topic).some((one) => one.toString() === peer);
    return this.#connectionsOf(peer).some(hasGossipStream) && [...this.#topics.keys()].every(isSubscribed);
  }

  /**
   * Renews connections on which a stream is missing for long; gossipsub would leave them silent for ever. Who sank so low
   * that gossipsub hears nothing of it any more is banned: it would only take a place.
   */
  #checkHealth(): void {
    const nowMs = Date.now();
    for (const [peer, sinceMs] of this.#connectedAtMs) {
      if (this.#node.services.gossip.getScore(peer) < this.#limits.graylistThreshold) {
        this.#judge(peer, 'gossip score below the graylist threshold', 'severe');
        continue;
      }
      if (this.#direct.isConnected(peer) && this.#canGossip(peer)) this.#patienceMs.delete(peer);
      else if (nowMs - sinceMs >= this.#patienceWith(peer)) this.#renew(peer);
    }
  }

  #patienceWith(peer: PeerId): number {
    return this.#patienceMs.get(peer) ?? this.#limits.streamMissingFirstMs;
  }

  #renew(peer: PeerId): void {
    const { streamMissingLastMs, connectionsMax } = this.#limits;
    this.#patienceMs.set(peer, Math.min(streamMissingLastMs, 2 * this.#patienceWith(peer)));
    if (this.#patienceMs.size > connectionsMax) this.#patienceMs.delete(this.#patienceMs.keys().next().value!);
    this.#drop(peer, 'a stream is missing', null);
  }
}

/** Name of a topic on the wire. */
export function topicName(chainId: string, topic: GossipTopic): string {
  return `/synod/${chainId}/${topic}/1`;
}
