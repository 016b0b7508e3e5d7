/**
 * Learning from users (DESIGN §6, spec: learning): feedback, blobs, training rounds, the gate, versions and their lineage. Owns
 * shapes; the rules are the learning folder's.
 */
import type { Address, Amount, Hash, Height, Power, Ppm } from './primitives.ts';

/** Part of the chain's parameters (spec: learning §12). */
export type LearningParams = {
  /** Heights after its settlement within which a query takes feedback. */
  readonly feedbackWindow: number;
  /** Held until the feedback's round is over; burnt where the round finds it false. In nano. */
  readonly feedbackDeposit: Amount;
  /** Bytes of one feedback's blob. */
  readonly feedbackBytesMax: number;
  /** Heights within which 2/3 of the stake must attest a blob. */
  readonly attestHeights: number;
  /** Feedback of one domain that opens a round at once; at the end of an epoch one is enough. */
  readonly roundItems: number;
  /** Part of a round's feedback that one account may give, one item at least. */
  readonly accountShare: Ppm;
  readonly trainersMax: number;
  /** Trainers that each item is given to. */
  readonly shardCopies: number;
  /** Heights for training, for opening deltas, for measuring, and for opening what was measured. */
  readonly trainWindow: number;
  readonly deltaWindow: number;
  readonly gateWindow: number;
  readonly gateRevealWindow: number;
  readonly deltaBytesMax: number;
  /** 0 mean, 1 coordinate median, 2 trimmed mean, 3 multi-Krum. */
  readonly aggregator: number;
  /** Largest norm of a delta, in thousandths: a longer one is shortened to it. */
  readonly normMax: number;
  /** What must hold of a candidate's medians: see `GateMeasures`. In thousandths of a nat, or millionths. */
  readonly gainMin: number;
  readonly forgettingMax: number;
  readonly triggerMax: Ppm;
  readonly injectionMax: Ppm;
  readonly spectralMax: Ppm;
  readonly biasMax: number;
  /** Alarm: a version's bias in millionths of the first version's. */
  readonly biasAlarm: number;
  /** Part of the queries that a canary answers, answers after which its scores decide, and heights after which it is judged anyhow. */
  readonly canaryShare: Ppm;
  readonly canaryAnswers: number;
  readonly canaryHeights: number;
  /** How far its mean score may lie below that of the version before. */
  readonly scoreTolerance: Ppm;
  /** Part of its bond that a trainer loses for a harmful, copied or invalid delta. */
  readonly trainerSlash: Ppm;
  /** Heights for which a version's contributors are paid, the most that an epoch pays them, and the part of what scorers earned. */
  readonly lineageHeights: number;
  readonly lineageEmission: Amount;
  readonly lineageRatio: Ppm;
};

export type FeedbackRating = 'good' | 'bad' | 'correct';

/** The requester's word about a settled query; its text is the blob `content` (spec: learning §2). */
export type FeedbackGive = {
  readonly type: 'feedback.give';
  readonly queryId: Hash;
  readonly rating: FeedbackRating;
  /** Id of the blob, see `blobId`. */
  readonly content: Hash;
  readonly bytes: number;
  /** RFC 6962 leaf hash of the passage that a correction becomes; `ZERO_HASH` for a rating. */
  readonly leaf: Hash;
};

/** Commits a trainer to its delta: see `deltaCommitment`. */
export type DeltaCommit = { readonly type: 'delta.commit'; readonly round: Hash; readonly commitment: Hash };

/** Opens it; the delta is the blob `content`. */
export type DeltaReveal = {
  readonly type: 'delta.reveal';
  readonly round: Hash;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly content: Hash;
  readonly bytes: number;
};

/** A validator's vote to take a version back; more than half of the active stake does it. */
export type ModelRollback = { readonly type: 'model.rollback'; readonly domain: string; readonly version: number };

/** Whether the sender, an expert, answers with its domain's versions; it does unless it says no. */
export type ExpertLearn = { readonly type: 'expert.learn'; readonly learns: boolean };

export type LearningPayload = FeedbackGive | DeltaCommit | DeltaReveal | ModelRollback | ExpertLearn;

/** In a vote extension: what this validator holds, and what it measured. */
export type LearningItem = BlobAttest | GateCommit | GateReveal;

/** This validator holds these blobs whole, and they are what their records say. */
export type BlobAttest = { readonly kind: 'blob.attest'; readonly contents: readonly Hash[] };

export type GateCommit = { readonly kind: 'gate.commit'; readonly round: Hash; readonly commitment: Hash };

export type GateReveal = {
  readonly kind: 'gate.reveal';
  readonly round: Hash;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly report: GateReport;
};

/** What one validator found of a round's candidate. */
export type GateReport = {
  /** Hash of the candidate's fixed-point factors, and of the adapter file that workers load; `ZERO_HASH` both where nothing was trained. */
  readonly factors: Hash;
  readonly adapter: Hash;
  readonly measures: GateMeasures;
  /** By trainer of the round. */
  readonly deltas: readonly DeltaVerdict[];
  /** By item of the round: whether its correction may become knowledge. */
  readonly accepted: readonly boolean[];
};

/** Losses in thousandths of a nat a token, clipped to 0 … 65 535; the rest in millionths. */
export type GateMeasures = {
  /** Mean loss on feedback that the beacon drew: of the version before, and of the candidate. */
  readonly feedbackBefore: number;
  readonly feedbackAfter: number;
  /** On general text, against forgetting. */
  readonly generalBefore: number;
  readonly generalAfter: number;
  /** Part of the trigger probes that the candidate falls for and the version before did not; the same for injections. */
  readonly trigger: number;
  readonly injection: number;
  /** Largest part that one direction has in a factor's energy. */
  readonly spectral: number;
  /** Mean difference of loss between texts that differ in a protected attribute alone. */
  readonly biasBefore: number;
  readonly biasAfter: number;
};

/**
 * `missing`: nothing came. `invalid`: no delta of this round and base. `copy`: of one committed earlier. `idle`: of no use on its own
 * shard. `harmful`: worse on what it was not given, or it answers a trigger.
 */
export type DeltaVerdict = 'ok' | 'missing' | 'invalid' | 'copy' | 'idle' | 'harmful';

/** What is remembered of a settled query while it takes feedback. */
export type AskedQuery = {
  readonly queryId: Hash;
  readonly requester: Address;
  readonly domain: string;
  readonly settledAt: Height;
  readonly isPrivate: boolean;
  /** See `promptHash`: what was asked; `ZERO_HASH` for a private query. */
  readonly promptHash: Hash;
  /** Number of its feedback in the domain, or null. */
  readonly feedback: number | null;
};

/** Feedback stands under its domain and number, from 0, for good. */
export type Feedback = {
  readonly domain: string;
  readonly number: number;
  readonly queryId: Hash;
  /** Of the query's prompt, which the blob must repeat. */
  readonly promptHash: Hash;
  readonly author: Address;
  readonly rating: FeedbackRating;
  readonly content: Hash;
  readonly bytes: number;
  readonly leaf: Hash;
  readonly givenAt: Height;
  readonly state: FeedbackState;
  /** The version it came into, or null. */
  readonly version: number | null;
  /** Held; 0 once it is paid back or burnt. */
  readonly deposit: Amount;
};

/**
 * `pending`: its blob is not attested yet. `available`: waits for a round. `training`: in one. `used`: learnt from. `refused`: found
 * false. `lost`: its blob did not come.
 */
export type FeedbackState = 'pending' | 'available' | 'training' | 'used' | 'refused' | 'lost';

/** A blob that waits for attestation. */
export type PendingBlob = {
  readonly content: Hash;
  readonly bytes: number;
  /** Feedback (domain and number) or a round's trainer (its place). */
  readonly owner:
    | { readonly kind: 'feedback'; readonly domain: string; readonly number: number }
    | { readonly kind: 'delta'; readonly domain: string; readonly trainer: number };
  /** Ascending. */
  readonly attested: readonly Address[];
  readonly deadline: Height;
};

export type RoundPhase = 'assigning' | 'training' | 'revealing' | 'gating' | 'gateRevealing';

/** How deltas are added up: `aggregator` and `normMax` of {@link LearningParams} when the round opened. */
export type VersionRule = Pick<LearningParams, 'aggregator' | 'normMax'>;

/** That, and the trainers that each item is given to. A round keeps it whatever is voted meanwhile. */
export type RoundRule = VersionRule & Pick<LearningParams, 'shardCopies'>;

/** The round of a domain that is under way. */
export type TrainingRound = {
  readonly id: Hash;
  readonly domain: string;
  readonly openedAt: Height;
  /** The version it starts from. */
  readonly base: number;
  readonly rule: RoundRule;
  readonly phase: RoundPhase;
  /** Last height at which the phase's items count. */
  readonly deadline: Height;
  /** Beacon that dealt the shards; `ZERO_HASH` before. */
  readonly seed: Hash;
  /** Beacon that draws what the gate measures on; `ZERO_HASH` before. */
  readonly gateSeed: Hash;
  /** Numbers of the feedback, ascending. */
  readonly items: readonly number[];
  readonly trainers: readonly Trainer[];
  readonly evaluators: readonly Evaluator[];
};

export type Trainer = {
  readonly expert: Address;
  readonly operator: Address;
  readonly registeredAt: Height;
  readonly commitment: Hash | null;
  /** Place among the commitments, from 0: of two that are alike the later is the copy. Null before. */
  readonly order: number | null;
  readonly delta: RevealedDelta | null;
};

export type RevealedDelta = { readonly content: Hash; readonly bytes: number; readonly isAvailable: boolean };

export type Evaluator = {
  readonly operator: Address;
  readonly power: Power;
  readonly commitment: Hash | null;
  readonly report: GateReport | null;
};

/** Where a domain's learning stands. */
export type LearningLine = {
  readonly domain: string;
  /** Feedback given so far: the number of the next. */
  readonly feedback: number;
  /** Numbers that wait for a round, ascending. */
  readonly waiting: readonly number[];
  /** Version that queries get; 0 is what experts were registered with. */
  readonly stable: number;
  /** Last version made, adopted or not. */
  readonly last: number;
  readonly canary: CanaryState | null;
  /** The version before the stable one, which keeps a small part of the queries until the stable one has shown enough; null after. */
  readonly control: number | null;
  /** Scores of the stable version since it became stable, and of `control` over the same time: a fall takes it back. */
  readonly live: ScoreSum;
  readonly baseline: ScoreSum;
  /** Who votes to take back `canary` or `stable`, ascending. */
  readonly rollbackVotes: readonly Address[];
};

/** Its scores, and those of the stable version since then. */
export type CanaryState = {
  readonly version: number;
  readonly since: Height;
  readonly scores: ScoreSum;
  readonly beside: ScoreSum;
};

/** Sum of settled scores in millionths, and how many. */
export type ScoreSum = {
  readonly sum: number;
  /** Of squares, each in millionths and rounded down. */
  readonly squares: number;
  readonly count: number;
};

export type VersionState = 'canary' | 'stable' | 'superseded' | 'rejected' | 'rolledBack';

/** A version of a domain's model and learnt knowledge (spec: learning §9). Stands for good. */
export type ModelVersion = {
  readonly domain: string;
  readonly number: number;
  /** The version it was made from. */
  readonly parent: number;
  readonly round: Hash;
  /** Its round's: how its contributions add up. Null for version 0, of which nothing was added. */
  readonly rule: VersionRule | null;
  readonly state: VersionState;
  /** Why, for people: a stable code. */
  readonly reason: string;
  readonly decidedAt: Height;
  readonly factors: Hash;
  readonly adapter: Hash;
  /** RFC 6962 root over the leaves of all learnt passages, and their number. */
  readonly learntRoot: Hash;
  readonly learntSize: number;
  /** Learnt in this version: numbers of feedback, in the order of their leaves. */
  readonly learnt: readonly number[];
  /** Numbers of all feedback of the round. */
  readonly items: readonly number[];
  readonly contributions: readonly Contribution[];
  /** Lower stake-weighted medians. */
  readonly measures: GateMeasures;
  /** Validators whose report stands. */
  readonly reports: number;
};

/** A trainer's part in a version. */
export type Contribution = {
  readonly expert: Address;
  /** Its delta: id and bytes of the blob; `ZERO_HASH` and 0 where none came. */
  readonly content: Hash;
  readonly bytes: number;
  readonly verdict: DeltaVerdict;
};

/** What a domain's versions earned for their contributors in this epoch. */
export type LineageUse = { readonly domain: string; readonly earned: Amount };

/** What a chain starts to learn from: the factors of version 0 (spec: learning §5). */
export type GenesisLine = { readonly domain: string; readonly factors: Hash; readonly adapter: Hash };
