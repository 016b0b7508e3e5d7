/** Codecs of state records, receipts and results (spec: codec §8). Owns field order; where records lie is state/keys. */
import type {
  Account,
  AnswerGroup,
  BlockResults,
  CalibrationCount,
  ChainParams,
  DomainLoad,
  EarlierRound,
  Expert,
  Hash,
  PastHeader,
  QueryState,
  Receipt,
  ReceiptCheck,
  ReceiptRespondent,
  ReceiptScore,
  ReceiptScorer,
  Reputation,
  Respondent,
  RotationEntry,
  Scorer,
  ScorerPayment,
  Supply,
  TimeoutParams,
  TransactionResult,
  ValidatorRecord,
} from '../types/index.ts';
import { groupScoresSchema } from './block.ts';
import { container, list, nullable } from './composites.ts';
import { learningParamsSchema } from './learning.ts';
import { codecLimits } from './limits.ts';
import {
  breakerSchema,
  checkVerdictSchema,
  groupChecksSchema,
  marketParamsSchema,
  recentOutcomesSchema,
  selectionSchema,
} from './market.ts';
import { address, amount, hash, i64, power, ppm, publicKey, safeInteger, text, u32 } from './primitives.ts';
import { createCodec, oneOf, type Schema } from './schema.ts';
import { stakingParamsSchema, validatorsSchema, votingParamsSchema } from './staking.ts';
import { answerSchema, expertProfileSchema, queryContractSchema } from './transaction.ts';

const chainParamsSchema: Schema<ChainParams> = container<ChainParams>({
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
  timeouts: container<TimeoutParams>({
    proposeMs: u32,
    proposeDeltaMs: u32,
    prevoteMs: u32,
    prevoteDeltaMs: u32,
    precommitMs: u32,
    precommitDeltaMs: u32,
    blockIntervalMs: u32,
  }),
  clockDriftMsMax: u32,
  staking: stakingParamsSchema,
  voting: votingParamsSchema,
  market: marketParamsSchema,
  learning: learningParamsSchema,
});

const validatorRecordSchema: Schema<ValidatorRecord> = container<ValidatorRecord>({
  validators: validatorsSchema,
  rotation: list(
    container<RotationEntry>({
      operator: address,
      priority: i64,
      lastSignedHeight: safeInteger,
      lastFailedHeight: safeInteger,
    }),
    codecLimits.validators,
  ),
});

const respondentSchema: Schema<Respondent> = container<Respondent>({
  expert: address,
  operator: address,
  priceInPerByte: amount,
  priceOutPerByte: amount,
  priceQuotePerByte: amount,
  modelId: hash,
  registeredAt: safeInteger,
  version: u32,
  commitment: nullable(hash),
  answerHash: nullable(hash),
  rounds: u32,
  generatedBytes: u32,
  quotedBytes: u32,
  group: nullable(u32),
});

const groupsSchema: Schema<readonly AnswerGroup[]> = list(
  container<AnswerGroup>({
    answerHash: hash,
    answer: answerSchema,
    members: list(u32, codecLimits.respondents),
    verifiers: list(address, codecLimits.validators),
  }),
  codecLimits.respondents,
);

const scorerSchema: Schema<Scorer> = container<Scorer>({
  operator: address,
  power,
  commitment: nullable(hash),
  scores: nullable(groupScoresSchema),
  checks: nullable(groupChecksSchema),
});

const answerHashesSchema: Schema<readonly (Hash | null)[]> = list(nullable(hash), codecLimits.respondents);

const earlierRoundSchema: Schema<EarlierRound> = container<EarlierRound>({
  answers: answerHashesSchema,
  groups: groupsSchema,
});

const queryStateSchema: Schema<QueryState> = container<QueryState>({
  id: hash,
  requester: address,
  contract: queryContractSchema,
  openedAt: safeInteger,
  phase: oneOf(['selecting', 'answering', 'revealing', 'scoring', 'scoreRevealing', 'settled']),
  deadline: safeInteger,
  selection: selectionSchema,
  loadFactor: u32,
  respondents: list(respondentSchema, codecLimits.respondents),
  round: u32,
  earlier: list(earlierRoundSchema, codecLimits.rounds),
  cancelledAt: nullable(safeInteger),
  groups: groupsSchema,
  scorers: list(scorerSchema, codecLimits.validators),
  misrevealed: list(address, codecLimits.validators),
  disclosed: list(u32, codecLimits.respondents),
  calibrator: nullable(address),
});

const receiptSchema: Schema<Receipt> = container<Receipt>({
  queryId: hash,
  settledAt: safeInteger,
  outcome: oneOf(['answered', 'belowThreshold', 'unscored', 'noAnswer', 'noExperts', 'cancelled']),
  requester: address,
  domain: text(codecLimits.domainBytes),
  contract: queryContractSchema,
  openedAt: safeInteger,
  selection: selectionSchema,
  loadFactor: u32,
  earlier: list(answerHashesSchema, codecLimits.rounds),
  cancelledAt: nullable(safeInteger),
  best: nullable(u32),
  groups: groupsSchema,
  respondents: list(
    container<ReceiptRespondent>({
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
      verdict: nullable(oneOf(['match', 'mismatch', 'error', 'unavailable', 'undecided'])),
      paid: amount,
      slashed: amount,
    }),
    codecLimits.respondents,
  ),
  scorers: list(container<ReceiptScorer>({ operator: address, power }), codecLimits.validators),
  scores: list(container<ReceiptScore>({ validator: address, group: u32, score: ppm }), codecLimits.receiptScores),
  misrevealed: list(address, codecLimits.validators),
  checks: list(
    container<ReceiptCheck>({ validator: address, group: u32, verdict: checkVerdictSchema, distanceMilli: u32 }),
    codecLimits.receiptScores,
  ),
  coordinatorPaid: amount,
  scorersPaid: list(container<ScorerPayment>({ validator: address, paid: amount }), codecLimits.validators),
  cost: amount,
  refund: amount,
});

const transactionResultSchema: Schema<TransactionResult> = container<TransactionResult>({
  id: hash,
  code: text(codecLimits.codeBytes),
  fee: amount,
});

const blockResultsSchema: Schema<BlockResults> = container<BlockResults>({
  height: safeInteger,
  transactions: list(transactionResultSchema, codecLimits.transactionsPerBlock),
  receipts: list(receiptSchema, codecLimits.receiptsPerBlock),
});

/** Canonical form of an account's record. */
export const { encode: encodeAccount, decode: decodeAccount } = createCodec(
  'account',
  container<Account>({ balance: amount }),
  codecLimits.recordBytes,
);

/** Canonical form of the money supply's record. */
export const { encode: encodeSupply, decode: decodeSupply } = createCodec(
  'supply',
  container<Supply>({
    issued: amount,
    burnt: amount,
    escrowed: amount,
    bonded: amount,
    staked: amount,
    unbonding: amount,
  }),
  codecLimits.recordBytes,
);

/** Canonical form of the chain's parameters: what the parameters hash covers. */
export const { encode: encodeChainParams, decode: decodeChainParams } = createCodec(
  'parameter set',
  chainParamsSchema,
  codecLimits.recordBytes,
);

/** Canonical form of the validator set with its rotation. */
export const { encode: encodeValidatorRecord, decode: decodeValidatorRecord } = createCodec(
  'validator record',
  validatorRecordSchema,
  codecLimits.validatorRecordBytes,
);

/** Canonical form of a validator set alone: what the validators hash covers. */
export const { encode: encodeValidators, decode: decodeValidators } = createCodec(
  'validator set',
  validatorsSchema,
  codecLimits.validatorRecordBytes,
);

/** Canonical form of what is remembered of a past block. */
export const { encode: encodePastHeader, decode: decodePastHeader } = createCodec(
  'past header',
  container<PastHeader>({ blockId: hash, time: safeInteger }),
  codecLimits.recordBytes,
);

/** Canonical form of an expert's record. */
export const { encode: encodeExpert, decode: decodeExpert } = createCodec(
  'expert',
  container<Expert>({
    address,
    publicKey,
    profile: expertProfileSchema,
    bond: amount,
    registeredAt: safeInteger,
    status: oneOf(['active', 'paused', 'retired']),
    releaseAt: safeInteger,
    breaker: breakerSchema,
    active: u32,
  }),
  codecLimits.recordBytes,
);

/** Canonical form of one expert's reputation in one domain. */
export const { encode: encodeReputation, decode: decodeReputation } = createCodec(
  'reputation',
  container<Reputation>({ alpha: safeInteger, beta: safeInteger, answers: safeInteger, updatedAt: safeInteger }),
  codecLimits.recordBytes,
);

/** Canonical form of how the last assignments ended. */
export const { encode: encodeRecentOutcomes, decode: decodeRecentOutcomes } = createCodec(
  'recent outcomes',
  recentOutcomesSchema,
  codecLimits.recordBytes,
);

/** Canonical form of a domain's load. */
export const { encode: encodeDomainLoad, decode: decodeDomainLoad } = createCodec(
  'load',
  container<DomainLoad>({ factor: u32, assignments: u32 }),
  codecLimits.recordBytes,
);

/** Canonical form of the names of the domains whose load is kept. */
export const { encode: encodeDomainList, decode: decodeDomainList } = createCodec(
  'domain list',
  list(text(codecLimits.domainBytes), codecLimits.domains),
  codecLimits.listBytes,
);

/** Canonical form of how many seals a validator opened. */
export const { encode: encodeCalibrationCount, decode: decodeCalibrationCount } = createCodec(
  'calibration count',
  container<CalibrationCount>({ epoch: safeInteger, count: u32 }),
  codecLimits.recordBytes,
);

/** Canonical form of a query under way. */
export const { encode: encodeQueryState, decode: decodeQueryState } = createCodec(
  'query',
  queryStateSchema,
  codecLimits.queryStateBytes,
);

/** Canonical form of a receipt: a leaf of the results root. */
export const { encode: encodeReceipt, decode: decodeReceipt } = createCodec(
  'receipt',
  receiptSchema,
  codecLimits.receiptBytes,
);

/** Canonical form of a transaction's result: a leaf of the results root. */
export const { encode: encodeTransactionResult, decode: decodeTransactionResult } = createCodec(
  'transaction result',
  transactionResultSchema,
  codecLimits.transactionResultBytes,
);

/** Canonical form of everything a block did. */
export const { encode: encodeBlockResults, decode: decodeBlockResults } = createCodec(
  'block results',
  blockResultsSchema,
  codecLimits.blockResultsBytes,
);

/** Canonical form of a list of hashes. */
export const { encode: encodeHashList, decode: decodeHashList } = createCodec(
  'hash list',
  list(hash, codecLimits.hashes),
  codecLimits.listBytes,
);

/** Canonical form of a list of addresses. */
export const { encode: encodeAddressList, decode: decodeAddressList } = createCodec(
  'address list',
  list(address, codecLimits.addresses),
  codecLimits.listBytes,
);

/** Canonical form of one 64-bit number: eight little-endian bytes. */
export const { encode: encodeU64, decode: decodeU64 } = createCodec('number', amount, 8);
