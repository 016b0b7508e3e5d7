/**
 * The end of a round (spec: learning §8.4, §8.5): the version it makes, what becomes of its feedback, and what bad deltas cost. Owns these
 * writes; the verdict's arithmetic is verdict.ts.
 */
import type { PhaseContext } from '../market/phases.ts';
import { slashBond } from '../market/slash-bond.ts';
import type { EmitEvent } from '../state/events.ts';
import type { Overlay } from '../state/view.ts';
import { type Contribution, type Feedback, type ModelVersion, type TrainingRound, ZERO_HASH } from '../types/index.ts';
import { startCanary } from './canary.ts';
import { settleDeposit } from './deposit.ts';
import {
  deleteRound,
  listPendingBlobs,
  readFeedback,
  readLine,
  writeFeedback,
  writeLearntPeaks,
  writeLine,
  writePendingBlobs,
  writeVersion,
} from './learning-records.ts';
import { appendLeaf, learntRoot } from './learnt-tree.ts';
import { type GateVerdict, gateVerdict } from './verdict.ts';
import { biasMark, learntTreeOf, versionOf } from './versions.ts';

type Item = { readonly feedback: Feedback; readonly isAccepted: boolean };

/** Ends the round: with a version where enough validators reported, else its feedback waits for the next one. */
export function closeRound(overlay: Overlay, round: TrainingRound, context: PhaseContext): void {
  const { domain } = round;
  const { learning } = context.params;
  const verdict = gateVerdict(round, learning, (measures) => biasMark(overlay, domain, measures, learning));
  if (verdict === null) return abandonRound(overlay, round, 'NO_QUORUM', context.emit);
  deleteRound(overlay, domain);
  slashTrainers(overlay, round, verdict, context);
  const items = round.items.map((number, index): Item => {
    const feedback = readFeedback(overlay, domain, number)!;
    return { feedback, isAccepted: feedback.rating !== 'correct' || verdict.accepted[index]! };
  });
  const version = makeVersion(overlay, { round, items, verdict }, context);
  const { number, reason } = version;
  for (const item of items) settleItem(overlay, item, version);
  context.emit({ type: 'round.closed', domain, round: round.id, version: number, reason });
}

/** Ends the round without a version: its feedback waits again, and nobody waits for its blobs. */
export function abandonRound(
  overlay: Overlay,
  { domain, id, items }: TrainingRound,
  reason: string,
  emit: EmitEvent,
): void {
  deleteRound(overlay, domain);
  dropDeltas(overlay, domain);
  for (const number of items) writeFeedback(overlay, { ...readFeedback(overlay, domain, number)!, state: 'available' });
  const line = readLine(overlay, domain)!;
  writeLine(overlay, { ...line, waiting: [...line.waiting, ...items].sort((a, b) => a - b) });
  emit({ type: 'round.closed', domain, round: id, version: null, reason });
}

/** Takes the deltas of a domain's round off the list of blobs that wait. */
function dropDeltas(overlay: Overlay, domain: string): void {
  const pending = listPendingBlobs(overlay);
  const others = pending.filter(({ owner }) => owner.kind !== 'delta' || owner.domain !== domain);
  if (others.length < pending.length) writePendingBlobs(overlay, others);
}

function slashTrainers(overlay: Overlay, round: TrainingRound, { deltas }: GateVerdict, context: PhaseContext): void {
  const { params, emit } = context;
  for (const [index, trainer] of round.trainers.entries()) {
    const verdict = deltas[index]!;
    const isBad = verdict === 'invalid' || verdict === 'copy' || verdict === 'harmful';
    if (!isBad || trainer.delta === null) continue;
    const amount = slashBond(overlay, trainer, { part: params.learning.trainerSlash, params });
    if (amount === 0n) continue;
    const { domain, id } = round;
    emit({ type: 'trainer.slashed', domain, round: id, expert: trainer.expert, verdict, amount });
  }
}

type Closing = { readonly round: TrainingRound; readonly items: readonly Item[]; readonly verdict: GateVerdict };

function makeVersion(overlay: Overlay, { round, items, verdict }: Closing, context: PhaseContext): ModelVersion {
  const { domain, base } = round;
  const { aggregator, normMax } = round.rule;
  const line = readLine(overlay, domain)!;
  const parent = versionOf(overlay, domain, base)!;
  const learnt = items.flatMap(({ feedback, isAccepted }) =>
    isAccepted && feedback.rating === 'correct' ? [feedback] : [],
  );
  const tree = learnt.reduce((grown, { leaf }) => appendLeaf(grown, leaf), learntTreeOf(overlay, parent));
  const isAdopted = verdict.weights === 'OK' && verdict.candidate!.factors !== parent.factors;
  const isNew = isAdopted || learnt.length > 0;
  const { factors, adapter } = isAdopted ? verdict.candidate! : parent;
  const version: ModelVersion = {
    domain,
    number: line.last + 1,
    parent: base,
    round: round.id,
    rule: { aggregator, normMax },
    state: isNew ? 'canary' : 'rejected',
    reason: verdict.weights,
    decidedAt: context.height,
    factors,
    adapter,
    learntRoot: learntRoot(tree),
    learntSize: tree.size,
    learnt: learnt.map(({ number }) => number),
    items: round.items,
    contributions: contributionsOf(round, verdict),
    measures: verdict.measures,
    reports: verdict.reports,
  };
  writeVersion(overlay, version);
  writeLearntPeaks(overlay, domain, version.number, tree.peaks);
  writeLine(overlay, { ...line, last: version.number });
  const { number, state, reason } = version;
  context.emit({ type: 'version.made', domain, version: number, state, reason });
  watchBias(overlay, version, verdict, context);
  if (isNew) startCanary(overlay, version, context);
  return version;
}

function contributionsOf({ trainers }: TrainingRound, { deltas }: GateVerdict): readonly Contribution[] {
  return trainers.map(({ expert, delta }, index) => ({
    expert,
    content: delta?.content ?? ZERO_HASH,
    bytes: delta?.bytes ?? 0,
    verdict: delta === null ? 'missing' : deltas[index]!,
  }));
}

/** The alarm is given for what was measured, whether the gate let it pass or not (learning §11). */
function watchBias(
  overlay: Overlay,
  version: ModelVersion,
  verdict: GateVerdict,
  { params, emit }: PhaseContext,
): void {
  const { domain, number, measures } = version;
  const mark = biasMark(overlay, domain, measures, params.learning);
  if (verdict.candidate === null || measures.biasAfter < mark) return;
  emit({ type: 'bias.alarm', domain, version: number, bias: measures.biasAfter, mark });
}

/** Deposits of what was learnt from are paid back, those of false corrections burnt. */
function settleItem(overlay: Overlay, { feedback, isAccepted }: Item, { number, state }: ModelVersion): void {
  const settled = settleDeposit(overlay, feedback, isAccepted ? 'return' : 'burn');
  const version = isAccepted && state !== 'rejected' ? number : null;
  writeFeedback(overlay, { ...settled, state: isAccepted ? 'used' : 'refused', version });
}
