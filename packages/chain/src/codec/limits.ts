/**
 * Structural maxima of the codec (spec: codec §5): what can be encoded at all. Deliberately generous; the tighter bounds
 * that blocks must keep are chain parameters.
 */

/** Counts are list elements; names ending in `Bytes` are bytes of the encoded value or of the UTF-8 text. */
export const codecLimits = {
  blockBytes: 4 * 1024 * 1024,
  transactionBytes: 512 * 1024,
  extensionBytes: 256 * 1024,
  answerBytes: 384 * 1024,
  evidenceBytes: 2 * 1024 * 1024,
  headerBytes: 1024,
  /** A vote carries one extension. */
  voteBytes: 258 * 1024,
  proposalBytes: 1024,
  receiptBytes: 32 * 1024 * 1024,
  blockResultsBytes: 64 * 1024 * 1024,
  transactionResultBytes: 256,
  queryStateBytes: 32 * 1024 * 1024,
  /** Accounts, parameters, experts, reputation: small records. */
  recordBytes: 4096,
  validatorRecordBytes: 1024 * 1024,
  listBytes: 8 * 1024 * 1024,

  transactionsPerBlock: 32_768,
  evidencePerBlock: 64,
  validators: 4096,
  extensionItems: 4096,
  /** Also the number of answer groups and of respondents. */
  respondents: 256,
  /** Experts that a query is drawn from. */
  candidates: 1024,
  /** Domains whose load is kept. */
  domains: 8192,
  /** Rounds of one query. */
  rounds: 64,
  /** Ways to say the right answer of a calibration, and bytes of one. */
  goldTexts: 64,
  goldTextBytes: 4096,
  /** Trainers and items of one round; blobs that wait, and those that one extension attests. */
  trainers: 64,
  roundItems: 1024,
  pendingBlobs: 1024,
  attestations: 256,
  receiptsPerBlock: 8192,
  /** Scores of one receipt: respondents × scorers, in the worst case the byte limit admits. */
  receiptScores: 262_144,
  /** Pairs of scorer and expert in one epoch. */
  rewardPairs: 65_536,
  segments: 1024,
  tokens: 65_536,
  proofHashes: 64,
  hashes: 131_072,
  addresses: 131_072,

  chainIdBytes: 64,
  nameBytes: 64,
  domainBytes: 64,
  modelNameBytes: 128,
  promptBytes: 256 * 1024,
  segmentTextBytes: 256 * 1024,
  sourceBytes: 2048,
  /** Unbonding entries or redelegations of one delegator in one pool. */
  stakeEntries: 1024,
  /** Delegators with stake that matures at one height, pool by pool. */
  maturing: 131_072,
  /** A bit a height of `downtimeWindow`. */
  missedBytes: 16_384,
  /** Heights at which a validator set began. */
  setHeights: 131_072,

  /** Title and changes of a proposal. */
  titleBytes: 256,
  paramChanges: 64,

  codeBytes: 64,
} as const;
