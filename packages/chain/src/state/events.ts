/**
 * What a block did, as the host and the RPC report it. Owns shapes; not part of state and never hashed.
 */
import type {
  Address,
  Amount,
  DeltaVerdict,
  Feedback,
  GroupScore,
  Hash,
  Height,
  ParamChange,
  PendingBlob,
  Ppm,
  PublicKey,
  QueryPhase,
  Receipt,
  RoundPhase,
  VersionState,
  VoteChoice,
  VoteOutcome,
  VoteTally,
} from '../types/index.ts';

/** In the order in which they happened within the block. */
export type ChainEvent =
  | {
      readonly type: 'transfer';
      readonly transaction: Hash;
      readonly from: Address;
      readonly to: Address;
      readonly amount: Amount;
    }
  | {
      readonly type: 'expert.registered';
      readonly expert: Address;
      readonly domain: string;
      readonly operator: Address;
    }
  | ExpertEvent
  | { readonly type: 'query.opened'; readonly queryId: Hash; readonly requester: Address; readonly domain: string }
  | { readonly type: 'query.selected'; readonly queryId: Hash; readonly experts: readonly Address[] }
  | { readonly type: 'query.cancelled'; readonly queryId: Hash; readonly deadline: Height }
  | { readonly type: 'expert.slashed'; readonly expert: Address; readonly queryId: Hash; readonly amount: Amount }
  | { readonly type: 'query.phase'; readonly queryId: Hash; readonly phase: QueryPhase; readonly deadline: Height }
  | { readonly type: 'answer.committed'; readonly queryId: Hash; readonly expert: Address }
  | { readonly type: 'answer.revealed'; readonly queryId: Hash; readonly expert: Address; readonly group: number }
  | { readonly type: 'score.committed'; readonly queryId: Hash; readonly validator: Address }
  | ScoresRevealed
  | ScoreMisrevealed
  | {
      readonly type: 'query.disclosed';
      readonly queryId: Hash;
      readonly expert: Address;
      /** What the answer breaks, or null. */
      readonly problem: string | null;
      readonly slashed: Amount;
    }
  | {
      readonly type: 'query.calibrated';
      readonly queryId: Hash;
      readonly calibrator: Address;
      /** By group: a million where it says the gold, else 0. */
      readonly truths: readonly Ppm[];
      /** More than 2/3 of the scoring power contradict it: it counts for nothing. */
      readonly isVoid: boolean;
    }
  | {
      readonly type: 'epoch.rewarded';
      readonly epoch: number;
      /** Nano created: the sum of all payments. */
      readonly issued: Amount;
      readonly experts: readonly { readonly expert: Address; readonly payment: Amount }[];
      /** `kept` is the operator's commission, the rest of `payment` went into its pool. */
      readonly scorers: readonly { readonly operator: Address; readonly payment: Amount; readonly kept: Amount }[];
    }
  | { readonly type: 'query.settled'; readonly queryId: Hash; readonly receipt: Receipt }
  | { readonly type: 'evidence.recorded'; readonly evidence: Hash; readonly validator: Address }
  | LearningEvent
  | StakeEvent
  | VotingEvent;

/** What experts did with their registration. */
export type ExpertEvent =
  /** `isAnother`: with another model or other knowledge. */
  | { readonly type: 'expert.updated'; readonly expert: Address; readonly isAnother: boolean }
  | { readonly type: 'expert.paused'; readonly expert: Address; readonly paused: boolean }
  | { readonly type: 'expert.retired'; readonly expert: Address; readonly releaseAt: Height }
  | { readonly type: 'expert.released'; readonly expert: Address; readonly bond: Amount };

/** What happened to proposals of parameters. */
export type VotingEvent =
  | {
      readonly type: 'params.proposed';
      readonly proposal: Hash;
      readonly proposer: Address;
      readonly changes: readonly ParamChange[];
      readonly votingEndsAt: Height;
    }
  | {
      readonly type: 'params.voted';
      readonly proposal: Hash;
      readonly validator: Address;
      readonly choice: VoteChoice;
    }
  | {
      readonly type: 'params.decided';
      readonly proposal: Hash;
      readonly outcome: VoteOutcome;
      readonly tally: VoteTally;
    }
  | {
      readonly type: 'params.changed' | 'params.dropped';
      readonly proposal: Hash;
      readonly changes: readonly ParamChange[];
    };

/** What happened on the way from feedback to versions (spec: learning). */
export type LearningEvent =
  | ({ readonly type: 'feedback.given' } & Pick<
      Feedback,
      'domain' | 'number' | 'queryId' | 'author' | 'rating' | 'content' | 'bytes'
    >)
  /** More than 2/3 of the power holds the blob, or it was given up. */
  | { readonly type: 'blob.available' | 'blob.lost'; readonly content: Hash; readonly owner: PendingBlob['owner'] }
  | {
      readonly type: 'round.opened';
      readonly domain: string;
      readonly round: Hash;
      readonly base: number;
      readonly items: readonly number[];
    }
  | {
      readonly type: 'round.phase';
      readonly domain: string;
      readonly round: Hash;
      readonly phase: RoundPhase;
      readonly deadline: Height;
    }
  | {
      readonly type: 'round.closed';
      readonly domain: string;
      readonly round: Hash;
      /** Null where none was made: the reason says why. */
      readonly version: number | null;
      readonly reason: string;
    }
  | {
      readonly type: 'trainer.slashed';
      readonly domain: string;
      readonly round: Hash;
      readonly expert: Address;
      readonly verdict: DeltaVerdict;
      readonly amount: Amount;
    }
  | VersionEvent
  | {
      readonly type: 'lineage.paid';
      readonly domain: string;
      /** Nano created: the sum of the payments. */
      readonly issued: Amount;
      readonly payments: readonly { readonly account: Address; readonly payment: Amount }[];
    };

export type VersionEvent =
  | {
      readonly type: 'version.made' | 'version.changed';
      readonly domain: string;
      readonly version: number;
      readonly state: VersionState;
      readonly reason: string;
    }
  | {
      readonly type: 'bias.alarm';
      readonly domain: string;
      /** The version whose candidate was measured, adopted or not. */
      readonly version: number;
      readonly bias: number;
      /** From here on it is an alarm. */
      readonly mark: number;
    };

/** What happened to stake. */
export type StakeEvent =
  | { readonly type: 'validator.created'; readonly validator: Address; readonly bond: Amount }
  | { readonly type: 'validator.exited'; readonly validator: Address }
  | { readonly type: 'validator.unjailed'; readonly validator: Address }
  | {
      readonly type: 'validator.rotated';
      readonly validator: Address;
      readonly publicKey: PublicKey;
      readonly vrfKey: PublicKey;
    }
  | {
      readonly type: 'validator.slashed';
      readonly validator: Address;
      readonly amount: Amount;
      readonly reason: 'doubleSign' | 'lightAttack' | 'downtime' | 'misreveal';
    }
  /** It may be taken into the set from now on; in the place of another where no seat was free. */
  | { readonly type: 'validator.seated'; readonly validator: Address; readonly displaced: Address | null }
  | { readonly type: 'validators.changed'; readonly from: Height }
  | {
      readonly type: 'stake.delegated' | 'stake.paid';
      readonly validator: Address;
      readonly delegator: Address;
      readonly amount: Amount;
    }
  /** Stake in `validator`'s pool paid what it owed for `from`, which was barred after the stake had left it. */
  | {
      readonly type: 'stake.burnt';
      readonly from: Address;
      readonly validator: Address;
      readonly delegator: Address;
      readonly amount: Amount;
    }
  | {
      readonly type: 'stake.undelegated';
      readonly validator: Address;
      readonly delegator: Address;
      readonly amount: Amount;
      readonly maturesAt: Height;
    }
  | {
      readonly type: 'stake.redelegated';
      readonly from: Address;
      readonly to: Address;
      readonly delegator: Address;
      readonly amount: Amount;
    };

/** A validator opened a commitment to scores wrongly, too early or too late (spec: market §6.8). */
export type ScoreMisrevealed = {
  readonly type: 'score.misrevealed';
  readonly queryId: Hash;
  readonly validator: Address;
  readonly fault: MisrevealFault;
};

export type MisrevealFault = 'mismatch' | 'early' | 'late';

export type ScoresRevealed = {
  readonly type: 'score.revealed';
  readonly queryId: Hash;
  readonly validator: Address;
  readonly scores: readonly GroupScore[];
};

/** Where a stage of the block reports what it did. */
export type EmitEvent = (event: ChainEvent) => void;
