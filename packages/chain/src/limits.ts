/**
 * Bounds of the chain that are part of the protocol version and not of the parameters. Owns numbers only.
 */

/** Every bound the state transition relies on; changing one is a new protocol version. */
export const CHAIN_LIMITS = {
  /** Heights that a transaction's `validUntil` may lie ahead (spec: state §3). */
  validUntilAheadMax: 128,
  /** Heights a settled query stays in state (spec: market §7). */
  settledHeightsKept: 128,
  /** Queries that may be open at once; a further `query.open` fails with `OPEN_QUERIES_FULL`. */
  openQueriesMax: 256,
  /** Experts of one domain. */
  expertsPerDomainMax: 256,
  /** Beacons kept in state, the present one included. */
  beaconsKept: 8,
  /** Evidence items in one block. */
  evidencePerBlockMax: 16,
  /** Bytes of the evidence in one block: what bounds the signatures to verify, some 700. */
  evidenceBytesPerBlockMax: 64 * 1024,
  /** `validator.create` and `validator.rotate` in one block: each may cost a proof's verification, some 3 ms, and fail for a small fee. */
  possessionsPerBlockMax: 16,
  /** Validators of a set. */
  validatorsMax: 256,
  /** Heights for which a set is remembered at least. */
  setHeightsKept: 1024,
  /** Pools that may be taken into the set, and pools that wait for one of these seats. */
  candidatesMax: 1024,
  benchMax: 64,
  /** Unbonding entries, and redelegations, that one delegator has in one pool: nobody's fill anybody else's. */
  stakeEntriesMax: 64,
  /** Entries that end with one block: those that one block could make, and several times as many for votes that shorten the time. */
  maturingMax: 131_072,
  /** Heights within which queued changes of the set are all made, unless power moves by more than a factor of 10⁷. */
  updateHeightsMax: 64,
  /** Total voting power, so that priorities and quorums stay far from 2⁶³. */
  totalPowerMax: 1n << 60n,
  /** Proposals that are voted on or have passed and wait; their changes, and the bytes of a title in UTF-8. */
  openProposalsMax: 16,
  /** Pools that find a place for a proposal of theirs beside these. */
  largestPoolsMax: 16,
  paramChangesMax: 16,
  titleBytesMax: 128,
  /** Votes kept on one proposal: more than there are seats. When they are full, those without a seat go. */
  votesPerProposalMax: 4096,
  /** Rounds of one height before the proposer order repeats. */
  rotationRoundsMax: 1024,
  /** Heights for which a failed turn down-weights its proposer at most: eight turns of one among 125 equals. */
  failedTurnHeights: 1000,
  /** Answers an expert may say it works on side by side. */
  capacityMax: 1024,
  /** Experts that one epoch pays, and epochs kept for explanations. */
  rewardedExpertsMax: 256,
  epochsKept: 8,
  /** Domains whose load is followed; in any further one prices stand still. */
  loadedDomainsMax: 4096,
  /** Heights for which one answer is taken to occupy one unit of capacity, where load is reckoned. */
  assignmentHeights: 8,
  /** Ways to say the right answer of a calibration. */
  goldTextsMax: 16,
  /** Feedback and trainers of one round. */
  roundItemsMax: 256,
  trainersMax: 32,
  /** Domains that learn, feedback that waits for a round in one of them, and blobs of a kind that wait for attestation. */
  learningDomainsMax: 256,
  waitingFeedbackMax: 1024,
  pendingBlobsMax: 512,
  /** Versions of one line that an epoch pays for, the newest. */
  lineageVersionsMax: 64,
  /** Blobs that one extension attests. */
  attestationsMax: 64,
  /** Bytes of a blob's chunks, the last one excepted. */
  chunkBytes: 65_536,
  /** Segments of one answer. */
  segmentsMax: 64,
  /** Tokens of one generated segment. */
  tokensPerSegmentMax: 4096,
  /** Bytes of a model's name in UTF-8. */
  modelNameBytesMax: 96,
  /** Characters of a name, a domain, a chain id. */
  nameCharactersMax: 48,
  /** Shortest windows, in heights: an item needs one block to be sent and, for scores, one more to be carried. */
  answerWindowMin: 2,
  revealWindowMin: 2,
  scoreWindowMin: 4,
  scoreRevealWindowMin: 4,
  /** Heights after settlement for which a reveal may still arrive; an honest one needs two. */
  lateRevealHeights: 8,
  /** Largest amount of money that can exist, 2⁶⁴ − 1 nano. */
  amountMax: (1n << 64n) - 1n,
} as const;
