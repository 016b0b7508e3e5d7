/**
 * Every bound of the network adapter. Owns numbers only; the host's own bounds are host/limits.ts.
 */

export const NETWORK_LIMITS = {
  /** Longest direct message; a longer announced length is an offence. */
  directMessageBytesMax: 8 * 1024 * 1024,
  /** Bytes waiting for one peer; beyond it the peer cannot follow and is dropped. */
  sendBufferBytesMax: 32 * 1024 * 1024,
  /** Bytes of messages begun and not finished, of all peers together; beyond it the peer with most of them is dropped. */
  unfinishedBytesMax: 256 * 1024 * 1024,
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
  /** The first ban; each further one is twice as long, up to the last. */
  banMs: 5 * 60_000,
  banMsMax: 24 * 3_600_000,
  /** Points for the address a banned peer came from: at `banScore`, nobody is let in from there for a while. Three bans in half an hour do. */
  addressPenalty: 40,
  addressForgottenPerSecond: 0.01,
  /** Peers remembered with a score or a ban; the oldest is forgotten first. */
  scoredPeersMax: 10_000,
  /** Bans kept on disk; those that end first are left out. */
  storedBansMax: 2_000,

  /** Both directions together; protected peers may come on top of the inbound part. */
  connectionsMax: 300,
  inboundConnectionsMax: 200,
  connectionsPerPeerMax: 2,
  /** Kept when all inbound places are taken, besides the longest half of the rest: peers of one validator, net groups, bringers of news. */
  keptPerValidator: 2,
  keptGroups: 4,
  keptForConsensus: 8,
  keptForTransactions: 4,
  /** Inbound, from one IP address; loopback is exempt on a loopback network, where all come from one. */
  inboundPerAddressMax: 16,
  /** Per address and second, before the handshake. */
  inboundConnectionsPerSecondMax: 100,
  /** Connections whose handshake is not done yet, and how long it may take. */
  inboundPendingMax: 100,
  /** Of these from one IP address; loopback is exempt as above. */
  inboundPendingPerAddressMax: 8,
  inboundHandshakeMs: 5_000,
  /** Streams of the direct protocol on one connection, each way. */
  directStreamsMax: 4,
  gossipStreamsMax: 4,
  dhtStreamsMax: 16,
  /** Streams of all protocols on one connection, each way. */
  streamsPerConnectionMax: 128,
  streamOpenTimeoutMs: 5_000,

  /** One attempt with handshake, and its part until TCP answers: a silent address is soon tried anew. */
  dialTimeoutMs: 5_000,
  connectTimeoutMs: 1_500,
  dialsParallelMax: 16,
  dialQueueMax: 128,
  /** Wait before dialling an address again that was given: doubled from the first to the last, for ever. */
  redialFirstMs: 200,
  redialLastMs: 500,
  /** The higher peer id of a pair leaves the dialling to the lower one for this long. */
  dialFallbackMs: 250,
  /** An inbound connection beside one older than this: the peer has lost the old one. */
  simultaneousDialMs: 3_000,

  /** Peers are looked for below this many connections. */
  connectionsTarget: 24,
  /** And below this many that this node chose itself: whoever connects to it could be all of one mind. */
  outboundTarget: 12,
  finderCheckMs: 500,
  finderDialsMax: 8,
  /** Wait before dialling a peer of the address book again: doubled from the first to the last. */
  findAgainFirstMs: 2_000,
  findAgainLastMs: 10 * 60_000,
  /** Random walks in the table of peers while more are wanted: doubled from the first to the last. */
  walkFirstMs: 1_000,
  walkLastMs: 60_000,
  walkTimeoutMs: 10_000,
  /** After so long without any peer, and then as often, the log says what to check. */
  alonePatienceMs: 10_000,
  aloneAgainMs: 60_000,

  knownPeersMax: 1_000,
  addressesPerPeerMax: 8,
  /** Peers with addresses in one /16 (IPv4) or /32 (IPv6), so that one owner of addresses cannot fill the book. */
  knownPeersPerGroupMax: 64,
  /** Failures in a row after which a peer that was reached once gives its place to a stranger: some minutes of waiting. */
  reachedFailuresMax: 8,
  /** Nobody reached after so many attempts is forgotten, unless the operator named it. */
  attemptsInVainMax: 20,
  /** Changes of the address book are written together. */
  addressBookSaveMs: 5_000,
  storedFileBytesMax: 4 * 1024 * 1024,
  /** Peers that libp2p itself remembers. */
  libp2pRecordsMax: 4_096,

  /** A peer that says nothing is asked for a sign of life, and taken for gone after so many looks in vain. */
  livenessCheckMs: 500,
  silentChecksBeforePing: 2,
  silentChecksMax: 6,
  /** How often a new peer is looked at until gossip works with it too. */
  readyCheckMs: 20,
  /**
   * How often streams and scores are checked, and how long a connection may be without a stream before it is renewed:
   * twice as long each time it did not help, because the machine may be slow.
   */
  healthCheckMs: 500,
  streamMissingFirstMs: 2_500,
  streamMissingLastMs: 12_000,

  /** Gossipsub: what it remembers of a peer that left, and scores below which it is not gossiped to, published to, heard. */
  gossipScoreKeptMs: 10 * 60_000,
  gossipThreshold: -10,
  publishThreshold: -50,
  graylistThreshold: -80,
  /** Identical bytes are dropped for so long. */
  gossipSeenMs: 120_000,
  heartbeatMs: 400,
} as const;

export type NetworkLimits = { readonly [name in keyof typeof NETWORK_LIMITS]: number };
