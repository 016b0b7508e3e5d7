/** Codecs of learning (spec: codec §6, §8; learning). Owns field order; the rules are the learning folder's. */
import type {
  AskedQuery,
  CanaryState,
  Contribution,
  DeltaVerdict,
  Evaluator,
  Feedback,
  GateMeasures,
  GateReport,
  LearningItem,
  LearningLine,
  LearningParams,
  LearningPayload,
  LineageUse,
  ModelVersion,
  PendingBlob,
  RevealedDelta,
  RoundRule,
  ScoreSum,
  Trainer,
  TrainingRound,
  VersionRule,
} from '../types/index.ts';
import { container, list, nullable, tagged } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, amount, boolean, hash, power, ppm, safeInteger, salt32, text, u32 } from './primitives.ts';
import { createCodec, oneOf, type Schema } from './schema.ts';

/** Fields of {@link LearningParams}. */
export const learningParamsSchema: Schema<LearningParams> = container<LearningParams>({
  feedbackWindow: u32,
  feedbackDeposit: amount,
  feedbackBytesMax: u32,
  attestHeights: u32,
  roundItems: u32,
  accountShare: ppm,
  trainersMax: u32,
  shardCopies: u32,
  trainWindow: u32,
  deltaWindow: u32,
  gateWindow: u32,
  gateRevealWindow: u32,
  deltaBytesMax: u32,
  aggregator: u32,
  normMax: u32,
  gainMin: u32,
  forgettingMax: u32,
  triggerMax: ppm,
  injectionMax: ppm,
  spectralMax: ppm,
  biasMax: u32,
  biasAlarm: u32,
  canaryShare: ppm,
  canaryAnswers: u32,
  canaryHeights: u32,
  scoreTolerance: ppm,
  trainerSlash: ppm,
  lineageHeights: u32,
  lineageEmission: amount,
  lineageRatio: ppm,
});

const domain = text(codecLimits.domainBytes);
const numbers: Schema<readonly number[]> = list(u32, codecLimits.hashes);
const rating = oneOf(['good', 'bad', 'correct'] as const);

type Fields<T extends LearningPayload['type']> = Omit<Extract<LearningPayload, { type: T }>, 'type'>;

/** Fields of each {@link LearningPayload}. */
export const learningPayloads = {
  'feedback.give': container<Fields<'feedback.give'>>({
    queryId: hash,
    rating,
    content: hash,
    bytes: u32,
    leaf: hash,
  }),
  'delta.commit': container<Fields<'delta.commit'>>({ round: hash, commitment: hash }),
  'delta.reveal': container<Fields<'delta.reveal'>>({ round: hash, salt: salt32, content: hash, bytes: u32 }),
  'model.rollback': container<Fields<'model.rollback'>>({ domain, version: u32 }),
  'expert.learn': container<Fields<'expert.learn'>>({ learns: boolean }),
} as const;

const measuresSchema: Schema<GateMeasures> = container<GateMeasures>({
  feedbackBefore: u32,
  feedbackAfter: u32,
  generalBefore: u32,
  generalAfter: u32,
  trigger: ppm,
  injection: ppm,
  spectral: ppm,
  biasBefore: u32,
  biasAfter: u32,
});

const verdict: Schema<DeltaVerdict> = oneOf(['ok', 'missing', 'invalid', 'copy', 'idle', 'harmful'] as const);

const reportSchema: Schema<GateReport> = container<GateReport>({
  factors: hash,
  adapter: hash,
  measures: measuresSchema,
  deltas: list(verdict, codecLimits.trainers),
  accepted: list(boolean, codecLimits.roundItems),
});

type ItemFields<K extends LearningItem['kind']> = Omit<Extract<LearningItem, { kind: K }>, 'kind'>;

/** Fields of each {@link LearningItem}. */
export const learningItems = {
  'blob.attest': container<ItemFields<'blob.attest'>>({ contents: list(hash, codecLimits.attestations) }),
  'gate.commit': container<ItemFields<'gate.commit'>>({ round: hash, commitment: hash }),
  'gate.reveal': container<ItemFields<'gate.reveal'>>({ round: hash, salt: salt32, report: reportSchema }),
} as const;

/** Canonical form of a report: what its commitment covers. */
export const { encode: encodeGateReport, decode: decodeGateReport } = createCodec(
  'gate report',
  reportSchema,
  codecLimits.extensionBytes,
);

/** Canonical form of a query that takes feedback. */
export const { encode: encodeAskedQuery, decode: decodeAskedQuery } = createCodec(
  'asked query',
  container<AskedQuery>({
    queryId: hash,
    requester: address,
    domain,
    settledAt: safeInteger,
    isPrivate: boolean,
    promptHash: hash,
    feedback: nullable(u32),
  }),
  codecLimits.recordBytes,
);

/** Canonical form of feedback. */
export const { encode: encodeFeedback, decode: decodeFeedback } = createCodec(
  'feedback',
  container<Feedback>({
    domain,
    number: u32,
    queryId: hash,
    promptHash: hash,
    author: address,
    rating,
    content: hash,
    bytes: u32,
    leaf: hash,
    givenAt: safeInteger,
    state: oneOf(['pending', 'available', 'training', 'used', 'refused', 'lost'] as const),
    version: nullable(u32),
    deposit: amount,
  }),
  codecLimits.recordBytes,
);

const pendingBlob: Schema<PendingBlob> = container<PendingBlob>({
  content: hash,
  bytes: u32,
  owner: tagged<PendingBlob['owner'], 'kind'>('kind', {
    feedback: container({ domain, number: u32 }),
    delta: container({ domain, trainer: u32 }),
  }),
  attested: list(address, codecLimits.validators),
  deadline: safeInteger,
});

/** Canonical form of the blobs that wait for attestation, in order. */
export const { encode: encodePendingBlobs, decode: decodePendingBlobs } = createCodec(
  'pending blobs',
  list(pendingBlob, codecLimits.pendingBlobs),
  codecLimits.listBytes,
);

const roundSchema: Schema<TrainingRound> = container<TrainingRound>({
  id: hash,
  domain,
  openedAt: safeInteger,
  base: u32,
  rule: container<RoundRule>({ aggregator: u32, normMax: u32, shardCopies: u32 }),
  phase: oneOf(['assigning', 'training', 'revealing', 'gating', 'gateRevealing'] as const),
  deadline: safeInteger,
  seed: hash,
  gateSeed: hash,
  items: numbers,
  trainers: list(
    container<Trainer>({
      expert: address,
      operator: address,
      registeredAt: safeInteger,
      commitment: nullable(hash),
      order: nullable(u32),
      delta: nullable(container<RevealedDelta>({ content: hash, bytes: u32, isAvailable: boolean })),
    }),
    codecLimits.trainers,
  ),
  evaluators: list(
    container<Evaluator>({
      operator: address,
      power,
      commitment: nullable(hash),
      report: nullable(reportSchema),
    }),
    codecLimits.validators,
  ),
});

/** Canonical form of a round under way. */
export const { encode: encodeTrainingRound, decode: decodeTrainingRound } = createCodec(
  'training round',
  roundSchema,
  codecLimits.listBytes,
);

const scoreSum: Schema<ScoreSum> = container<ScoreSum>({
  sum: safeInteger,
  squares: safeInteger,
  count: safeInteger,
});

/** Canonical form of a domain's learning. */
export const { encode: encodeLearningLine, decode: decodeLearningLine } = createCodec(
  'learning line',
  container<LearningLine>({
    domain,
    feedback: u32,
    waiting: numbers,
    stable: u32,
    last: u32,
    canary: nullable(container<CanaryState>({ version: u32, since: safeInteger, scores: scoreSum, beside: scoreSum })),
    control: nullable(u32),
    live: scoreSum,
    baseline: scoreSum,
    rollbackVotes: list(address, codecLimits.validators),
  }),
  codecLimits.listBytes,
);

/** Canonical form of a version. */
export const { encode: encodeModelVersion, decode: decodeModelVersion } = createCodec(
  'model version',
  container<ModelVersion>({
    domain,
    number: u32,
    parent: u32,
    round: hash,
    rule: nullable(container<VersionRule>({ aggregator: u32, normMax: u32 })),
    state: oneOf(['canary', 'stable', 'superseded', 'rejected', 'rolledBack'] as const),
    reason: text(codecLimits.codeBytes),
    decidedAt: safeInteger,
    factors: hash,
    adapter: hash,
    learntRoot: hash,
    learntSize: u32,
    learnt: numbers,
    items: numbers,
    contributions: list(
      container<Contribution>({ expert: address, content: hash, bytes: u32, verdict }),
      codecLimits.trainers,
    ),
    measures: measuresSchema,
    reports: u32,
  }),
  codecLimits.listBytes,
);

/** Canonical form of what versions earned in this epoch, ascending by domain. */
export const { encode: encodeLineageUse, decode: decodeLineageUse } = createCodec(
  'lineage use',
  list(container<LineageUse>({ domain, earned: amount }), codecLimits.domains),
  codecLimits.listBytes,
);
