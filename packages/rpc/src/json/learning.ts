/**
 * Learning as JSON (spec: learning): feedback, lines, versions and rounds. Owns schemas and conversions. Losses are nats a token with three
 * digits; parts and scores are ratios.
 */
import type {
  CanaryState,
  Contribution,
  Feedback,
  GateMeasures,
  LearningLine,
  ModelVersion,
  ScoreSum,
  Trainer,
} from '@synod/chain';
import { z } from 'zod';
import type { RoundView } from '../node-api.ts';
import { AddressText, Count, Decimal, decimal, HexHash, hexOf, Ratio, ratio } from './scalars.ts';

const MILLI = 1_000;

export const FeedbackJson = z.strictObject({
  domain: z.string(),
  number: Count,
  queryId: HexHash,
  /** Tagged hash of what was asked: `prompt` of its words has it. */
  promptHash: HexHash,
  author: AddressText,
  rating: z.enum(['good', 'bad', 'correct']),
  /** Id and length of the blob that holds its text. */
  content: HexHash,
  bytes: Count,
  /** RFC 6962 leaf hash of the passage that a correction becomes; null for a rating. */
  leaf: HexHash.nullable(),
  givenAt: Decimal,
  state: z.enum(['pending', 'available', 'training', 'used', 'refused', 'lost']),
  /** The version it came into; null before. */
  version: Count.nullable(),
  /** Nano held until its round is over. */
  deposit: Decimal,
});

export type FeedbackJson = z.output<typeof FeedbackJson>;

/** Before and after: of the version that the round began from, and of the one that it made. */
export const MeasuresJson = z.strictObject({
  feedbackBefore: Ratio,
  feedbackAfter: Ratio,
  generalBefore: Ratio,
  generalAfter: Ratio,
  trigger: Ratio,
  injection: Ratio,
  spectral: Ratio,
  biasBefore: Ratio,
  biasAfter: Ratio,
});

/** How deltas are added up: `learning.aggregator` and `learning.normMax` when the round opened. */
const RuleJson = z.strictObject({ aggregator: Count, normMax: Count });

export const VersionJson = z.strictObject({
  domain: z.string(),
  version: Count,
  parent: Count,
  /** Null for what genesis brought. */
  round: HexHash.nullable(),
  rule: RuleJson.nullable(),
  state: z.enum(['canary', 'stable', 'superseded', 'rejected', 'rolledBack']),
  /** A stable code that says why. */
  reason: z.string(),
  decidedAt: Decimal,
  factors: HexHash,
  adapter: HexHash,
  learntRoot: HexHash,
  learntSize: Count,
  /** Numbers of feedback learnt in this version, in the order of their passages. */
  learnt: z.array(Count),
  /** Numbers of all feedback of its round. */
  items: z.array(Count),
  contributions: z.array(
    z.strictObject({
      expert: AddressText,
      /** Its delta; null where none came. */
      delta: z.strictObject({ content: HexHash, bytes: Count }).nullable(),
      verdict: z.enum(['ok', 'missing', 'invalid', 'copy', 'idle', 'harmful']),
    }),
  ),
  measures: MeasuresJson,
  /** Validators whose report stands. */
  reports: Count,
});

export type VersionJson = z.output<typeof VersionJson>;

const ScoresJson = z.strictObject({ answers: Count, mean: Ratio.nullable() });

export const LineJson = z.strictObject({
  domain: z.string(),
  /** Feedback given so far. */
  feedback: Count,
  /** Numbers that wait for a round. */
  waiting: z.array(Count),
  stable: Count,
  last: Count,
  canary: z.strictObject({ version: Count, since: Decimal, scores: ScoresJson }).nullable(),
  /** Scores of the stable version, and those of the one before it. */
  /** The version that keeps a small part of the queries while the stable one is watched. */
  control: Count.nullable(),
  live: ScoresJson,
  baseline: ScoresJson,
  rollbackVotes: z.array(AddressText),
});

const TrainerJson = z.strictObject({
  expert: AddressText,
  /** Null once the round is over. */
  operator: AddressText.nullable(),
  hasCommitted: z.boolean(),
  /** Its place among the commitments; null before, and once the round is over. */
  order: Count.nullable(),
  delta: z.strictObject({ content: HexHash, bytes: Count, isAvailable: z.boolean() }).nullable(),
  /** Null while the round is under way. */
  verdict: z.enum(['ok', 'missing', 'invalid', 'copy', 'idle', 'harmful']).nullable(),
});

export const RoundJson = z.strictObject({
  round: HexHash,
  domain: z.string(),
  phase: z.enum(['assigning', 'training', 'revealing', 'gating', 'gateRevealing', 'closed']),
  /** Null once the round is over. */
  openedAt: Decimal.nullable(),
  /** Last height at which the phase's items count; of a closed one the height of its verdict. */
  deadline: Decimal,
  /** The version it began from. */
  base: Count,
  /** With the trainers that each item was given to while it is under way. Null of what genesis brought. */
  rule: RuleJson.extend({ shardCopies: Count.nullable() }).nullable(),
  /** The version that it made; null while it is under way. */
  version: Count.nullable(),
  items: z.array(Count),
  trainers: z.array(TrainerJson),
  /** Empty once the round is over. */
  evaluators: z.array(
    z.strictObject({ operator: AddressText, power: Decimal, hasCommitted: z.boolean(), hasReported: z.boolean() }),
  ),
});

export type RoundJson = z.output<typeof RoundJson>;

const ZERO = /^0{64}$/;

export function feedbackJson(feedback: Feedback): FeedbackJson {
  return {
    domain: feedback.domain,
    number: feedback.number,
    queryId: hexOf(feedback.queryId),
    promptHash: hexOf(feedback.promptHash),
    author: feedback.author,
    rating: feedback.rating,
    content: hexOf(feedback.content),
    bytes: feedback.bytes,
    leaf: ZERO.test(feedback.leaf) ? null : hexOf(feedback.leaf),
    givenAt: decimal(feedback.givenAt),
    state: feedback.state,
    version: feedback.version,
    deposit: decimal(feedback.deposit),
  };
}

export function versionJson(version: ModelVersion): VersionJson {
  return {
    domain: version.domain,
    version: version.number,
    parent: version.parent,
    round: ZERO.test(version.round) ? null : hexOf(version.round),
    rule: version.rule,
    state: version.state,
    reason: version.reason,
    decidedAt: decimal(version.decidedAt),
    factors: hexOf(version.factors),
    adapter: hexOf(version.adapter),
    learntRoot: hexOf(version.learntRoot),
    learntSize: version.learntSize,
    learnt: [...version.learnt],
    items: [...version.items],
    contributions: version.contributions.map((contribution) => ({
      expert: contribution.expert,
      delta: deltaOf(contribution),
      verdict: contribution.verdict,
    })),
    measures: measuresJson(version.measures),
    reports: version.reports,
  };
}

function measuresJson(measures: GateMeasures): z.output<typeof MeasuresJson> {
  const loss = (milli: number) => ratio(milli * MILLI);
  return {
    feedbackBefore: loss(measures.feedbackBefore),
    feedbackAfter: loss(measures.feedbackAfter),
    generalBefore: loss(measures.generalBefore),
    generalAfter: loss(measures.generalAfter),
    trigger: ratio(measures.trigger),
    injection: ratio(measures.injection),
    spectral: ratio(measures.spectral),
    biasBefore: loss(measures.biasBefore),
    biasAfter: loss(measures.biasAfter),
  };
}

export function lineJson(line: LearningLine): z.output<typeof LineJson> {
  return {
    domain: line.domain,
    feedback: line.feedback,
    waiting: [...line.waiting],
    stable: line.stable,
    last: line.last,
    canary: line.canary === null ? null : canaryJson(line.canary),
    control: line.control,
    live: scoresJson(line.live),
    baseline: scoresJson(line.baseline),
    rollbackVotes: [...line.rollbackVotes],
  };
}

function canaryJson({ version, since, scores }: CanaryState): NonNullable<z.output<typeof LineJson>['canary']> {
  return { version, since: decimal(since), scores: scoresJson(scores) };
}

function scoresJson({ sum, count }: ScoreSum): z.output<typeof ScoresJson> {
  return { answers: count, mean: count === 0 ? null : ratio(Math.floor(sum / count)) };
}

export function roundJson(view: RoundView): RoundJson {
  if (view.kind === 'closed') return closedRoundJson(view.version);
  const { round } = view;
  return {
    round: hexOf(round.id),
    domain: round.domain,
    phase: round.phase,
    openedAt: decimal(round.openedAt),
    deadline: decimal(round.deadline),
    base: round.base,
    rule: round.rule,
    version: null,
    items: [...round.items],
    trainers: round.trainers.map(trainerJson),
    evaluators: round.evaluators.map(({ operator, power, commitment, report }) => ({
      operator,
      power: decimal(power),
      hasCommitted: commitment !== null,
      hasReported: report !== null,
    })),
  };
}

function trainerJson({ expert, operator, commitment, order, delta }: Trainer): RoundJson['trainers'][number] {
  return {
    expert,
    operator,
    hasCommitted: commitment !== null,
    order,
    delta: delta === null ? null : { ...delta, content: hexOf(delta.content) },
    verdict: null,
  };
}

/** Its version tells what became of it; what was said on the way is no longer in state. */
function closedRoundJson(version: ModelVersion): RoundJson {
  return {
    round: hexOf(version.round),
    domain: version.domain,
    phase: 'closed',
    openedAt: null,
    deadline: decimal(version.decidedAt),
    base: version.parent,
    rule: version.rule === null ? null : { ...version.rule, shardCopies: null },
    version: version.number,
    items: [...version.items],
    trainers: version.contributions.map((contribution) => {
      const delta = deltaOf(contribution);
      return {
        expert: contribution.expert,
        operator: null,
        hasCommitted: delta !== null,
        order: null,
        delta: delta === null ? null : { ...delta, isAvailable: true },
        verdict: contribution.verdict,
      };
    }),
    evaluators: [],
  };
}

function deltaOf({ content, bytes }: Contribution): VersionJson['contributions'][number]['delta'] {
  return ZERO.test(content) ? null : { content: hexOf(content), bytes };
}
