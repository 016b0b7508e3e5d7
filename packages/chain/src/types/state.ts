/**
 * Records of the chain's state and what applying a block reports. Owns shapes; keys.ts owns where each record lies.
 */

import type { GroupScore, Validator } from './block.ts';
import type { GenesisLine, LearningParams } from './learning.ts';
import type { Breaker, CheckVerdict, ExpertStatus, GroupCheck, MarketParams, SelectionRecord } from './market.ts';
import type { Address, Amount, Hash, Height, Power, Ppm, PublicKey, TimestampMs } from './primitives.ts';
import type { StakingParams, VotingParams } from './staking.ts';
import type { Answer, ExpertProfile, QueryContract } from './transaction.ts';

export type Account = { readonly balance: Amount };

/** A decayed sum of observations from 0 to 1, in millionths: mean = alpha / (alpha + beta). */
export type BetaPair = { readonly alpha: number; readonly beta: number };

/** How near a validator's scores were to the truth (spec: market §12.6): over answers that gold calls right, and wrong ones. */
export type Accuracy = {
  readonly right: BetaPair;
  readonly wrong: BetaPair;
  /** Answers judged so far. */
  readonly answers: number;
};

/** Scores in ppm that one validator revealed of an expert's answers in this epoch. */
export type TallyEntry = { readonly scorer: Address; readonly sum: number; readonly count: number };

/** How far a validator has bought into an expert, in ppb. */
export type BondEntry = { readonly scorer: Address; readonly bond: number };

/** Queries of this epoch that a validator was to score, and those of which it revealed its scores. */
export type Attendance = { readonly scorer: Address; readonly due: number; readonly revealed: number };

/** Seals that a validator opened in an epoch. */
export type CalibrationCount = { readonly epoch: number; readonly count: number };

/** Where every nano is. `issued = balances + escrowed + bonded + staked + unbonding + burnt` holds after every block. */
export type Supply = {
  readonly issued: Amount;
  readonly burnt: Amount;
  readonly escrowed: Amount;
  /** Bonds of experts. */
  readonly bonded: Amount;
  /** Stake in validators' pools. */
  readonly staked: Amount;
  /** Stake that left a pool and is not paid out yet. */
  readonly unbonding: Amount;
};

/** Genesis state, changed by vote (spec: staking §8); never configuration. */
export type ChainParams = {
  readonly blockBytesMax: number;
  readonly transactionBytesMax: number;
  readonly extensionBytesMax: number;
  readonly promptBytesMax: number;
  readonly answerBytesMax: number;
  readonly respondentsMax: number;
  readonly windowMax: number;
  readonly expertBondMin: Amount;
  readonly baseFeePerByteMin: Amount;
  /** Block fullness the base fee steers towards. */
  readonly blockBytesTarget: number;
  /** Cap on a contract's threshold (DESIGN §3.4). */
  readonly thresholdMax: Ppm;
  /** Floor of a contract's base part. */
  readonly basePartMin: Ppm;
  /** γ of the Beta reputation. */
  readonly reputationForgetting: Ppm;
  /** Proposers absent from this many last heights weigh less (consensus §1.11). */
  readonly absenceHeights: number;
  readonly timeouts: TimeoutParams;
  /** |proposal time − local clock| bound at prevote time. */
  readonly clockDriftMsMax: number;
  readonly staking: StakingParams;
  readonly voting: VotingParams;
  readonly market: MarketParams;
  readonly learning: LearningParams;
};

/** Tendermint timeouts: base + round · delta, in milliseconds (consensus §1.10). */
export type TimeoutParams = {
  readonly proposeMs: number;
  readonly proposeDeltaMs: number;
  readonly prevoteMs: number;
  readonly prevoteDeltaMs: number;
  readonly precommitMs: number;
  readonly precommitDeltaMs: number;
  /** Time from one block's time to the next proposal; the devnet's `--block-time`. */
  readonly blockIntervalMs: number;
};

/** Proposer rotation's committed memory, one per validator in set order. */
export type RotationEntry = {
  readonly operator: Address;
  readonly priority: bigint;
  /** Last height whose commit carried this validator's precommit; starts at 0. */
  readonly lastSignedHeight: Height;
  /** Last height at which its turn brought no block; 0 when there was none, or a block of its own was decided since. */
  readonly lastFailedHeight: Height;
};

export type ValidatorRecord = {
  readonly validators: readonly Validator[];
  readonly rotation: readonly RotationEntry[];
};

/** What state remembers of a past block (spec: state §7.6). */
export type PastHeader = { readonly blockId: Hash; readonly time: TimestampMs };

export type Expert = {
  readonly address: Address;
  /** Of the key that registered: answers are signed with it, private prompts sealed for it. */
  readonly publicKey: PublicKey;
  readonly profile: ExpertProfile;
  readonly bond: Amount;
  readonly registeredAt: Height;
  readonly status: ExpertStatus;
  /** Height at which a retired expert's bond is paid out; 0 before. */
  readonly releaseAt: Height;
  readonly breaker: Breaker;
  /** Queries it was selected for and has neither answered nor failed yet. */
  readonly active: number;
};

/** Beta pair in millionths: mean = alpha / (alpha + beta). */
export type Reputation = {
  readonly alpha: number;
  readonly beta: number;
  readonly answers: number;
  readonly updatedAt: Height;
};

export type QueryPhase = 'selecting' | 'answering' | 'revealing' | 'scoring' | 'scoreRevealing' | 'settled';

/** One selected expert's slot in a query, in order of selection. */
export type Respondent = {
  readonly expert: Address;
  readonly operator: Address;
  /** Prices at selection, so a later update changes nothing. */
  readonly priceInPerByte: Amount;
  readonly priceOutPerByte: Amount;
  readonly priceQuotePerByte: Amount;
  readonly modelId: Hash;
  /** Of the expert's record when it was selected: who registers anew in between is somebody else. */
  readonly registeredAt: Height;
  /** Version of its domain's model that it answers with; 0 is its own (spec: learning §8). */
  readonly version: number;
  /** This round's. */
  readonly commitment: Hash | null;
  /** This round's answer once revealed. */
  readonly answerHash: Hash | null;
  /** Rounds in which it revealed, and the bytes of all its answers together. */
  readonly rounds: number;
  readonly generatedBytes: number;
  readonly quotedBytes: number;
  /** Index of its answer group, set when reveals close. */
  readonly group: number | null;
};

/** Identical answers form one group, scored once, sharing one payment. */
export type AnswerGroup = {
  readonly answerHash: Hash;
  readonly answer: Answer;
  /** Indices into `respondents`, ascending. */
  readonly members: readonly number[];
  /** Operators drawn to verify it, ascending; nobody where it was not drawn. */
  readonly verifiers: readonly Address[];
};

/** One eligible scorer's progress. Weighted by its power at selection. */
export type Scorer = {
  readonly operator: Address;
  readonly power: Power;
  readonly commitment: Hash | null;
  readonly scores: readonly GroupScore[] | null;
  /** What it found where it verified; null until revealed. */
  readonly checks: readonly GroupCheck[] | null;
};

/** A round of collaborative prompting that is over. */
export type EarlierRound = {
  /** By respondent; null where it revealed nothing. */
  readonly answers: readonly (Hash | null)[];
  readonly groups: readonly AnswerGroup[];
};

export type QueryState = {
  readonly id: Hash;
  readonly requester: Address;
  readonly contract: QueryContract;
  readonly openedAt: Height;
  readonly phase: QueryPhase;
  /** Last height at which the present phase's items count. */
  readonly deadline: Height;
  readonly selection: SelectionRecord;
  /** Load factor of the domain at selection, in millionths. */
  readonly loadFactor: number;
  readonly respondents: readonly Respondent[];
  /** The round under way, from 1. */
  readonly round: number;
  /** The rounds before, in order. */
  readonly earlier: readonly EarlierRound[];
  /** Height at which the requester ended it early, or null. */
  readonly cancelledAt: Height | null;
  /** Revealed answers, filled while revealing; final when the phase is `scoring`. */
  readonly groups: readonly AnswerGroup[];
  readonly scorers: readonly Scorer[];
  /** Scorers punished for a reveal of this query, in order (market §6.8). */
  readonly misrevealed: readonly Address[];
  /** Indices of respondents whose private answer was disclosed, ascending. */
  readonly disclosed: readonly number[];
  /** Who opened its seal, or null. */
  readonly calibrator: Address | null;
};

/** What the price of a domain follows (spec: market §11). */
export type DomainLoad = {
  /** Millionths by which the experts' prices are multiplied. */
  readonly factor: number;
  /** Respondents drawn in this epoch. */
  readonly assignments: number;
};

export type QueryOutcome = 'answered' | 'belowThreshold' | 'unscored' | 'noAnswer' | 'noExperts' | 'cancelled';

/** What a query came to: a leaf of the results root of the block that settled it (DESIGN §3.7). */
export type Receipt = {
  readonly queryId: Hash;
  readonly settledAt: Height;
  readonly outcome: QueryOutcome;
  readonly requester: Address;
  readonly domain: string;
  readonly contract: QueryContract;
  readonly openedAt: Height;
  readonly selection: SelectionRecord;
  readonly loadFactor: number;
  /** Answer hashes of the rounds before the last, by respondent. */
  readonly earlier: readonly (readonly (Hash | null)[])[];
  readonly cancelledAt: Height | null;
  /** Index of the best group, or null when none was revealed. */
  readonly best: number | null;
  readonly groups: readonly AnswerGroup[];
  readonly respondents: readonly ReceiptRespondent[];
  /** Who could have scored, with its power at selection, ascending. */
  readonly scorers: readonly ReceiptScorer[];
  readonly scores: readonly ReceiptScore[];
  /** Validators punished for a reveal of this query before it settled, in order. */
  readonly misrevealed: readonly Address[];
  readonly checks: readonly ReceiptCheck[];
  /** Paid to the coordinator, in nano. */
  readonly coordinatorPaid: Amount;
  /** Paid to scorers, ascending by validator, nobody with nothing. */
  readonly scorersPaid: readonly ScorerPayment[];
  /** Σ paid to respondents, coordinator and scorers, in nano. */
  readonly cost: Amount;
  readonly refund: Amount;
};

export type ReceiptRespondent = {
  readonly expert: Address;
  readonly operator: Address;
  readonly modelId: Hash;
  readonly version: number;
  /** Its last revealed answer; null when it revealed none. */
  readonly answerHash: Hash | null;
  readonly group: number | null;
  /** Median score of its group; null when unscored. */
  readonly score: Ppm | null;
  /** What it is metered by. */
  readonly rounds: number;
  readonly generatedBytes: number;
  readonly quotedBytes: number;
  readonly priceInPerByte: Amount;
  readonly priceOutPerByte: Amount;
  readonly priceQuotePerByte: Amount;
  /** What the verifiers of its group found together; null where nobody was drawn. */
  readonly verdict: GroupVerdict | null;
  readonly paid: Amount;
  /** Taken from its bond. */
  readonly slashed: Amount;
};

/** `undecided`: too few of the verifiers revealed. */
export type GroupVerdict = CheckVerdict | 'undecided';

export type ReceiptScorer = { readonly operator: Address; readonly power: Power };

export type ReceiptCheck = GroupCheck & { readonly validator: Address };

export type ScorerPayment = { readonly validator: Address; readonly paid: Amount };

export type ReceiptScore = { readonly validator: Address; readonly group: number; readonly score: Ppm };

/** Outcome of one transaction of a block; `code` is `OK` or a stable name. */
export type TransactionResult = { readonly id: Hash; readonly code: string; readonly fee: Amount };

/** Everything a block did, in order. Its hash tree is the next header's results root. */
export type BlockResults = {
  readonly height: Height;
  readonly transactions: readonly TransactionResult[];
  readonly receipts: readonly Receipt[];
};

/** The genesis document, `genesis.json`. Amounts are decimal strings in JSON. */
export type Genesis = {
  readonly formatVersion: 1;
  readonly protocolVersion: number;
  readonly chainId: string;
  readonly time: TimestampMs;
  readonly devnet: boolean;
  readonly params: ChainParams;
  readonly validators: readonly Validator[];
  readonly accounts: readonly { readonly address: Address; readonly balance: Amount }[];
  readonly experts: readonly GenesisExpert[];
  /** Ascending by domain, each once. */
  readonly lines: readonly GenesisLine[];
};

export type GenesisExpert = {
  readonly address: Address;
  /** Its address is that of this key. */
  readonly publicKey: PublicKey;
  readonly profile: ExpertProfile;
  readonly bond: Amount;
};
