/**
 * What validators say of a candidate in their vote extensions (spec: learning §4.4, §7.4). Owns which item counts; one that makes no
 * sense is ignored, for a vote is never invalid by its reports. First one wins.
 */
import type { Overlay } from '../state/view.ts';
import type { Address, Evaluator, GateCommit, GateReveal, TrainingRound } from '../types/index.ts';
import { gateCommitment } from './commitments.ts';
import { findRound } from './deltas.ts';
import { writeRound } from './learning-records.ts';

/** Takes in one item of a validator's extension. */
export function applyGateItem(overlay: Overlay, validator: Address, item: GateCommit | GateReveal): void {
  const round = findRound(overlay, item.round);
  const index = round?.evaluators.findIndex(({ operator }) => operator === validator) ?? -1;
  const before = round?.evaluators[index];
  if (round === null || before === undefined) return;
  const next = item.kind === 'gate.commit' ? commit(round, before, item) : reveal(round, before, item);
  if (next === null) return;
  writeRound(overlay, { ...round, evaluators: round.evaluators.map((old, at) => (at === index ? next : old)) });
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
