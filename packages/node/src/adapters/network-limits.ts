/**
 * Every bound of the network adapter. Owns numbers only; the host's own bounds are host/limits.ts.
 */

export const NETWORK_LIMITS = {
  /** Longest direct message; a longer announced length is an offence. */
  directMessageBytesMax: 8 * 1024 * 1024,
  /** Bytes waiting for one peer; beyond it the peer cannot follow and is dropped. */
  sendBufferBytesMax: 32 * 1024 * 1024,
  /** Bytes given to a stream ahead of time; the rest waits where a more urgent message can overtake it. */
  streamBufferBytesMax: 64 * 1024,
  gossipMessageBytesMax: 8 * 1024 * 1024,
  gossipBufferBytesMax: 32 * 1024 * 1024,
  /** Inbound per peer. Direct streams are paused above it, gossip is ignored and counted against the peer. */
  messagesPerSecondMax: 2_000,
  bytesPerSecondMax: 16 * 1024 * 1024,
  /** Seconds of quiet whose allowance may be spent at once. */
  burstSeconds: 2,
  /** A score at which a peer is banned, and how it is reached and forgotten. */
  banScore: 100,
  minorPenalty: 10,
  scoreForgottenPerSecond: 1,
  banMs: 5 * 60_000,
  /** Peers remembered with a score or a ban; the oldest is forgotten first. */
  scoredPeersMax: 10_000,
  connectionsMax: 300,
  inboundConnectionsPerSecondMax: 100,
  inboundPendingMax: 100,
  /** Streams of the direct protocol on one connection, each way. */
  directStreamsMax: 4,
  dialTimeoutMs: 5_000,
  streamOpenTimeoutMs: 5_000,
  /** Wait before dialling again: doubled from the first to the last, for ever. */
  redialFirstMs: 200,
  redialLastMs: 2_000,
  /** The higher peer id of a pair leaves the dialling to the lower one for this long. */
  dialFallbackMs: 1_000,
  /** How often a new peer is looked at until gossip works with it too. */
  readyCheckMs: 20,
  /** How often streams are checked, and how long a connection may be without one before it is renewed. */
  healthCheckMs: 2_000,
  streamMissingMs: 6_000,
  heartbeatMs: 400,
} as const;

export type NetworkLimits = { readonly [name in keyof typeof NETWORK_LIMITS]: number };
