/** Every bound of the host in one place (STYLE "Limits"). Owns numbers only. */
export const limits = {
  /** From this difficulty on (in millionths) a model may phrase what it quotes; easier questions are answered by the quote. */
  fullEffortDifficulty: 250_000,
  /** Longest direct message read or written. */
  directMessageBytesMax: 8 * 1024 * 1024,
  mempoolTransactions: 5_000,
  mempoolBytes: 16 * 1024 * 1024,
  /** Of these with proofs of possession, of which a block takes 16. */
  mempoolPossessions: 64,
  /** Transactions of one gossip message. */
  gossipBatchTransactions: 50,
  gossipBatchBytes: 128 * 1024,
  /** Transactions of one peer that bring nothing and are looked at all the same: known, too late, unpaid or forged. */
  uselessPerSecond: 2_000,
  uselessBurst: 10_000,
  /** How long accepted transactions wait for company before they are gossiped. */
  gossipFlushMs: 10,
  /** Votes and proposals kept for the next height while this one is being stored, and their bytes. */
  futureMessages: 2_000,
  futureMessageBytes: 64 * 1024 * 1024,
  /** Of these of one validator. */
  futureVotesPerValidator: 64,
  futureProposalsPerValidator: 4,
  /** Votes of one validator for rounds far ahead, each of which takes the place of the one before: more than rounds pass. */
  farVotesPerSecond: 2,
  farVotesBurst: 64,
  /** Distinct blocks kept for one height. */
  candidateBlocks: 64,
  /** Keys remembered as not proving what a peer claims; an operator has two at a time. */
  keysTriedPerClaim: 4,
  /** More than the network ever connects: one that came later would not be heard, and blamed for what it says. */
  peers: 400,
  /** Experts that one peer may say it runs. */
  expertsPerPeer: 64,
  statusIntervalMs: 400,
  /** Longest time between blocks while there is nothing to do, where a node may wait at all. */
  idleIntervalMs: 8_000,
  /** How long a block that is made by hand waits for precommits of the one before that are still on their way. */
  latePrecommitMs: 5_000,
  /** How long the first block of a chain that is made by hand waits for validators that are not connected. */
  firstManualBlockMs: 30_000,
  /** Votes sent to a lagging peer for one status message. */
  catchUpVotes: 400,
  /** Blocks served for one request, and their total size. */
  syncBlocks: 64,
  syncBytes: 4 * 1024 * 1024,
  /** How long a peer may take for one request, and how long it is asked last after it took longer. */
  syncTimeoutMs: 4_000,
  syncPauseMs: 8_000,
  /** Blocks by which a node may be late and still take what is to be written: a third of the heights that a transaction may wait. */
  syncingSlackHeights: 20,
  /** Blocks asked for in one request: small enough that several peers share the work. */
  syncRangeBlocks: 20,
  /** Requests in flight at peers that have given nothing yet, while others give. */
  triedPeers: 2,
  /** Requests in flight, at all peers and at one. */
  syncFlights: 8,
  syncFlightsPerPeer: 2,
  /** Blocks asked for ahead of the one to be applied next, and the bytes of those that wait. */
  syncWindowBlocks: 1_024,
  syncWaitingBytes: 64 * 1024 * 1024,
  /** Blocks, and their transactions, applied and stored in one go while behind. */
  syncRunBlocks: 16,
  syncRunTransactions: 2_000,
  /** What one peer is served of blocks, light blocks and snapshots; the burst is also what it may ask for at once. */
  servedRequestsPerSecond: 100,
  servedRequestsBurst: 200,
  servedBytesPerSecond: 8 * 1024 * 1024,
  servedBytesBurst: 16 * 1024 * 1024,
  /** Greetings of one connection that are heard: a node that has restored a snapshot greets again. */
  greetings: 8,
  /** Statuses of one peer that are answered with what it lacks. */
  statusesPerSecond: 10,
  statusesBurst: 20,
  /** Refusals in a row, each with the time to wait, before they count as an offence. */
  servedRefusals: 32,
  /** Peers whose share is remembered, also after they left. */
  servedPeers: 800,
  /** Restoring a snapshot: how often progress is looked at; how long offers are collected; how long any offer is waited for. */
  restoreTickMs: 500,
  restoreOfferWaitMs: 1_500,
  restorePatienceMs: 10_000,
  /** Heights one peer may offer. */
  restoreOffers: 16,
  /** Chunks asked for at once, of all peers and of one; how long one may take, and how long a slow peer is left alone. */
  restoreFlights: 8,
  restoreFlightsPerPeer: 2,
  restoreTimeoutMs: 10_000,
  restorePauseMs: 8_000,
  /** How long no chunk may come before those who offered them are doubted; and before that happens the first time where others offer another snapshot. */
  restoreStallMs: 30_000,
  restoreStallFirstMs: 5_000,
  /** Heights looked at together before one is proven; how soon the next peer is asked for the same; doubts that end belief; peers doubted. */
  restoreProofs: 16,
  restoreHedgeMs: 400,
  restoreDoubtsMax: 2,
  restoreDoubted: 1_000,
  /** Longest time that a busy peer is believed to need. */
  restoreBusyMs: 30_000,
  /** How often all peers are asked for a light block that none of them has. */
  restoreLightRounds: 4,
  /** Good signatures remembered between a certificate and the block that repeats it. */
  rememberedSignatures: 4_096,
  /** Rounds start when > 2/3 of the power is connected, or after this long. */
  quorumPatienceMs: 3_000,
  /** Evidence waiting for a block, and the longest item taken: what one block may carry of it. */
  evidencePool: 64,
  evidenceBytesMax: 64 * 1024,
  /** Items told to peers at one head, and the heights after which what still waits is told again. */
  evidenceTold: 4,
  evidenceRepeatHeights: 16,
  evidencePerBlock: 4,
  /** Score items in one vote extension. */
  extensionItems: 64,
  /** Own last commits inspected for a forgotten signature (consensus §1.7). */
  ownSignatureSearchHeights: 16,
  /** A signature so many heights ago proves that this home signs; heights watched for another node where nothing does (keys §6). */
  ownSignatureRecentHeights: 60,
  doppelgangerHeights: 4,
  /** Private queries whose content this node keeps. */
  privateQueries: 512,
  /** Heights after which sealed content is sent again, and for which it still is after its query was settled. */
  sealedRepeatHeights: 3,
  sealedTailHeights: 8,
  /** Heights by which a sealed message's may differ from this node's. */
  sealedAgeHeights: 8,
  /** Sealed messages of queries that this node has not seen selected yet. */
  sealedEarly: 16,
  /** Bytes by which a sealed body may be longer than what the chain lets it hold: salt, lengths and tag. */
  sealedOverheadBytes: 256,
  /** Heights before their deadline up to which scorers wait for answers that are missing. */
  sealedPatienceHeights: 3,
  /** Queries this node works on at once. */
  activeQueries: 64,
  /** Recipes and adapters looked for at once, kept in mind, and asked for at once: of all, and of one of them. */
  recipeSearches: 256,
  recipesKnown: 1_024,
  recipeFlights: 16,
  recipeFlightsPerSearch: 3,
  /** How long a peer may take for one before others are asked, and how long a round over all peers rests before the next. */
  recipeTimeoutMs: 4_000,
  recipePauseMs: 2_000,
  /** Rounds over all peers before the search for what no query waits for ends. */
  recipeRounds: 8,
  /** A verifier still without recipe so many heights before the scores are due says that there is none. */
  recipeMarginHeights: 4,
  /** Longest adapter that is fetched or served. */
  adapterBytesMax: 1 << 20,
  /** Knowledge bundles that a judge wants: of one domain, and of all. */
  knowledgePerDomain: 8,
  knowledgeWanted: 64,
  /** Of these asked for at once, and of how many peers one; how long a peer may take. */
  knowledgeFlights: 4,
  knowledgeFlightsPerSearch: 2,
  knowledgeTimeoutMs: 10_000,
  /** Heights after which a bundle that nobody had is looked for again. */
  knowledgeRetryHeights: 64,
  /** A judge opens as many as it wants at once, and in the long run one in so many heights: each costs up to 0.6 s of processor time. */
  knowledgeOpenHeights: 4,
  /** Heights between two folders of one domain: a worker opens each anew, which takes seconds where it is large. */
  knowledgeJoinHeights: 16,
  /** Heights that a score waits for knowledge that is being fetched; never more than a quarter of its window. */
  knowledgePatienceHeights: 4,
  /** Blobs fetched at once, of these in advance of any attestation that waits; chunks asked for at once, of all peers and of one. */
  blobFetches: 8,
  blobBackgroundFetches: 4,
  blobFlights: 32,
  blobFlightsPerPeer: 4,
  /** How long a peer may take for a chunk, how long a blob rests that nobody has, or that is being written. */
  blobTimeoutMs: 4_000,
  blobPauseMs: 1_000,
  blobWriteMs: 10_000,
  /** Longest time that a busy peer is believed to need. */
  blobBusyMs: 10_000,
  /** Rounds over all peers before a blob that no attestation waits for is left until the next search, so many heights later. */
  blobRounds: 8,
  blobSearchHeights: 256,
  /** Blobs looked for in the background; records looked at for one head; blobs read and judged for one head. */
  blobsWanted: 256,
  blobRecordsPerHead: 256,
  blobChecksPerHead: 16,
  /** Hashes of a chunk's audit path: enough for 64 GiB. */
  blobPathMax: 20,
  /** Blobs of which chunks were served last: read from disk once. */
  blobsServed: 4,
  /** Jobs that wait for the learner. */
  learnerTasks: 64,
  /** Feedback of earlier rounds that one job is given, and the newest among which it is looked for. */
  earlierExamples: 256,
  earlierSearched: 1_024,
  /** A worker job is given again after it failed, this often. */
  jobAttempts: 3,
} as const;
