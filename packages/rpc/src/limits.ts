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
  /** Requests that can be joined: by an Idempotency-Key for ten minutes, by a stock client's own retry within one. */
  idempotencyKeysMax: 1_000,
  idempotencyKeyMs: 600_000,
  retryJoinMs: 60_000,
  /** How long a client that repeats by itself may be away before its query is ended, and how many queries wait for that. */
  retryGraceMs: 2_000,
  cancelsPendingMax: 256,
  /** Queries watched for metrics at a time. */
  observedQueriesMax: 256,
} as const;

/** The limits of one server. */
export type RpcLimits = { readonly [Name in keyof typeof defaultLimits]: number };
