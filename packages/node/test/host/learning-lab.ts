/** Training rounds in the lab: a learner that finds everything good, the way to an open round, and what nodes know of it. Owns no assertion. */
import {
  type GateMeasures,
  type Hash,
  type LearningLine,
  type ModelVersion,
  type Receipt,
  readLine,
  readRound,
  readVersion,
  type TrainingRound,
  taggedHash,
} from '@synod/chain';
import type { LearnerMessage, LearnerTask } from '../../src/host/index.ts';
import { correctionOf, give, started } from './feedback-lab.ts';
import { type Lab, type LabNode, type LabOptions, type LearnerScript, openQuery } from './lab.ts';

export const factors: Hash = taggedHash('candidate factors');
export const adapter: Hash = taggedHash('candidate adapter');

export const measures: GateMeasures = {
  feedbackBefore: 900,
  feedbackAfter: 500,
  generalBefore: 300,
  generalAfter: 300,
  trigger: 0,
  injection: 0,
  spectral: 100_000,
  biasBefore: 10,
  biasAfter: 10,
};

/** A delta of this node for this round. */
export function deltaOf(task: LearnerTask, node: number): Uint8Array {
  return new TextEncoder().encode(`delta of node ${node} for ${task.round}`.padEnd(70_000, '.'));
}

/** Everything trained is good and everything said is true. */
export const learner: LearnerScript = (task, node): LearnerMessage => {
  const { id } = task;
  if (task.kind === 'train') return { kind: 'trained', id, delta: deltaOf(task, node) };
  if (task.kind === 'aggregate') return { kind: 'aggregated', id, factors, adapter };
  const deltas = task.deltas.map(({ content }) => (content === null ? 'missing' : 'ok'));
  const accepted = task.items.map(() => true);
  return { kind: 'evaluated', id, report: { factors, adapter, measures, deltas, accepted } };
};

/** Parameters of short rounds: four feedbacks open a round: as many as there are trainers. */
export const learning: NonNullable<LabOptions['learning']> = {
  roundItems: 4,
  accountShare: 1_000_000,
  trainWindow: 40,
  deltaWindow: 40,
  gateWindow: 40,
  canaryHeights: 20,
};

/** A lab with these rounds and this learner, that has decided some blocks. */
export function learningLab(options: LabOptions = {}): Lab {
  return started({ learner, learning, ...options });
}

export const roundAt = (node: LabNode): TrainingRound | null => readRound(node.head.state, 'general');
export const lineAt = (node: LabNode): LearningLine | null => readLine(node.head.state, 'general');
export const versionAt = (node: LabNode, number = 1): ModelVersion | null =>
  readVersion(node.head.state, 'general', number);

/** Alice corrects four answers; the round that opens. */
export function openRound(lab: Lab): TrainingRound {
  const queries = [1, 2, 3, 4].map(() => openQuery(lab));
  const receipts = new Map<Hash, Receipt>();
  lab.runUntil(() => {
    for (const receipt of lab.nodes[1]!.head.results?.receipts ?? []) receipts.set(receipt.queryId, receipt);
    return receipts.size === queries.length;
  }, 120_000);
  for (const [index, queryId] of queries.entries())
    give(lab, correctionOf(receipts.get(queryId)!, { correction: `The capital of country ${index} is Paris.` }));
  lab.runUntil(() => lab.live.every((node) => (roundAt(node)?.trainers.length ?? 0) > 0), 60_000);
  return roundAt(lab.live[0]!)!;
}

/** The first version, once every node that runs has it. */
export function untilVersion(lab: Lab): ModelVersion {
  lab.runUntil(() => lab.live.every((node) => versionAt(node) !== null), 120_000);
  return versionAt(lab.live[0]!)!;
}
