/**
 * What the host says to the consensus core and what the core asks of the host. Owns shapes only;
 * consensus.ts owns the functions between them.
 */
import type {
  Address,
  DuplicateEvidence,
  ExtendedCommit,
  Hash,
  Height,
  Proposal,
  Round,
  TimeoutParams,
  Validator,
  Vote,
  VoteType,
} from '@synod/chain';
import type { RoundState, SignedPlace, TimeoutKind } from './round-machine.ts';
import type { VoteKeeper } from './vote-keeper.ts';

/** What stays the same from height to height. */
export type ConsensusConfig = {
  readonly chainId: string;
  /** Operator address of this node's validator, or null for an observer, which follows and never speaks. */
  readonly self: Address | null;
  readonly timeouts: TimeoutParams;
};

/** What the committed state says about one height. */
export type HeightContext = {
  readonly height: Height;
  /** Sorted by operator; indices of bit arrays and certificates go by this order. */
  readonly validators: readonly Validator[];
  /** Pure: the same round always gives the same member of `validators`. Asked for rounds from 0. */
  readonly proposerOf: (round: Round) => Address;
};

/** A timeout of one round. */
export type Timeout = { readonly kind: TimeoutKind; readonly height: Height; readonly round: Round };

/** Everything the core can hear. Signatures are verified before; whatever does not concern the height is ignored. */
export type ConsensusInput =
  /** Begins round 0; the host sends it when the block interval has passed. */
  | { readonly kind: 'start' }
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  /** The host holds the block and judged it. A later verdict on the same block replaces the earlier one. */
  | { readonly kind: 'verdict'; readonly blockId: Hash; readonly valid: boolean }
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'timeout'; readonly timeout: Timeout }
  /** Answers `buildValue`. */
  | { readonly kind: 'localValue'; readonly round: Round; readonly blockId: Hash }
  /** A certificate that `verifyCommit` accepted: decides as soon as its block is judged valid. */
  | { readonly kind: 'certificate'; readonly commit: ExtendedCommit }
  /** What the sign state remembers of this height; the votes signed there are fed as votes (consensus §1.7). */
  | ({ readonly kind: 'resume' } & SignedPlace);

/** Everything the core can ask; the host performs effects in order. */
export type ConsensusEffect =
  | { readonly kind: 'roundEntered'; readonly height: Height; readonly round: Round; readonly proposer: Address }
  | { readonly kind: 'scheduleTimeout'; readonly timeout: Timeout; readonly delayMs: number }
  /** This node proposes and has no valid value: build a block and answer with `localValue`. */
  | { readonly kind: 'buildValue'; readonly height: Height; readonly round: Round }
  /** Sign (durably first), broadcast with the block, and feed back as `proposal` and `verdict`. */
  | {
      readonly kind: 'propose';
      readonly height: Height;
      readonly round: Round;
      readonly polRound: Round;
      readonly blockId: Hash;
    }
  /** Sign (durably first), broadcast, and feed back as `vote`. */
  | {
      readonly kind: 'vote';
      readonly type: VoteType;
      readonly height: Height;
      readonly round: Round;
      readonly blockId: Hash | null;
    }
  /** Final. `commitOf(state, round, blockId)` gives the certificate; later precommits still enrich it. */
  | { readonly kind: 'decide'; readonly height: Height; readonly round: Round; readonly blockId: Hash }
  | { readonly kind: 'evidence'; readonly evidence: DuplicateEvidence }
  /**
   * More than 2/3 precommitted a block that is not judged valid here: get it, judge it without the clock rule (its
   * time is settled by now), and answer with `verdict`. Asked once a block.
   */
  | { readonly kind: 'fetchBlock'; readonly height: Height; readonly round: Round; readonly blockId: Hash };

/** One validator's latest votes for a round beyond the window (consensus §1.5). */
export type ParkedVotes = { readonly round: Round; readonly votes: readonly Vote[] };

/** The state of one height. Immutable; read it through views.ts. */
export type ConsensusState = {
  readonly config: ConsensusConfig;
  readonly context: HeightContext;
  readonly machine: RoundState;
  readonly keeper: VoteKeeper;
  /** At most two a round, in order of arrival. */
  readonly proposals: ReadonlyMap<Round, readonly Proposal[]>;
  readonly verdicts: ReadonlyMap<Hash, boolean>;
  readonly parked: ReadonlyMap<Address, ParkedVotes>;
  readonly certificate: ExtendedCommit | null;
  readonly decision: { readonly round: Round; readonly blockId: Hash } | null;
  /** Round for which `buildValue` waits for its answer, or −1. */
  readonly awaitedValueRound: Round;
  /** Last round whose prevote timeout was scheduled, or −1: L34 fires once a round. */
  readonly prevoteTimeoutRound: Round;
  /** The same for L47. */
  readonly precommitTimeoutRound: Round;
  /** Blocks asked for by `fetchBlock`. */
  readonly fetched: ReadonlySet<Hash>;
};

/** The next state and what the host must do, in order. */
export type StepResult = { readonly state: ConsensusState; readonly effects: readonly ConsensusEffect[] };
