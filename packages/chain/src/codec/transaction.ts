/** Codecs of transactions and answers (spec: codec §6). Owns field order and selectors; validity is apply-block's. */
import type {
  Answer,
  DisclosedAnswer,
  ExpertProfile,
  Payload,
  QueryContract,
  Segment,
  Transaction,
  TransactionBody,
} from '../types/index.ts';
import { container, list, nullable, tagged } from './composites.ts';
import { learningPayloads } from './learning.ts';
import { codecLimits } from './limits.ts';
import { consentSchema, privateTermsSchema } from './market.ts';
import {
  address,
  amount,
  boolean,
  emptyText,
  hash,
  ppm,
  publicKey,
  safeInteger,
  salt32,
  signature,
  text,
  u16,
  u32,
} from './primitives.ts';
import { byteVector, createCodec, type Schema } from './schema.ts';
import { paramsProposeSchema, paramsVoteSchema } from './voting.ts';

/** Fields of {@link ExpertProfile}. */
export const expertProfileSchema: Schema<ExpertProfile> = container<ExpertProfile>({
  name: text(codecLimits.nameBytes),
  operator: address,
  domain: text(codecLimits.domainBytes),
  modelId: hash,
  modelName: text(codecLimits.modelNameBytes),
  knowledgeRoot: hash,
  knowledgeSize: u32,
  priceInPerByte: amount,
  priceOutPerByte: amount,
  priceQuotePerByte: amount,
  capacity: u32,
});

/** Fields of {@link QueryContract}. */
export const queryContractSchema: Schema<QueryContract> = container<QueryContract>({
  prompt: text(codecLimits.promptBytes),
  privacy: nullable(privateTermsSchema),
  domain: text(codecLimits.domainBytes),
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

const segmentText = text(codecLimits.segmentTextBytes);

const segmentSchema: Schema<Segment> = tagged<Segment, 'kind'>('kind', {
  generated: container({
    text: segmentText,
    tokens: list(u32, codecLimits.tokens),
    logProbabilities: list(u16, codecLimits.tokens),
  }),
  quote: container({
    text: segmentText,
    source: text(codecLimits.sourceBytes),
    index: u32,
    proof: list(hash, codecLimits.proofHashes),
  }),
  sealed: container({ text: emptyText, hash, content: hash, generatedBytes: u32, quotedBytes: u32 }),
});

/** Fields of {@link Answer}. */
export const answerSchema: Schema<Answer> = container<Answer>({
  segments: list(segmentSchema, codecLimits.segments),
  modelId: hash,
  promptTokens: u32,
  answerTokens: u32,
});

const goldSchema: Schema<readonly string[]> = list(text(codecLimits.goldTextBytes), codecLimits.goldTexts);

const payloadSchema: Schema<Payload> = tagged<Payload, 'type'>('type', {
  transfer: container({ to: address, amount }),
  'expert.register': container({
    expert: expertProfileSchema,
    bond: amount,
    consent: nullable(consentSchema),
  }),
  'query.open': container({ contract: queryContractSchema }),
  'answer.commit': container({ queryId: hash, commitment: hash }),
  'answer.reveal': container({ queryId: hash, salt: salt32, answer: answerSchema }),
  'validator.create': container({
    publicKey,
    vrfKey: publicKey,
    commission: ppm,
    bond: amount,
    keyProof: signature,
    vrfProof: byteVector(80),
  }),
  'validator.edit': container({ commission: ppm }),
  'validator.exit': container({ validator: address }),
  'validator.unjail': container({ validator: address }),
  delegate: container({ validator: address, amount }),
  undelegate: container({ validator: address, amount }),
  redelegate: container({ from: address, to: address, amount }),
  'validator.rotate': container({
    publicKey,
    vrfKey: publicKey,
    keyProof: signature,
    vrfProof: byteVector(80),
  }),
  'params.propose': paramsProposeSchema,
  'params.vote': paramsVoteSchema,
  'expert.update': container({ expert: expertProfileSchema }),
  'expert.pause': container({ paused: boolean }),
  'expert.retire': container({ expert: address }),
  'query.cancel': container({ queryId: hash }),
  'query.disclose': container({
    queryId: hash,
    prompt: text(codecLimits.promptBytes),
    salt: salt32,
    answers: list(container<DisclosedAnswer>({ respondent: u32, answer: answerSchema }), codecLimits.respondents),
  }),
  'calibration.reveal': container({
    queryId: hash,
    salt: salt32,
    gold: goldSchema,
  }),
  ...learningPayloads,
});

const transactionBodySchema: Schema<TransactionBody> = container<TransactionBody>({
  chainId: text(codecLimits.chainIdBytes),
  sender: publicKey,
  salt: byteVector(16),
  validUntil: safeInteger,
  maxBaseFeePerByte: amount,
  tip: amount,
  payload: payloadSchema,
});

/** Fields of {@link Transaction}. */
export const transactionSchema: Schema<Transaction> = container<Transaction>({
  body: transactionBodySchema,
  signature,
});

/** Canonical form of the ways to say a right answer: what a seal covers. */
export const { encode: encodeGoldTexts, decode: decodeGoldTexts } = createCodec(
  'gold',
  goldSchema,
  codecLimits.transactionBytes,
);

/** Canonical form of a signed transaction. */
export const { encode: encodeTransaction, decode: decodeTransaction } = createCodec(
  'transaction',
  transactionSchema,
  codecLimits.transactionBytes,
);

/** Canonical form of what a transaction's id and signature cover. */
export const {
  encodeBrief: encodeTransactionBody,
  encodeBriefAfter: encodeTransactionBodyAfter,
  decode: decodeTransactionBody,
} = createCodec('transaction body', transactionBodySchema, codecLimits.transactionBytes);

/** Canonical form of an answer: what its hash covers. */
export const { encode: encodeAnswer, decode: decodeAnswer } = createCodec(
  'answer',
  answerSchema,
  codecLimits.answerBytes,
);
