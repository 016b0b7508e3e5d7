/** fast-check arbitraries of every encodable type, over its whole range. Owns sizes small enough to run often. */
import fc from 'fast-check';
import type * as t from '../../src/types/index.ts';
import {
  address,
  amount,
  bytes,
  hash,
  height,
  list,
  nullable,
  power,
  ppm,
  publicKey,
  record,
  round,
  shortBytes,
  text,
  u32,
} from './arbitrary-values.ts';
import { learningItem, learningParams, learningPayload } from './learning-arbitraries.ts';

export { address, amount, bytes, hash };

const expertProfile: fc.Arbitrary<t.ExpertProfile> = record({
  name: text(64),
  operator: address,
  domain: text(64),
  modelId: hash,
  modelName: text(128),
  knowledgeRoot: hash,
  knowledgeSize: u32,
  priceInPerByte: amount,
  priceOutPerByte: amount,
  priceQuotePerByte: amount,
  capacity: u32,
});

const contract: fc.Arbitrary<t.QueryContract> = record({
  prompt: text(400),
  privacy: nullable(record({ promptHash: hash, promptBytes: u32 })),
  domain: text(64),
  expert: nullable(address),
  coordinator: address,
  respondents: u32,
  rounds: u32,
  maxFee: amount,
  threshold: ppm,
  basePart: ppm,
  difficulty: ppm,
  scorerShare: ppm,
  coordinatorShare: ppm,
  seal: hash,
  answerWindow: u32,
  revealWindow: u32,
  scoreWindow: u32,
  scoreRevealWindow: u32,
});

const segment: fc.Arbitrary<t.Segment> = fc.oneof(
  record({
    kind: fc.constant('generated' as const),
    text: text(200),
    tokens: list(u32),
    logProbabilities: list(fc.nat({ max: 65_535 })),
  }),
  record({ kind: fc.constant('quote' as const), text: text(200), source: text(80), index: u32, proof: list(hash) }),
  record({
    kind: fc.constant('sealed' as const),
    text: fc.constant('' as const),
    hash,
    content: hash,
    generatedBytes: u32,
    quotedBytes: u32,
  }),
);

export const answer: fc.Arbitrary<t.Answer> = record({
  segments: list(segment),
  modelId: hash,
  promptTokens: u32,
  answerTokens: u32,
});

const paramChanges: fc.Arbitrary<t.ParamChange[]> = list(record({ name: text(64), value: amount }));

const voteChoice = fc.constantFrom<t.VoteChoice>('yes', 'no', 'abstain');

const consent = nullable(record({ publicKey, signature: bytes(64) }));

const payload: fc.Arbitrary<t.Payload> = fc.oneof(
  record({ type: fc.constant('transfer' as const), to: address, amount }),
  record({ type: fc.constant('expert.register' as const), expert: expertProfile, bond: amount, consent }),
  record({ type: fc.constant('query.open' as const), contract }),
  record({ type: fc.constant('answer.commit' as const), queryId: hash, commitment: hash }),
  record({ type: fc.constant('answer.reveal' as const), queryId: hash, salt: bytes(32), answer }),
  record({
    type: fc.constant('validator.create' as const),
    publicKey,
    vrfKey: publicKey,
    commission: ppm,
    bond: amount,
    keyProof: bytes(64),
    vrfProof: bytes(80),
  }),
  record({
    type: fc.constant('validator.rotate' as const),
    publicKey,
    vrfKey: publicKey,
    keyProof: bytes(64),
    vrfProof: bytes(80),
  }),
  record({ type: fc.constant('validator.edit' as const), commission: ppm }),
  record({ type: fc.constantFrom('validator.exit' as const, 'validator.unjail' as const), validator: address }),
  record({ type: fc.constantFrom('delegate' as const, 'undelegate' as const), validator: address, amount }),
  record({ type: fc.constant('redelegate' as const), from: address, to: address, amount }),
  record({ type: fc.constant('params.propose' as const), title: text(128), changes: paramChanges, deposit: amount }),
  record({ type: fc.constant('params.vote' as const), proposal: hash, choice: voteChoice }),
  record({ type: fc.constant('expert.update' as const), expert: expertProfile }),
  record({ type: fc.constant('expert.pause' as const), paused: fc.boolean() }),
  record({ type: fc.constant('expert.retire' as const), expert: address }),
  record({ type: fc.constant('query.cancel' as const), queryId: hash }),
  record({
    type: fc.constant('query.disclose' as const),
    queryId: hash,
    prompt: text(200),
    salt: bytes(32),
    answers: list(record({ respondent: u32, answer })),
  }),
  record({ type: fc.constant('calibration.reveal' as const), queryId: hash, salt: bytes(32), gold: list(text(80)) }),
  learningPayload,
);

export const transactionBody: fc.Arbitrary<t.TransactionBody> = record({
  chainId: text(64),
  sender: publicKey,
  salt: bytes(16),
  validUntil: height,
  maxBaseFeePerByte: amount,
  tip: amount,
  payload,
});

export const paramsProposal: fc.Arbitrary<t.ParamsProposal> = record({
  id: hash,
  proposer: address,
  title: text(128),
  changes: paramChanges,
  deposit: amount,
  openedAt: height,
  votingEndsAt: height,
  phase: fc.constantFrom('voting' as const, 'passed' as const),
  votes: list(record({ validator: address, choice: voteChoice })),
});

export const transaction: fc.Arbitrary<t.Transaction> = record({ body: transactionBody, signature: bytes(64) });

export const header: fc.Arbitrary<t.Header> = record({
  protocolVersion: u32,
  chainId: text(64),
  height,
  time: height,
  lastBlockId: hash,
  lastCommitRoot: hash,
  extensionsRoot: hash,
  validatorsHash: hash,
  nextValidatorsHash: hash,
  paramsHash: hash,
  stateRoot: hash,
  resultsRoot: hash,
  transactionsRoot: hash,
  evidenceRoot: hash,
  beaconProof: bytes(80),
  proposer: address,
});

export const commitPrecommit: fc.Arbitrary<t.CommitPrecommit> = record({
  validator: u32,
  signature: bytes(64),
  extension: shortBytes,
  extensionSignature: bytes(64),
});

export const extendedCommit: fc.Arbitrary<t.ExtendedCommit> = record({
  height,
  round,
  blockId: hash,
  precommits: list(commitPrecommit),
});

export const vote: fc.Arbitrary<t.Vote> = record({
  type: fc.constantFrom<t.VoteType>('prevote', 'precommit'),
  height,
  round,
  blockId: nullable(hash),
  validator: address,
  signature: bytes(64),
  extension: nullable(record({ bytes: shortBytes, signature: bytes(64) })),
});

export const proposal: fc.Arbitrary<t.Proposal> = record({
  height,
  round,
  polRound: fc.integer({ min: -1, max: 2 ** 32 - 2 }),
  blockId: hash,
  proposer: address,
  signature: bytes(64),
});

export const groupScores: fc.Arbitrary<t.GroupScore[]> = list(record({ group: u32, score: ppm }));

export const groupChecks: fc.Arbitrary<t.GroupCheck[]> = list(
  record({
    group: u32,
    verdict: fc.constantFrom<t.CheckVerdict>('match', 'mismatch', 'error', 'unavailable'),
    distanceMilli: u32,
  }),
);

export const scoreContent = record({ scores: groupScores, checks: groupChecks });

export const voteExtension: fc.Arbitrary<t.VoteExtension> = record({
  items: list(
    fc.oneof(
      record({ kind: fc.constant('score.commit' as const), queryId: hash, commitment: hash }),
      record({
        kind: fc.constant('score.reveal' as const),
        queryId: hash,
        salt: bytes(32),
        scores: groupScores,
        checks: groupChecks,
      }),
      learningItem,
    ),
  ),
});

const signedHeader: fc.Arbitrary<t.SignedHeader> = record({
  header,
  round,
  signatures: list(record({ validator: address, signature: bytes(64) })),
});

export const evidence: fc.Arbitrary<t.Evidence> = fc.oneof(
  record({ kind: fc.constant('duplicate.vote' as const), first: vote, second: vote }),
  record({ kind: fc.constant('duplicate.proposal' as const), first: proposal, second: proposal }),
  record({
    kind: fc.constant('light.attack' as const),
    commonHeight: height,
    trusted: signedHeader,
    conflicting: signedHeader,
  }),
);

export const block: fc.Arbitrary<t.Block> = record({
  header,
  transactions: list(transaction),
  lastCommit: nullable(extendedCommit),
  evidence: list(evidence),
});

const timeouts: fc.Arbitrary<t.TimeoutParams> = record({
  proposeMs: u32,
  proposeDeltaMs: u32,
  prevoteMs: u32,
  prevoteDeltaMs: u32,
  precommitMs: u32,
  precommitDeltaMs: u32,
  blockIntervalMs: u32,
});

const stakingParams: fc.Arbitrary<t.StakingParams> = record({
  epochHeights: u32,
  evidenceAgeHeights: u32,
  evidenceAgeMs: u32,
  trustingPeriodMs: u32,
  unbondingHeights: u32,
  selfBondMin: amount,
  delegationMin: amount,
  commissionStepMax: ppm,
  doubleSignSlash: ppm,
  downtimeSlash: ppm,
  revealMismatchSlash: ppm,
  downtimeWindow: u32,
  downtimeMissedMax: u32,
  jailHeights: u32,
});

export const chainParams: fc.Arbitrary<t.ChainParams> = record({
  blockBytesMax: u32,
  transactionBytesMax: u32,
  extensionBytesMax: u32,
  promptBytesMax: u32,
  answerBytesMax: u32,
  respondentsMax: u32,
  windowMax: u32,
  expertBondMin: amount,
  baseFeePerByteMin: amount,
  blockBytesTarget: u32,
  thresholdMax: ppm,
  basePartMin: ppm,
  reputationForgetting: ppm,
  absenceHeights: u32,
  timeouts,
  clockDriftMsMax: u32,
  staking: stakingParams,
  voting: record({ depositMin: amount, votingHeights: u32, quorum: ppm }),
  market: record({
    roundsMax: u32,
    sharesMax: ppm,
    cancelGrace: u32,
    expertReleaseHeights: u32,
    sharpness: u32,
    exploration: u32,
    breakerFailures: u32,
    breakerHeights: u32,
    breakerHeightsMax: u32,
    idleHeights: u32,
    idleForgetting: ppm,
    loadTarget: ppm,
    scorersMax: u32,
    verificationShare: ppm,
    verifiers: u32,
    substitutionSlash: ppm,
    calibrationHeights: u32,
    calibrationsMax: u32,
    epochEmission: amount,
    rewardRatio: u32,
    kappa: ppm,
    bondAlphaLow: ppm,
    bondAlphaHigh: ppm,
    bondSteepness: u32,
  }),
  learning: learningParams,
});

export const validators: fc.Arbitrary<t.Validator[]> = list(
  record({ operator: address, publicKey, vrfKey: publicKey, power }),
);

export const validatorRecord: fc.Arbitrary<t.ValidatorRecord> = record({
  validators,
  rotation: list(
    record({
      operator: address,
      priority: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      lastSignedHeight: height,
      lastFailedHeight: height,
    }),
  ),
});

export const pastHeader: fc.Arbitrary<t.PastHeader> = record({ blockId: hash, time: height });

export const expert: fc.Arbitrary<t.Expert> = record({
  address,
  publicKey,
  profile: expertProfile,
  bond: amount,
  registeredAt: height,
  status: fc.constantFrom<t.ExpertStatus>('active', 'paused', 'retired'),
  releaseAt: height,
  breaker: record({ failures: u32, openUntil: height }),
  active: u32,
});

export const reputation: fc.Arbitrary<t.Reputation> = record({
  alpha: height,
  beta: height,
  answers: height,
  updatedAt: height,
});

export const recentOutcomes: fc.Arbitrary<t.RecentOutcomes> = record({ silent: u32, count: u32 });

const groups = list(record({ answerHash: hash, answer, members: list(u32), verifiers: list(address) }));

const answerHashes = list(nullable(hash));

const selection: fc.Arbitrary<t.SelectionRecord> = record({
  seed: hash,
  candidates: list(record({ expert: address, operator: address, weight: power })),
});

export const queryState: fc.Arbitrary<t.QueryState> = record({
  id: hash,
  requester: address,
  contract,
  openedAt: height,
  phase: fc.constantFrom<t.QueryPhase>('selecting', 'answering', 'revealing', 'scoring', 'scoreRevealing', 'settled'),
  deadline: height,
  selection,
  loadFactor: u32,
  round: u32,
  earlier: list(record({ answers: answerHashes, groups })),
  cancelledAt: nullable(height),
  respondents: list(
    record({
      expert: address,
      operator: address,
      priceInPerByte: amount,
      priceOutPerByte: amount,
      priceQuotePerByte: amount,
      modelId: hash,
      version: u32,
      registeredAt: height,
      rounds: u32,
      generatedBytes: u32,
      quotedBytes: u32,
      commitment: nullable(hash),
      answerHash: nullable(hash),
      group: nullable(u32),
    }),
  ),
  groups,
  scorers: list(
    record({
      operator: address,
      power,
      commitment: nullable(hash),
      scores: nullable(groupScores),
      checks: nullable(groupChecks),
    }),
  ),
  misrevealed: list(address),
  disclosed: list(u32),
  calibrator: nullable(address),
});

export const receipt: fc.Arbitrary<t.Receipt> = record({
  queryId: hash,
  settledAt: height,
  outcome: fc.constantFrom<t.QueryOutcome>(
    'answered',
    'belowThreshold',
    'unscored',
    'noAnswer',
    'noExperts',
    'cancelled',
  ),
  requester: address,
  domain: text(64),
  contract,
  openedAt: height,
  selection,
  loadFactor: u32,
  earlier: list(answerHashes),
  cancelledAt: nullable(height),
  checks: list(
    record({
      validator: address,
      group: u32,
      verdict: fc.constantFrom<t.CheckVerdict>('match', 'mismatch', 'error', 'unavailable'),
      distanceMilli: u32,
    }),
  ),
  coordinatorPaid: amount,
  scorersPaid: list(record({ validator: address, paid: amount })),
  best: nullable(u32),
  groups,
  respondents: list(
    record({
      expert: address,
      operator: address,
      modelId: hash,
      version: u32,
      answerHash: nullable(hash),
      group: nullable(u32),
      score: nullable(ppm),
      rounds: u32,
      generatedBytes: u32,
      quotedBytes: u32,
      priceInPerByte: amount,
      priceOutPerByte: amount,
      priceQuotePerByte: amount,
      verdict: nullable(fc.constantFrom<t.GroupVerdict>('match', 'mismatch', 'error', 'unavailable', 'undecided')),
      paid: amount,
      slashed: amount,
    }),
  ),
  scorers: list(record({ operator: address, power })),
  scores: list(record({ validator: address, group: u32, score: ppm })),
  misrevealed: list(address),
  cost: amount,
  refund: amount,
});

export const transactionResult: fc.Arbitrary<t.TransactionResult> = record({
  id: hash,
  code: text(64),
  fee: amount,
});

export const blockResults: fc.Arbitrary<t.BlockResults> = record({
  height,
  transactions: list(transactionResult),
  receipts: list(receipt),
});

export const supply: fc.Arbitrary<t.Supply> = record({
  issued: amount,
  burnt: amount,
  escrowed: amount,
  bonded: amount,
  staked: amount,
  unbonding: amount,
});

export const account: fc.Arbitrary<t.Account> = record({ balance: amount });

export const stakePool: fc.Arbitrary<t.StakePool> = record({
  operator: address,
  publicKey,
  vrfKey: publicKey,
  keysSetAt: height,
  commission: ppm,
  commissionSetAt: height,
  status: fc.constantFrom<t.ValidatorStatus>('active', 'jailed', 'exited', 'tombstoned'),
  jailedAt: height,
  tokens: amount,
  shares: amount,
});

export const delegation: fc.Arbitrary<t.Delegation> = record({ shares: amount });

const wideShares = fc.bigInt(0n, 2n ** 128n - 1n);

export const unbondingPool: fc.Arbitrary<t.UnbondingPool> = record({ tokens: amount, shares: wideShares, series: u32 });

export const unbonding: fc.Arbitrary<t.UnbondingEntry[]> = list(
  record({ maturesAt: height, shares: wideShares, series: u32 }),
);

export const redelegations: fc.Arbitrary<t.RedelegationEntry[]> = list(
  record({ from: address, maturesAt: height, amount }),
);

export const maturing: fc.Arbitrary<t.Maturing[]> = list(record({ operator: address, delegator: address }));

export const part: fc.Arbitrary<t.Ppm> = ppm;

export const missed: fc.Arbitrary<t.MissedHeights> = record({ last: height, bits: fc.uint8Array() });

export const heights: fc.Arbitrary<t.Height[]> = list(height);

export const domains: fc.Arbitrary<string[]> = list(text(64));
