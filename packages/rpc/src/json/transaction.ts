/**
 * Transactions as JSON: the body with its decoded payload. Owns schema and conversion; the canonical bytes are the chain's codec.
 */
import {
  type Answer,
  addressOf,
  answerText,
  type ExpertProfile,
  type LearningPayload,
  type MarketPayload,
  type Payload,
  type QueryContract,
  type Transaction,
  transactionId,
} from '@synod/chain';
import { z } from 'zod';
import { ParamChangeJson, paramChangesJson, VoteChoiceJson } from './proposal.ts';
import { AddressText, Count, Decimal, decimal, HexBytes, HexHash, hexOf, hexOfBytes, Ratio, ratio } from './scalars.ts';

export const ExpertProfileJson = z.strictObject({
  name: z.string(),
  operator: AddressText,
  domain: z.string(),
  modelId: HexHash,
  modelName: z.string(),
  knowledgeRoot: HexHash,
  knowledgeSize: Count,
  priceInPerByte: Decimal,
  priceOutPerByte: Decimal,
  priceQuotePerByte: Decimal,
  capacity: Count,
});

export const QueryContractJson = z.strictObject({
  prompt: z.string(),
  /** What stands for the prompt of a private query. */
  privacy: z.strictObject({ promptHash: HexHash, promptBytes: Count }).nullable(),
  domain: z.string(),
  /** The one expert that is asked by name; null where the chain draws. */
  expert: AddressText.nullable(),
  coordinator: AddressText,
  respondents: Count,
  rounds: Count,
  maxFee: Decimal,
  threshold: Ratio,
  basePart: Ratio,
  difficulty: Ratio,
  scorerShare: Ratio,
  coordinatorShare: Ratio,
  seal: HexHash,
  answerWindow: Count,
  revealWindow: Count,
  scoreWindow: Count,
  scoreRevealWindow: Count,
});

/** An answer with what people read of it; token log-probabilities and quote proofs stay in the raw transaction. */
export const AnswerJson = z.strictObject({
  text: z.string(),
  modelId: HexHash,
  promptTokens: Count,
  answerTokens: Count,
  segments: z.array(
    z.strictObject({ kind: z.enum(['generated', 'quote', 'sealed']), text: z.string(), source: z.string().nullable() }),
  ),
});

export const PayloadJson = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('transfer'), to: AddressText, amount: Decimal }),
  z.strictObject({
    type: z.literal('expert.register'),
    expert: ExpertProfileJson,
    bond: Decimal,
    consentKey: HexHash.nullable(),
  }),
  z.strictObject({ type: z.literal('query.open'), contract: QueryContractJson }),
  z.strictObject({ type: z.literal('answer.commit'), queryId: HexHash, commitment: HexHash }),
  z.strictObject({ type: z.literal('answer.reveal'), queryId: HexHash, salt: HexBytes, answer: AnswerJson }),
  z.strictObject({
    type: z.literal('validator.create'),
    publicKey: HexHash,
    vrfKey: HexHash,
    commission: Ratio,
    bond: Decimal,
    keyProof: HexBytes,
    vrfProof: HexBytes,
  }),
  z.strictObject({ type: z.literal('validator.edit'), commission: Ratio }),
  z.strictObject({ type: z.enum(['validator.exit', 'validator.unjail']), validator: AddressText }),
  z.strictObject({ type: z.enum(['delegate', 'undelegate']), validator: AddressText, amount: Decimal }),
  z.strictObject({
    type: z.literal('validator.rotate'),
    publicKey: HexHash,
    vrfKey: HexHash,
    keyProof: HexBytes,
    vrfProof: HexBytes,
  }),
  z.strictObject({ type: z.literal('redelegate'), from: AddressText, to: AddressText, amount: Decimal }),
  z.strictObject({
    type: z.literal('params.propose'),
    title: z.string(),
    changes: z.array(ParamChangeJson),
    deposit: Decimal,
  }),
  z.strictObject({ type: z.literal('params.vote'), proposal: HexHash, choice: VoteChoiceJson }),
  z.strictObject({ type: z.literal('expert.update'), expert: ExpertProfileJson }),
  z.strictObject({ type: z.literal('expert.pause'), paused: z.boolean() }),
  z.strictObject({ type: z.literal('expert.retire'), expert: AddressText }),
  z.strictObject({ type: z.literal('query.cancel'), queryId: HexHash }),
  z.strictObject({
    type: z.literal('query.disclose'),
    queryId: HexHash,
    prompt: z.string(),
    salt: HexBytes,
    answers: z.array(z.strictObject({ respondent: Count, answer: AnswerJson })),
  }),
  z.strictObject({
    type: z.literal('calibration.reveal'),
    queryId: HexHash,
    salt: HexBytes,
    gold: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('feedback.give'),
    queryId: HexHash,
    rating: z.enum(['good', 'bad', 'correct']),
    content: HexHash,
    bytes: Count,
    leaf: HexHash,
  }),
  z.strictObject({ type: z.literal('delta.commit'), round: HexHash, commitment: HexHash }),
  z.strictObject({
    type: z.literal('delta.reveal'),
    round: HexHash,
    salt: HexBytes,
    content: HexHash,
    bytes: Count,
  }),
  z.strictObject({ type: z.literal('model.rollback'), domain: z.string(), version: Count }),
  z.strictObject({ type: z.literal('expert.learn'), learns: z.boolean() }),
]);

/** Every type of payload, e.g. `transfer`. */
export const payloadTypes: readonly string[] = PayloadJson.options.flatMap(({ shape: { type } }) =>
  type instanceof z.ZodEnum ? type.options : [...type.values],
);

export const TransactionJson = z.strictObject({
  id: HexHash,
  chainId: z.string(),
  sender: AddressText,
  senderKey: HexHash,
  salt: HexBytes,
  validUntil: Decimal,
  maxBaseFeePerByte: Decimal,
  tip: Decimal,
  payload: PayloadJson,
  signature: HexBytes,
});

/** The JSON of a transaction with its id and its sender's address. */
export function transactionJson(transaction: Transaction): z.output<typeof TransactionJson> {
  const { body } = transaction;
  return {
    id: hexOf(transactionId(body)),
    chainId: body.chainId,
    sender: addressOf(body.sender),
    senderKey: hexOf(body.sender),
    salt: hexOfBytes(body.salt),
    validUntil: decimal(body.validUntil),
    maxBaseFeePerByte: decimal(body.maxBaseFeePerByte),
    tip: decimal(body.tip),
    payload: payloadJson(body.payload),
    signature: hexOfBytes(transaction.signature),
  };
}

function payloadJson(payload: Payload): z.output<typeof PayloadJson> {
  switch (payload.type) {
    case 'transfer':
      return { type: payload.type, to: payload.to, amount: decimal(payload.amount) };
    case 'expert.register':
      return {
        type: payload.type,
        expert: expertProfileJson(payload.expert),
        bond: decimal(payload.bond),
        consentKey: payload.consent && hexOf(payload.consent.publicKey),
      };
    case 'query.open':
      return { type: payload.type, contract: queryContractJson(payload.contract) };
    case 'answer.commit':
      return { type: payload.type, queryId: hexOf(payload.queryId), commitment: hexOf(payload.commitment) };
    case 'answer.reveal':
      return {
        type: payload.type,
        queryId: hexOf(payload.queryId),
        salt: hexOfBytes(payload.salt),
        answer: answerJson(payload.answer),
      };
    case 'validator.create':
      return {
        type: payload.type,
        publicKey: hexOf(payload.publicKey),
        vrfKey: hexOf(payload.vrfKey),
        commission: ratio(payload.commission),
        bond: decimal(payload.bond),
        keyProof: hexOfBytes(payload.keyProof),
        vrfProof: hexOfBytes(payload.vrfProof),
      };
    case 'validator.edit':
      return { type: payload.type, commission: ratio(payload.commission) };
    case 'validator.exit':
    case 'validator.unjail':
      return { type: payload.type, validator: payload.validator };
    case 'validator.rotate':
      return {
        type: payload.type,
        publicKey: hexOf(payload.publicKey),
        vrfKey: hexOf(payload.vrfKey),
        keyProof: hexOfBytes(payload.keyProof),
        vrfProof: hexOfBytes(payload.vrfProof),
      };
    case 'delegate':
    case 'undelegate':
      return { type: payload.type, validator: payload.validator, amount: decimal(payload.amount) };
    case 'params.propose':
      return {
        type: payload.type,
        title: payload.title,
        changes: paramChangesJson(payload.changes),
        deposit: decimal(payload.deposit),
      };
    case 'params.vote':
      return { type: payload.type, proposal: hexOf(payload.proposal), choice: payload.choice };
    case 'redelegate':
      return { type: payload.type, from: payload.from, to: payload.to, amount: decimal(payload.amount) };
    case 'expert.update':
    case 'expert.pause':
    case 'expert.retire':
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return marketPayloadJson(payload);
    case 'feedback.give':
    case 'delta.commit':
    case 'delta.reveal':
    case 'model.rollback':
    case 'expert.learn':
      return learningPayloadJson(payload);
  }
}

function marketPayloadJson(payload: MarketPayload): z.output<typeof PayloadJson> {
  switch (payload.type) {
    case 'expert.update':
      return { type: payload.type, expert: expertProfileJson(payload.expert) };
    case 'expert.pause':
    case 'expert.retire':
      return payload;
    case 'query.cancel':
      return { type: payload.type, queryId: hexOf(payload.queryId) };
    case 'query.disclose':
      return {
        type: payload.type,
        queryId: hexOf(payload.queryId),
        prompt: payload.prompt,
        salt: hexOfBytes(payload.salt),
        answers: payload.answers.map(({ respondent, answer }) => ({ respondent, answer: answerJson(answer) })),
      };
    case 'calibration.reveal':
      return {
        type: payload.type,
        queryId: hexOf(payload.queryId),
        salt: hexOfBytes(payload.salt),
        gold: [...payload.gold],
      };
  }
}

function learningPayloadJson(payload: LearningPayload): z.output<typeof PayloadJson> {
  switch (payload.type) {
    case 'feedback.give':
      return {
        ...payload,
        queryId: hexOf(payload.queryId),
        content: hexOf(payload.content),
        leaf: hexOf(payload.leaf),
      };
    case 'delta.commit':
      return { type: payload.type, round: hexOf(payload.round), commitment: hexOf(payload.commitment) };
    case 'delta.reveal':
      return {
        ...payload,
        round: hexOf(payload.round),
        salt: hexOfBytes(payload.salt),
        content: hexOf(payload.content),
      };
    case 'model.rollback':
    case 'expert.learn':
      return payload;
  }
}

/** The JSON of what an expert publishes about itself. */
export function expertProfileJson(profile: ExpertProfile): z.output<typeof ExpertProfileJson> {
  return {
    ...profile,
    modelId: hexOf(profile.modelId),
    knowledgeRoot: hexOf(profile.knowledgeRoot),
    priceInPerByte: decimal(profile.priceInPerByte),
    priceOutPerByte: decimal(profile.priceOutPerByte),
    priceQuotePerByte: decimal(profile.priceQuotePerByte),
  };
}

/** The JSON of a query's terms. */
export function queryContractJson(contract: QueryContract): z.output<typeof QueryContractJson> {
  return {
    ...contract,
    maxFee: decimal(contract.maxFee),
    threshold: ratio(contract.threshold),
    basePart: ratio(contract.basePart),
    privacy: contract.privacy === null ? null : { ...contract.privacy, promptHash: hexOf(contract.privacy.promptHash) },
    difficulty: ratio(contract.difficulty),
    scorerShare: ratio(contract.scorerShare),
    coordinatorShare: ratio(contract.coordinatorShare),
    seal: hexOf(contract.seal),
  };
}

/** The JSON of an answer. */
export function answerJson(answer: Answer): z.output<typeof AnswerJson> {
  return {
    text: answerText(answer),
    modelId: hexOf(answer.modelId),
    promptTokens: answer.promptTokens,
    answerTokens: answer.answerTokens,
    segments: answer.segments.map((segment) => ({
      kind: segment.kind,
      text: segment.text,
      source: segment.kind === 'quote' ? segment.source : null,
    })),
  };
}
