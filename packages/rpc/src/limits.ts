/**
 * The named maxima of the RPC surface. Owns the numbers and nothing else.
 */

/** Every queue, cache, message and connection of the server has its maximum here; all can be overridden per server. */
export const defaultLimits = {
  /** Largest request body and WebSocket message. */
  bodyBytesMax: 1_048_576,
  /** Requests in one JSON-RPC batch. */
  batchItemsMax: 100,
  /** Serialized bytes of one batch's answers; what would pass it is answered with an error instead. */
  batchResponseBytesMax: 10_485_760,
  /** Requests of one address that are answered a second, and at once after a pause; each item of a batch is one. */
  requestsPerSecond: 200,
  requestBurst: 2_000,
  /** The same for all of this machine together. */
  loopbackRequestsPerSecond: 50_000,
  loopbackRequestBurst: 100_000,
  /** Addresses whose rates are remembered. */
  rateAddressesMax: 4_096,
  /** Requests of one batch that run at a time. */
  batchConcurrency: 8,
  /** Open sockets; further ones are closed at once. */
  connectionsMax: 1_024,
  /** The same on the admin listener. */
  adminConnectionsMax: 32,
  /** Time in which a whole request must have arrived. */
  requestReceiveMs: 30_000,
  /** Items of one page of a list. */
  pageItemsMax: 100,
  /** Items of a page when the caller names no limit. */
  pageItemsDefault: 30,
  /** Headers of one page: about 600 bytes each. */
  headersPerPageMax: 1_024,
  /** Longest `timeoutMs` of tx_submit. */
  submitTimeoutMsMax: 60_000,
  subscriptionsPerConnectionMax: 100,
  /** Bytes waiting in a WebSocket before its subscriptions are dropped as lagging. */
  websocketBufferBytesMax: 4_194_304,
  /** The same for all sockets together: each has its part of it. */
  websocketBufferBytesTotal: 67_108_864,
  /** Bytes of unread answers with which a WebSocket that asks on is cut. */
  websocketAnswerBytesMax: 16_777_216,
  websocketPingMs: 15_000,
  /** Unanswered messages of one WebSocket; further ones are refused. */
  websocketPendingMax: 100,
  /** Chat completions and event streams followed at a time, together. */
  followersMax: 256,
  /** Longest wait for the first complete answer of a query. */
  answerWaitMs: 180_000,
  /** Longest wait for the final receipt once the answer is complete. */
  finalityWaitMs: 20_000,
  /** Longest event stream before, and again after, the first complete answer; a client connects again to go on. */
  eventStreamMs: 600_000,
  /** Silence after which an event stream gets a comment line. */
  keepAliveMs: 5_000,
  idempotencyKeysMax: 1_000,
  idempotencyKeyMs: 600_000,
  /** Queries watched for metrics at a time. */
  observedQueriesMax: 256,
} as const;

/** The limits of one server. */
export type RpcLimits = { readonly [Name in keyof typeof defaultLimits]: number };
