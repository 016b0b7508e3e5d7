/** Every bound of the host in one place (STYLE "Limits"). Owns numbers only. */
export const limits = {
  /** Longest direct message read or written. */
  directMessageBytesMax: 8 * 1024 * 1024,
  mempoolTransactions: 5_000,
  mempoolBytes: 16 * 1024 * 1024,
  /** Transactions of one gossip message. */
  gossipBatchTransactions: 50,
  gossipBatchBytes: 128 * 1024,
  /** How long accepted transactions wait for company before they are gossiped. */
  gossipFlushMs: 10,
  /** Votes and proposals kept for the next height while this one is being stored. */
  futureMessages: 2_000,
  /** Distinct blocks kept for one height. */
  candidateBlocks: 64,
  peers: 200,
  statusIntervalMs: 400,
  /** Votes sent to a lagging peer for one status message. */
  catchUpVotes: 400,
  /** Blocks served for one request, and their total size. */
  syncBlocks: 64,
  syncBytes: 4 * 1024 * 1024,
  syncTimeoutMs: 2_000,
  /** Rounds start when > 2/3 of the power is connected, or after this long. */
  quorumPatienceMs: 3_000,
  /** Own validators' evidence waiting for a block. */
  evidencePool: 64,
  evidencePerBlock: 4,
  /** Score items in one vote extension. */
  extensionItems: 64,
  /** Own last commits inspected for a forgotten signature (consensus §1.7). */
  ownSignatureSearchHeights: 16,
  /** Queries this node works on at once. */
  activeQueries: 64,
  /** A worker job is given again after it failed, this often. */
  jobAttempts: 3,
} as const;
