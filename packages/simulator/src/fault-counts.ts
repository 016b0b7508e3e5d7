/** Names of every fault and attack, and how often each was triggered. Owns counting; who injects is elsewhere. */
import { attackKinds } from './attack-kinds.ts';

export const diskOperations = [
  'signState',
  'walAppend',
  'walSync',
  'walTruncate',
  'saveBlock',
  'saveState',
  'saveApplied',
  'putLocal',
] as const;

/** A point at which a node writes; a crash comes before or after it, and in the midst of those that can tear. */
export type DiskOperation = (typeof diskOperations)[number];

export const faultKinds = [
  'loss',
  'voteLoss',
  'hiddenDecision',
  'duplicate',
  'reorder',
  'delayTail',
  'connectionReset',
  'partitionFull',
  'partitionOneWay',
  'clockSkew',
  'clockJump',
  ...diskOperations.flatMap((operation) => [`crash.${operation}.before`, `crash.${operation}.after`] as const),
  'crash.walSync.torn',
  'crash.any',
  'tornWrite',
  'lostUnsynced',
  'bitFlipLog',
  'logLost',
  'signStateDamaged',
  'signStateOld',
  'bitFlipDatabase',
  'diskFull',
  /** Another set of validators decided a height that took more than one round, or was decided under some other fault. */
  'validatorChange',
  'keyRotation',
  'paramsVote',
  'slowDisk',
  'workerFailed',
  'twins',
  'amnesia',
  ...attackKinds,
  'competingLocks',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export class FaultCounts {
  readonly #counts = new Map<FaultKind, number>();

  add(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** Kinds triggered at least once. */
  get kinds(): number {
    return this.#counts.size;
  }

  /** In the order of `faultKinds`, without those never triggered. */
  entries(): readonly (readonly [FaultKind, number])[] {
    return faultKinds.flatMap((kind) => {
      const count = this.#counts.get(kind);
      return count === undefined ? [] : [[kind, count] as const];
    });
  }
}
