/**
 * What validators' reports come to (spec: learning §8): a candidate, medians, a verdict for each delta and each item. Owns a pure
 * function; what follows from it is close-round.ts.
 */
import { lowerWeightedMedian } from '../scoring/median.ts';
import {
  type DeltaVerdict,
  type Evaluator,
  type GateMeasures,
  type GateReport,
  type Hash,
  type LearningParams,
  type Power,
  type TrainingRound,
  ZERO_HASH,
} from '../types/index.ts';

type Opened = Evaluator & { readonly report: GateReport };

export type GateVerdict = {
  /** What most evaluators made of the deltas; null where they do not agree or nothing was trained. */
  readonly candidate: { readonly factors: Hash; readonly adapter: Hash } | null;
  readonly measures: GateMeasures;
  /** `OK` where the weights pass, else the first thing that fails. */
  readonly weights: WeightsReason;
  /** By trainer. */
  readonly deltas: readonly DeltaVerdict[];
  /** By item. */
  readonly accepted: readonly boolean[];
  /** Reports that count. */
  readonly reports: number;
};

export type WeightsReason =
  | 'OK'
  | 'NO_CANDIDATE'
  | 'GAIN'
  | 'FORGETTING'
  | 'TRIGGER'
  | 'INJECTION'
  | 'SPECTRUM'
  | 'BIAS';

const MEASURES = [
  'feedbackBefore',
  'feedbackAfter',
  'generalBefore',
  'generalAfter',
  'trigger',
  'injection',
  'spectral',
  'biasBefore',
  'biasAfter',
] as const satisfies readonly (keyof GateMeasures)[];

/** Null unless more than half of the evaluators' power has opened a report. `biasMark`: see `biasMark`. */
export function gateVerdict(
  round: Pick<TrainingRound, 'trainers' | 'items' | 'evaluators'>,
  params: LearningParams,
  biasMarkOf: (measures: GateMeasures) => number,
): GateVerdict | null {
  const opened = round.evaluators.filter((entry): entry is Opened => entry.report !== null);
  const total = powerOf(round.evaluators);
  if (2n * powerOf(opened) <= total) return null;
  const named = opened.find(({ report }) => 2n * powerOf(opened.filter((other) => isSame(other, report))) > total);
  const measures = mediansOf(named === undefined ? opened : opened.filter((other) => isSame(other, named.report)));
  const isTrained = named !== undefined && named.report.factors !== ZERO_HASH;
  return {
    candidate: isTrained ? { factors: named.report.factors, adapter: named.report.adapter } : null,
    measures,
    weights: isTrained ? weightsReason(measures, params, biasMarkOf(measures)) : 'NO_CANDIDATE',
    deltas: round.trainers.map(({ operator }, index) => {
      const judges = opened.filter((entry) => entry.operator !== operator);
      return majority(judges, ({ deltas }) => deltas[index]!, total) ?? 'ok';
    }),
    accepted: round.items.map((_, index) => majority(opened, ({ accepted }) => accepted[index]!) ?? false),
    reports: opened.length,
  };
}

function isSame({ report }: Opened, { factors, adapter }: GateReport): boolean {
  return report.factors === factors && report.adapter === adapter;
}

/** Each measure by itself. */
function mediansOf(opened: readonly Opened[]): GateMeasures {
  const medianOf = (name: keyof GateMeasures) =>
    lowerWeightedMedian(opened.map(({ power, report }) => ({ power, score: report.measures[name] }))) ?? 0;
  return Object.fromEntries(MEASURES.map((name) => [name, medianOf(name)])) as GateMeasures;
}

/** The first rule of §8.3 that the medians break. */
function weightsReason(measures: GateMeasures, params: LearningParams, biasMark: number): WeightsReason {
  const { feedbackBefore, feedbackAfter, generalBefore, generalAfter } = measures;
  if (feedbackAfter + params.gainMin > feedbackBefore) return 'GAIN';
  if (generalAfter > generalBefore + params.forgettingMax) return 'FORGETTING';
  if (measures.trigger > params.triggerMax) return 'TRIGGER';
  if (measures.injection > params.injectionMax) return 'INJECTION';
  if (measures.spectral > params.spectralMax) return 'SPECTRUM';
  return measures.biasAfter > params.biasMax || measures.biasAfter >= biasMark ? 'BIAS' : 'OK';
}

/** What more than half of the power says, of the reports' unless another is given; null without. */
function majority<T>(
  opened: readonly Opened[],
  read: (report: GateReport) => T,
  total: Power = powerOf(opened),
): T | null {
  const leader = opened.find(({ report }) => {
    const said = read(report);
    return 2n * powerOf(opened.filter((other) => read(other.report) === said)) > total;
  });
  return leader === undefined ? null : read(leader.report);
}

function powerOf(entries: readonly { readonly power: Power }[]): Power {
  return entries.reduce((sum, { power }) => sum + power, 0n);
}
