/**
 * How libp2p is set up: transports, connections, streams, services. Owns options only; gossip's are gossip-options.ts,
 * those of discovery discovery-modules.ts.
 */
import { type GossipSub, gossipsub } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { type Identify, identify } from '@libp2p/identify';
import type { Connection, ConnectionGater, PrivateKey } from '@libp2p/interface';
import type { KadDHT } from '@libp2p/kad-dht';
import { type Ping, ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p';
import type { GossipTopic, GossipVerdict, PeerId } from '../host/ports.ts';
import { isUsable, withoutPeer } from './address-rules.ts';
import { BoundedRecords, type DiscoverySettings, discoveryModules } from './discovery-modules.ts';
import type { EnvelopeReader } from './gossip-envelopes.ts';
import { gossipOptions } from './gossip-options.ts';

export const GOSSIP_TOPICS: readonly GossipTopic[] = ['transactions', 'proposals', 'votes', 'sealed'];

/** What gossipsub offers beyond its published interface, and this adapter uses. */
export type Gossip = GossipSub &
  EnvelopeReader & {
    reportMessageValidationResult(messageId: string, from: PeerId, verdict: GossipVerdict): void;
    /** Gossipsub's score of the peer; below the graylist threshold nothing of it is heard. */
    getScore(peer: PeerId): number;
  };

type Services = { identify: Identify; ping: Ping; gossip: Gossip };

export type SynodLibp2p = Libp2p<Services & { dht?: KadDHT }>;

export type NodeOptions = {
  readonly privateKey: PrivateKey;
  readonly listen: string;
  /** Told to others instead of the addresses this node sees itself; none: those. */
  readonly announce: readonly string[];
  readonly topics: readonly string[];
  readonly discovery: DiscoverySettings;
  readonly gater: ConnectionGater;
};

/** A libp2p node that has not started. */
export async function createNode(options: NodeOptions): Promise<SynodLibp2p> {
  const { privateKey, listen, announce, topics, discovery, gater } = options;
  const { limits, scope } = discovery;
  const createGossip = gossipsub(gossipOptions(topics, limits, scope));
  const modules = await discoveryModules(discovery);
  const told = new Set(announce.map(withoutPeer));
  const dialOpts = { noDelay: true, timeout: limits.connectTimeoutMs };
  const libp2pOptions = {
    start: false,
    privateKey,
    nodeInfo: { name: 'synod' },
    addresses: {
      listen: [listen, ...modules.listen],
      announce: [...announce],
      announceFilter: (addresses: Parameters<Filter>[0]) =>
        addresses.filter((address) => told.has(withoutPeer(address.toString())) || mayTell(scope, address.toString())),
    },
    transports: [tcp({ dialOpts, listenOpts: { noDelay: true } }), ...modules.transports],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: limits.streamsPerConnectionMax,
        maxOutboundStreams: limits.streamsPerConnectionMax,
      }),
    ],
    connectionManager: {
      // One more than the gate lets in, which knows whom to refuse.
      maxConnections: limits.connectionsMax,
      maxParallelDials: limits.dialsParallelMax,
      maxDialQueueLength: limits.dialQueueMax,
      maxPeerAddrsToDial: limits.addressesPerPeerMax,
      inboundConnectionThreshold: limits.inboundConnectionsPerSecondMax,
      maxIncomingPendingConnections: limits.inboundPendingMax,
      inboundUpgradeTimeout: limits.inboundHandshakeMs,
      dialTimeout: limits.dialTimeoutMs,
      addressDialTimeout: limits.dialTimeoutMs,
    },
    // liveness.ts does this sooner, and without blaming others for a pause of our own.
    connectionMonitor: { enabled: false },
    connectionGater: gater,
    datastore: new BoundedRecords(limits.libp2pRecordsMax),
    peerDiscovery: [...modules.peerDiscovery],
    services: {
      identify: identify(),
      ping: ping(),
      gossip: (components: Parameters<ReturnType<typeof gossipsub>>[0]): Gossip => {
        const gossip = createGossip(components);
        if (!hasOwnMethods(gossip)) throw new TypeError('this version of gossipsub lacks methods that are used here');
        return gossip;
      },
      ...modules.services,
    },
  };
  // The optional modules are typed as the functions they are: libp2p calls each with its components.
  return (await createLibp2p(libp2pOptions as unknown as Libp2pOptions<Services>)) as SynodLibp2p;
}

type Filter = NonNullable<NonNullable<Libp2pOptions['addresses']>['announceFilter']>;

/** Circuit addresses are told, and what peers of this scope can use. */
function mayTell(scope: DiscoverySettings['scope'], address: string): boolean {
  return address.includes('/p2p-circuit') || isUsable(scope, address);
}

function hasOwnMethods(gossip: GossipSub): gossip is Gossip {
  return ['reportMessageValidationResult', 'getScore', 'decodeRpc', 'handleReceivedRpc'].every(
    (name) => name in gossip,
  );
}

/** Whether gossip can leave on this connection: gossipsub never opens a second outbound stream by itself. */
export function hasGossipStream(connection: Connection): boolean {
  return connection.streams.some(
    ({ protocol, direction, status }) =>
      protocol?.startsWith('/meshsub/') && direction === 'outbound' && status === 'open',
  );
}
