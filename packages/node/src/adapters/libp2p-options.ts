/**
 * How libp2p is set up: transports, limits, gossip. Owns options only. Gossip is unsigned with content ids, because
 * verifying every received copy of a message is what limits it; payloads are verified once, before they are passed on.
 */

import { createHash } from 'node:crypto';
import { type GossipSub, type GossipsubOpts, gossipsub } from '@chainsafe/libp2p-gossipsub';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { type Identify, identify } from '@libp2p/identify';
import type { Connection, PrivateKey } from '@libp2p/interface';
import { type Ping, ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { createLibp2p, type Libp2p } from 'libp2p';
import type { GossipTopic, GossipVerdict, PeerId } from '../host/ports.ts';
import type { NetworkLimits } from './network-limits.ts';

export const GOSSIP_TOPICS: readonly GossipTopic[] = ['transactions', 'proposals', 'votes'];

const MESSAGE_ID_BYTES = 20;

/** What gossipsub offers beyond its published interface, and this adapter uses. */
export type Gossip = GossipSub & {
  reportMessageValidationResult(messageId: string, from: PeerId, verdict: GossipVerdict): void;
};

export type SynodLibp2p = Libp2p<{ identify: Identify; ping: Ping; gossip: Gossip }>;

/** A libp2p node that has not started. `isBanned` closes the door on a peer before it costs anything. */
export async function createNode(options: {
  readonly privateKey: PrivateKey;
  readonly listen: string;
  readonly topics: readonly string[];
  readonly limits: NetworkLimits;
  isBanned(peer: PeerId): boolean;
}): Promise<SynodLibp2p> {
  const { privateKey, listen, topics, limits, isBanned } = options;
  const createGossip = gossipsub(gossipOptions(topics, limits));
  return await createLibp2p({
    start: false,
    privateKey,
    nodeInfo: { name: 'synod' },
    addresses: { listen: [listen] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: limits.connectionsMax,
      inboundConnectionThreshold: limits.inboundConnectionsPerSecondMax,
      maxIncomingPendingConnections: limits.inboundPendingMax,
      dialTimeout: limits.dialTimeoutMs,
    },
    connectionGater: {
      denyDialPeer: (peer) => isBanned(peer.toString()),
      denyInboundEncryptedConnection: (peer) => isBanned(peer.toString()),
    },
    services: {
      identify: identify(),
      ping: ping(),
      gossip: (components: Parameters<ReturnType<typeof gossipsub>>[0]): Gossip => {
        const gossip = createGossip(components);
        if (!hasReport(gossip)) throw new TypeError('this version of gossipsub cannot report validation results');
        return gossip;
      },
    },
  });
}

function hasReport(gossip: GossipSub): gossip is Gossip {
  return 'reportMessageValidationResult' in gossip;
}

/** Degrees for 4 to 100 nodes: up to nine nodes everybody is everybody's neighbour. */
function gossipOptions(topics: readonly string[], limits: NetworkLimits): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ data }) => createHash('sha256').update(data).digest().subarray(0, MESSAGE_ID_BYTES),
    msgIdToStrFn: (id) => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('base64'),
    asyncValidation: true,
    batchPublish: true,
    emitSelf: false,
    floodPublish: false,
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    allowedTopics: [...topics],
    D: 8,
    Dlo: 5,
    Dhi: 12,
    Dout: 2,
    Dscore: 4,
    Dlazy: 6,
    heartbeatInterval: limits.heartbeatMs,
    // With a short heartbeat the windows of memory must have more of them to span the same time.
    mcacheLength: 12,
    mcacheGossip: 6,
    maxInboundDataLength: limits.gossipMessageBytesMax,
    maxOutboundBufferSize: limits.gossipBufferBytesMax,
    decodeRpcLimits: {
      maxSubscriptions: 64,
      maxMessages: 5_000,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 1_000,
      maxPeerInfos: 16,
    },
    scoreParams: {
      // Many honest nodes may share one machine or one address.
      IPColocationFactorWeight: 0,
      behaviourPenaltyWeight: -1,
      behaviourPenaltyThreshold: 6,
      topics: Object.fromEntries(topics.map((topic) => [topic, topicScore])),
    },
  };
}

/** Only rejected messages count: a quiet topic or a slow neighbour is no offence. */
const topicScore = {
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.01,
  firstMessageDeliveriesDecay: 0.9,
  firstMessageDeliveriesCap: 200,
  meshMessageDeliveriesWeight: 0,
  meshMessageDeliveriesDecay: 0.5,
  meshMessageDeliveriesCap: 10,
  meshMessageDeliveriesThreshold: 1,
  meshMessageDeliveriesWindow: 10,
  meshMessageDeliveriesActivation: 5_000,
  meshFailurePenaltyWeight: 0,
  meshFailurePenaltyDecay: 0.5,
  invalidMessageDeliveriesWeight: -2,
  invalidMessageDeliveriesDecay: 0.9,
};

/** Whether gossip can leave on this connection: gossipsub never opens a second outbound stream by itself. */
export function hasGossipStream(connection: Connection): boolean {
  return connection.streams.some(
    ({ protocol, direction, status }) =>
      protocol?.startsWith('/meshsub/') && direction === 'outbound' && status === 'open',
  );
}
