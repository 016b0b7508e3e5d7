/**
 * The market beyond a query's plain life (DESIGN §3, §4): its parameters, what experts do with their registration, private
 * mode, calibration, verification. Owns shapes; the rules are the market and rewards folders'.
 */
import type { Address, Amount, Hash, Height, Ppm, PublicKey } from './primitives.ts';
import type { Answer, ExpertProfile } from './transaction.ts';

/** Part of the chain's parameters (spec: market §11). */
export type MarketParams = {
  /** Most rounds of collaborative prompting. */
  readonly roundsMax: number;
  /** Most of a payment that scorers and coordinator may be promised together. */
  readonly sharesMax: Ppm;
  /** Heights within which work under way is still taken after its query was cancelled. */
  readonly cancelGrace: number;
  /** Heights for which a retired expert's bond stays slashable. */
  readonly expertReleaseHeights: number;
  /** Exponent of quality in a candidate's weight. */
  readonly sharpness: number;
  /** Weight of uncertainty in a candidate's quality: standard deviations added to the mean. */
  readonly exploration: Ppm;
  /** Silent assignments in a row after which an expert is left out. */
  readonly breakerFailures: number;
  /** Heights for which it is left out the first time; doubled with every failed probe up to `breakerHeightsMax`. */
  readonly breakerHeights: number;
  readonly breakerHeightsMax: number;
  /** Heights without an answer after which a reputation begins to fade, and then fades once more. */
  readonly idleHeights: number;
  /** What remains of the distance to the prior each time. */
  readonly idleForgetting: Ppm;
  /** Share of its capacity at which a domain's price stays as it is. */
  readonly loadTarget: Ppm;
  /** Scorers of one query; above this many validators a committee is drawn. */
  readonly scorersMax: number;
  /** Chance that a group with generated text is verified. */
  readonly verificationShare: Ppm;
  /** Verifiers drawn for one group. */
  readonly verifiers: number;
  /** Part of its bond that an expert loses for an answer that its model did not write. */
  readonly substitutionSlash: Ppm;
  /** Heights after settlement within which gold may be revealed. */
  readonly calibrationHeights: number;
  /** Calibrations that one validator may reveal in an epoch. */
  readonly calibrationsMax: number;
  /** Paid to experts and scorers at the end of an epoch, in nano. */
  readonly epochEmission: Amount;
  /** The most that an expert is rewarded for an epoch, in millionths of what its answers paid to scorers in other hands. */
  readonly rewardRatio: number;
  /** Share of the stake at which the consensus weight is read. */
  readonly kappa: Ppm;
  /** Bounds of the bonds' moving average, and how sharply it moves between them. */
  readonly bondAlphaLow: Ppm;
  readonly bondAlphaHigh: Ppm;
  readonly bondSteepness: number;
};

/** `retired` experts are listed nowhere; their bond waits for `releaseAt`. */
export type ExpertStatus = 'active' | 'paused' | 'retired';

/** How an expert's silence is counted (spec: market §3.8). */
export type Breaker = {
  /** Silent assignments in a row. */
  readonly failures: number;
  /** Last height at which it is left out; 0 when it never was since it last answered. */
  readonly openUntil: Height;
};

/** How the last assignments of all experts ended (spec: market §3.11). */
export type RecentOutcomes = {
  /** One bit each, the newest lowest: 1 where the expert was silent. */
  readonly silent: number;
  /** Assignments remembered, at most 32. */
  readonly count: number;
};

/** The operator's agreement that this expert is its own. */
export type OperatorConsent = {
  readonly publicKey: PublicKey;
  /** Ed25519 over `consentSignBytes`, 64 bytes. */
  readonly signature: Uint8Array;
};

/** Publishes a new profile of the sender; domain and operator stay. */
export type ExpertUpdate = { readonly type: 'expert.update'; readonly expert: ExpertProfile };

/** Leaves the sender out of selection, or takes it in again. */
export type ExpertPause = { readonly type: 'expert.pause'; readonly paused: boolean };

/** Takes the sender off its domain for good; its bond is released later. `expert` is the sender. */
export type ExpertRetire = { readonly type: 'expert.retire'; readonly expert: Address };

/** Ends a query early: what is delivered by the end of the grace is scored and paid (spec: market §7). */
export type QueryCancel = { readonly type: 'query.cancel'; readonly queryId: Hash };

/** Opens what a private query only hashed (spec: privacy §4). */
export type QueryDisclose = {
  readonly type: 'query.disclose';
  readonly queryId: Hash;
  readonly prompt: string;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly answers: readonly DisclosedAnswer[];
};

export type DisclosedAnswer = { readonly respondent: number; readonly answer: Answer };

/** Opens the gold that a query's seal committed to (spec: market §12). */
export type CalibrationReveal = {
  readonly type: 'calibration.reveal';
  readonly queryId: Hash;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** Every way to say the right answer. */
  readonly gold: readonly string[];
};

export type MarketPayload = ExpertUpdate | ExpertPause | ExpertRetire | QueryCancel | QueryDisclose | CalibrationReveal;

/** Terms of a private query: what stands on chain in the place of its prompt. */
export type PrivateTerms = {
  /** See `privatePromptHash`. */
  readonly promptHash: Hash;
  /** Bytes of the prompt in UTF-8. */
  readonly promptBytes: number;
};

/** What selection drew from, kept with the query so that a receipt tells all candidates. */
export type SelectionRecord = {
  readonly seed: Hash;
  /** In ascending address order. */
  readonly candidates: readonly WeighedCandidate[];
};

/** With its operator at selection, whose experts leave the urn together. */
export type WeighedCandidate = { readonly expert: Address; readonly operator: Address; readonly weight: bigint };

/** A verifier's finding about the group's generated text (spec: verification). */
export type CheckVerdict = 'match' | 'mismatch' | 'error' | 'unavailable';

export type GroupCheck = {
  readonly group: number;
  readonly verdict: CheckVerdict;
  /** Distance of claimed and recomputed log-probabilities, in thousandths of a nat. */
  readonly distanceMilli: number;
};
