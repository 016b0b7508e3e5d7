/**
 * What one node should do now for what its chain learns (spec: learning §3, §4). Owns a pure reading of state for the host: nothing
 * here is a rule of validity.
 */
import { expertBehind } from '../market/expert-life.ts';
import { readValidatorRecord } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import { type Address, type PendingBlob, type Trainer, type TrainingRound, ZERO_HASH } from '../types/index.ts';
import { listLines, listPendingBlobs, readRound } from './learning-records.ts';
import { shardOf } from './shards.ts';

/** A duty of one of the node's own experts. */
export type TrainDuty = {
  readonly round: TrainingRound;
  /** Its place among the round's trainers. */
  readonly trainer: number;
  readonly expert: Address;
  /** Numbers of the feedback that it was given, ascending. */
  readonly shard: readonly number[];
};

export type LearningWork = {
  /** Blobs that this validator has not attested: once whole and checked, put them into every precommit. */
  readonly attest: readonly PendingBlob[];
  /** Drawn and without commitment: train, make the delta durable, then send `delta.commit`. */
  readonly train: readonly TrainDuty[];
  /** Committed, and reveals are open: publish the blob, then send `delta.reveal`. */
  readonly revealDelta: readonly TrainDuty[];
  /** Aggregate and measure, make the report durable, then put `gate.commit` in every precommit. */
  readonly gate: readonly TrainingRound[];
  /** The commitment stands and commits have closed: put `gate.reveal` in every precommit. */
  readonly revealGate: readonly TrainingRound[];
};

/** Duties of the node of validator `operator` (null: of none) that runs `experts`, by domain. */
export function learningWork(
  view: StateView,
  { operator, experts }: { readonly operator: Address | null; readonly experts: readonly Address[] },
): LearningWork {
  const rounds = listLines(view).flatMap((domain) => readRound(view, domain) ?? []);
  const duties = (isDue: (round: TrainingRound, trainer: Trainer) => boolean) =>
    rounds.flatMap((round) => trainDuties(view, round, experts, isDue));
  const evaluation = (round: TrainingRound) => round.evaluators.find((entry) => entry.operator === operator);
  return {
    attest: operator === null ? [] : blobsToAttest(view, operator),
    train: duties(({ phase }, { commitment }) => phase === 'training' && commitment === null),
    revealDelta: duties(({ phase }, { commitment, delta }) => phase === 'revealing' && commitment !== null && !delta),
    gate: rounds.filter((round) => isGateDue(round) && evaluation(round)?.commitment === null),
    revealGate: rounds.filter((round) => {
      const own = round.phase === 'gateRevealing' ? evaluation(round) : undefined;
      return own !== undefined && own.commitment !== null && own.report === null;
    }),
  };
}

function isGateDue({ phase, gateSeed }: TrainingRound): boolean {
  return phase === 'gating' && gateSeed !== ZERO_HASH;
}

function blobsToAttest(view: StateView, operator: Address): readonly PendingBlob[] {
  if (readValidatorRecord(view).validators.every((validator) => validator.operator !== operator)) return [];
  return listPendingBlobs(view).filter(({ attested }) => !attested.includes(operator));
}

function trainDuties(
  view: StateView,
  round: TrainingRound,
  experts: readonly Address[],
  isDue: (round: TrainingRound, trainer: Trainer) => boolean,
): readonly TrainDuty[] {
  return round.trainers.flatMap((slot, trainer) => {
    const { expert } = slot;
    if (!experts.includes(expert) || !isDue(round, slot) || expertBehind(view, slot) === null) return [];
    return [{ round, trainer, expert, shard: shardOf(round, trainer) }];
  });
}
