/**
 * How gossipsub is set up: degrees, memory, bounds and what it scores peers by. Gossip is unsigned with content ids,
 * because verifying every received copy of a message is what limits it; payloads are verified once, before they are
 * passed on. What a rejected message costs beyond the score is peer-conduct.ts.
 */
import { createHash } from 'node:crypto';
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub';
import type { AddressScope } from './address-rules.ts';
import type { NetworkLimits } from './network-limits.ts';

const MESSAGE_ID_BYTES = 20;

/** Degrees for 4 to 100 nodes: up to nine nodes everybody is everybody's neighbour. */
export function gossipOptions(
  topics: readonly string[],
  limits: NetworkLimits,
  scope: AddressScope,
): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: ({ data }) => createHash('sha256').update(data).digest().subarray(0, MESSAGE_ID_BYTES),
    msgIdToStrFn: (id) => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('base64'),
    asyncValidation: true,
    batchPublish: true,
    emitSelf: false,
    floodPublish: false,
    fallbackToFloodsub: false,
    doPX: false,
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
    seenTTL: limits.gossipSeenMs,
    maxInboundStreams: limits.gossipStreamsMax,
    maxOutboundStreams: limits.gossipStreamsMax,
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
    scoreThresholds: {
      gossipThreshold: limits.gossipThreshold,
      publishThreshold: limits.publishThreshold,
      graylistThreshold: limits.graylistThreshold,
    },
    scoreParams: {
      // On a loopback network all nodes share one address.
      IPColocationFactorWeight: scope === 'loopback' ? 0 : -5,
      IPColocationFactorThreshold: limits.inboundPerAddressMax,
      behaviourPenaltyWeight: -1,
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.9,
      retainScore: limits.gossipScoreKeptMs,
      topics: Object.fromEntries(topics.map((topic) => [topic, topicScore(topic)])),
    },
  };
}

/**
 * Only rejected messages count against a peer, by the square of their number. Too few deliveries do not: in a network of a
 * few nodes a topic is quiet, and a slow neighbour is no offender. A lie in a proposal or vote weighs more than a
 * transaction that does not pass, which may have been overtaken by a block.
 */
function topicScore(topic: string) {
  return {
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
    invalidMessageDeliveriesWeight: topic.includes('/transactions/') ? -1 : -2,
    invalidMessageDeliveriesDecay: 0.9,
  };
}
