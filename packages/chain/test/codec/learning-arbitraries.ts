/** fast-check arbitraries of what learning encodes: parameters, payloads, extension items, records (spec: learning). */
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
  record,
  text,
  u32,
} from './arbitrary-values.ts';

export const learningParams: fc.Arbitrary<t.LearningParams> = record({
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

const rating = fc.constantFrom<t.FeedbackRating>('good', 'bad', 'correct');

export const learningPayload: fc.Arbitrary<t.LearningPayload> = fc.oneof(
  record({ type: fc.constant('feedback.give' as const), queryId: hash, rating, content: hash, bytes: u32, leaf: hash }),
  record({ type: fc.constant('delta.commit' as const), round: hash, commitment: hash }),
  record({ type: fc.constant('delta.reveal' as const), round: hash, salt: bytes(32), content: hash, bytes: u32 }),
  record({ type: fc.constant('model.rollback' as const), domain: text(64), version: u32 }),
  record({ type: fc.constant('expert.learn' as const), learns: fc.boolean() }),
);

const measures: fc.Arbitrary<t.GateMeasures> = record({
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

const verdict = fc.constantFrom<t.DeltaVerdict>('ok', 'missing', 'invalid', 'copy', 'idle', 'harmful');

export const gateReport: fc.Arbitrary<t.GateReport> = record({
  factors: hash,
  adapter: hash,
  measures,
  deltas: list(verdict),
  accepted: list(fc.boolean()),
});

export const learningItem: fc.Arbitrary<t.LearningItem> = fc.oneof(
  record({ kind: fc.constant('blob.attest' as const), contents: list(hash) }),
  record({ kind: fc.constant('gate.commit' as const), round: hash, commitment: hash }),
  record({ kind: fc.constant('gate.reveal' as const), round: hash, salt: bytes(32), report: gateReport }),
);

export const askedQuery: fc.Arbitrary<t.AskedQuery> = record({
  queryId: hash,
  requester: address,
  domain: text(64),
  settledAt: height,
  isPrivate: fc.boolean(),
  promptHash: hash,
  feedback: nullable(u32),
});

export const feedback: fc.Arbitrary<t.Feedback> = record({
  domain: text(64),
  number: u32,
  queryId: hash,
  promptHash: hash,
  author: address,
  rating,
  content: hash,
  bytes: u32,
  leaf: hash,
  givenAt: height,
  state: fc.constantFrom<t.FeedbackState>('pending', 'available', 'training', 'used', 'refused', 'lost'),
  version: nullable(u32),
  deposit: amount,
});

export const pendingBlobs: fc.Arbitrary<t.PendingBlob[]> = list(
  record({
    content: hash,
    bytes: u32,
    owner: fc.oneof(
      record({ kind: fc.constant('feedback' as const), domain: text(64), number: u32 }),
      record({ kind: fc.constant('delta' as const), domain: text(64), trainer: u32 }),
    ),
    attested: list(address),
    deadline: height,
  }),
);

const trainer: fc.Arbitrary<t.Trainer> = record({
  expert: address,
  operator: address,
  registeredAt: height,
  commitment: nullable(hash),
  order: nullable(u32),
  delta: nullable(record({ content: hash, bytes: u32, isAvailable: fc.boolean() })),
});

export const trainingRound: fc.Arbitrary<t.TrainingRound> = record({
  id: hash,
  domain: text(64),
  openedAt: height,
  base: u32,
  rule: record({ aggregator: u32, normMax: u32, shardCopies: u32 }),
  phase: fc.constantFrom<t.RoundPhase>('assigning', 'training', 'revealing', 'gating', 'gateRevealing'),
  deadline: height,
  seed: hash,
  gateSeed: hash,
  items: list(u32),
  trainers: list(trainer),
  evaluators: list(record({ operator: address, power, commitment: nullable(hash), report: nullable(gateReport) })),
});

const scoreSum: fc.Arbitrary<t.ScoreSum> = record({ sum: height, squares: height, count: height });

export const learningLine: fc.Arbitrary<t.LearningLine> = record({
  domain: text(64),
  feedback: u32,
  waiting: list(u32),
  stable: u32,
  last: u32,
  canary: nullable(record({ version: u32, since: height, scores: scoreSum, beside: scoreSum })),
  control: nullable(u32),
  live: scoreSum,
  baseline: scoreSum,
  rollbackVotes: list(address),
});

export const modelVersion: fc.Arbitrary<t.ModelVersion> = record({
  domain: text(64),
  number: u32,
  parent: u32,
  round: hash,
  rule: nullable(record({ aggregator: u32, normMax: u32 })),
  state: fc.constantFrom<t.VersionState>('canary', 'stable', 'superseded', 'rejected', 'rolledBack'),
  reason: text(64),
  decidedAt: height,
  factors: hash,
  adapter: hash,
  learntRoot: hash,
  learntSize: u32,
  learnt: list(u32),
  items: list(u32),
  contributions: list(record({ expert: address, content: hash, bytes: u32, verdict })),
  measures,
  reports: u32,
});

export const lineageUse: fc.Arbitrary<t.LineageUse[]> = list(record({ domain: text(64), earned: amount }));
