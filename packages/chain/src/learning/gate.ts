/**
 * What validators say of a candidate in their vote extensions (spec: learning §4.4, §7.4). Owns which item counts; one that makes no
 * sense is ignored, for a vote is never invalid by its reports. First one wins.
 */
import type { Overlay } from '../state/view.ts';
import type { Address, Evaluator, GateCommit, GateReveal, Hash, TrainingRound } from '../types/index.ts';
import { gateCommitment } from './commitments.ts';
import { listLines, readRound, writeRound } from './learning-records.ts';

export type GateItem = GateCommit | GateReveal;

/** Takes in the items of all extensions of a block, in their order. */
export function applyGateItems(
  overlay: Overlay,
  items: readonly { readonly validator: Address; readonly item: GateItem }[],
): void {
  if (items.length === 0) return;
  const under = listLines(overlay).flatMap((domain) => readRound(overlay, domain) ?? []);
  const rounds = new Map(under.map((round) => [round.id, round]));
  const changed = new Set<Hash>();
  for (const { validator, item } of items) {
    const round = rounds.get(item.round);
    const next = round === undefined ? null : withItem(round, validator, item);
    if (next === null) continue;
    rounds.set(next.id, next);
    changed.add(next.id);
  }
  for (const id of changed) writeRound(overlay, rounds.get(id)!);
}

/** The round with the item taken in, or null when the item does not count. */
function withItem(round: TrainingRound, validator: Address, item: GateItem): TrainingRound | null {
  const index = round.evaluators.findIndex(({ operator }) => operator === validator);
  const before = round.evaluators[index];
  if (before === undefined) return null;
  const next = item.kind === 'gate.commit' ? commit(round, before, item) : reveal(round, before, item);
  return next && { ...round, evaluators: round.evaluators.map((old, at) => (at === index ? next : old)) };
}

function commit({ phase }: TrainingRound, evaluator: Evaluator, { commitment }: GateCommit): Evaluator | null {
  return phase === 'gating' && evaluator.commitment === null ? { ...evaluator, commitment } : null;
}

/** The phase begins at the end of a block, so the commitment stands in an earlier one: what is opened helps no copier. */
function reveal(round: TrainingRound, evaluator: Evaluator, { salt, report }: GateReveal): Evaluator | null {
  if (round.phase !== 'gateRevealing' || evaluator.commitment === null || evaluator.report !== null) return null;
  if (report.deltas.length !== round.trainers.length || report.accepted.length !== round.items.length) return null;
  const opening = { round: round.id, validator: evaluator.operator, salt, report };
  return gateCommitment(opening) === evaluator.commitment ? { ...evaluator, report } : null;
}
