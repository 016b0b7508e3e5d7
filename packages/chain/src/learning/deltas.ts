/**
 * Commits and reveals of deltas by a round's trainers (spec: learning §4.3). Owns what counts when; whether a delta is any good is
 * the gate's.
 */
import { expertBehind } from '../market/expert-life.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type {
  Address,
  ChainParams,
  DeltaCommit,
  DeltaReveal,
  Hash,
  RoundPhase,
  Trainer,
  TrainingRound,
} from '../types/index.ts';
import { awaitBlob, blobRoom } from './attest.ts';
import { deltaCommitment } from './commitments.ts';
import { listLines, readRound, writeRound } from './learning-records.ts';

export type DeltaContext = { readonly sender: Address; readonly params: ChainParams };

type Slot = { readonly round: TrainingRound; readonly index: number; readonly trainer: Trainer };

/** The round under way with this id, or null. */
export function findRound(view: StateView, id: Hash): TrainingRound | null {
  for (const domain of listLines(view)) {
    const round = readRound(view, domain);
    if (round?.id === id) return round;
  }
  return null;
}

/** Takes in a trainer's commitment while the round is `training`. Returns `OK` or a stable code. */
export function applyDeltaCommit(
  overlay: Overlay,
  payload: DeltaCommit,
  { sender }: Pick<DeltaContext, 'sender'>,
): string {
  const slot = findSlot(overlay, payload.round, 'training', sender);
  if (typeof slot === 'string') return slot;
  const { round, trainer } = slot;
  if (trainer.commitment !== null) return 'DELTA_TWICE';
  const order = round.trainers.filter(({ commitment }) => commitment !== null).length;
  writeTrainer(overlay, slot, { ...trainer, commitment: payload.commitment, order });
  return 'OK';
}

/** Takes in the delta that opens the trainer's commitment, and waits for its blob. Returns `OK` or a stable code. */
export function applyDeltaReveal(overlay: Overlay, payload: DeltaReveal, { sender, params }: DeltaContext): string {
  const slot = findSlot(overlay, payload.round, 'revealing', sender);
  if (typeof slot === 'string') return slot;
  const { round, index, trainer } = slot;
  const { salt, content, bytes } = payload;
  if (trainer.delta !== null) return 'DELTA_TWICE';
  if (bytes > params.learning.deltaBytesMax) return 'DELTA_TOO_LONG';
  if (deltaCommitment({ round: round.id, trainer: sender, salt, content }) !== trainer.commitment)
    return 'DELTA_MISMATCH';
  const blob = { content, bytes, owner: { kind: 'delta', domain: round.domain, trainer: index } } as const;
  if (blobRoom(overlay, blob) !== 'ok') return 'LEARNING_FULL';
  awaitBlob(overlay, { ...blob, deadline: round.deadline });
  writeTrainer(overlay, slot, { ...trainer, delta: { content, bytes, isAvailable: false } });
  return 'OK';
}

/** The sender's slot, or why it has none. Who registered anew since the draw is somebody else. */
function findSlot(overlay: Overlay, id: Hash, phase: RoundPhase, sender: Address): Slot | string {
  const round = findRound(overlay, id);
  if (round === null) return 'ROUND_UNKNOWN';
  if (round.phase !== phase) return 'ROUND_PHASE';
  const index = round.trainers.findIndex(({ expert }) => expert === sender);
  const trainer = round.trainers[index];
  if (trainer === undefined || expertBehind(overlay, trainer) === null) return 'TRAINER_UNKNOWN';
  return { round, index, trainer };
}

function writeTrainer(overlay: Overlay, { round, index }: Slot, trainer: Trainer): void {
  writeRound(overlay, { ...round, trainers: round.trainers.map((old, at) => (at === index ? trainer : old)) });
}
