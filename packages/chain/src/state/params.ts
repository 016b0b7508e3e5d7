/**
 * The chain's parameters (spec: state §2): defaults, and what must hold between them. They are genesis state changed by
 * vote, never configuration. The range of each is param-rules.ts.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { ChainParams } from '../types/index.ts';
import { rangeProblem } from './param-rules.ts';

const KIBIBYTE = 1024;

const DEFAULTS: ChainParams = {
  blockBytesMax: 1024 * KIBIBYTE,
  transactionBytesMax: 64 * KIBIBYTE,
  extensionBytesMax: 16 * KIBIBYTE,
  promptBytesMax: 8 * KIBIBYTE,
  answerBytesMax: 16 * KIBIBYTE,
  respondentsMax: 8,
  windowMax: 600,
  expertBondMin: 10_000_000_000n,
  baseFeePerByteMin: 4n,
  blockBytesTarget: 512 * KIBIBYTE,
  thresholdMax: 800_000,
  basePartMin: 100_000,
  reputationForgetting: 985_000,
  absenceHeights: 20,
  timeouts: {
    proposeMs: 400,
    proposeDeltaMs: 200,
    prevoteMs: 200,
    prevoteDeltaMs: 100,
    precommitMs: 200,
    precommitDeltaMs: 100,
    blockIntervalMs: 500,
  },
  clockDriftMsMax: 10_000,
  staking: {
    epochHeights: 60,
    evidenceAgeHeights: 1024,
    evidenceAgeMs: 512_000,
    trustingPeriodMs: 256_000,
    unbondingHeights: 10_000,
    selfBondMin: 1_000_000_000n,
    delegationMin: 100_000_000n,
    commissionStepMax: 10_000,
    doubleSignSlash: 50_000,
    downtimeSlash: 0,
    revealMismatchSlash: 1_000,
    downtimeWindow: 10_000,
    downtimeMissedMax: 5_000,
    jailHeights: 1_000,
  },
  voting: { depositMin: 10_000_000_000n, votingHeights: 7_200, quorum: 400_000 },
  market: {
    roundsMax: 4,
    sharesMax: 300_000,
    cancelGrace: 4,
    expertReleaseHeights: 2_000,
    sharpness: 24,
    exploration: 2_500_000,
    breakerFailures: 3,
    breakerHeights: 64,
    breakerHeightsMax: 4_096,
    idleHeights: 7_200,
    idleForgetting: 950_000,
    loadTarget: 500_000,
    scorersMax: 32,
    verificationShare: 100_000,
    verifiers: 3,
    substitutionSlash: 50_000,
    calibrationHeights: 100,
    calibrationsMax: 8,
    epochEmission: 1_000_000_000n,
    rewardRatio: 500_000,
    kappa: 500_000,
    bondAlphaLow: 100_000,
    bondAlphaHigh: 300_000,
    bondSteepness: 1_000,
  },
  learning: {
    feedbackWindow: 14_400,
    feedbackDeposit: 100_000_000n,
    feedbackBytesMax: 16 * KIBIBYTE,
    attestHeights: 120,
    roundItems: 64,
    accountShare: 250_000,
    trainersMax: 8,
    shardCopies: 2,
    trainWindow: 1_200,
    deltaWindow: 120,
    gateWindow: 1_200,
    gateRevealWindow: 20,
    deltaBytesMax: 512 * KIBIBYTE,
    aggregator: 2,
    normMax: 4_000,
    gainMin: 30,
    forgettingMax: 50,
    triggerMax: 50_000,
    injectionMax: 50_000,
    spectralMax: 900_000,
    biasMax: 400,
    biasAlarm: 1_500_000,
    canaryShare: 250_000,
    canaryAnswers: 16,
    canaryHeights: 240,
    scoreTolerance: 50_000,
    trainerSlash: 50_000,
    lineageHeights: 43_200,
    lineageEmission: 500_000_000n,
    lineageRatio: 250_000,
  },
};

export type ChainParamsOverrides = Partial<
  Omit<ChainParams, 'timeouts' | 'staking' | 'voting' | 'market' | 'learning'>
> & {
  readonly staking?: Partial<ChainParams['staking']>;
  readonly timeouts?: Partial<ChainParams['timeouts']>;
  readonly voting?: Partial<ChainParams['voting']>;
  readonly market?: Partial<ChainParams['market']>;
  readonly learning?: Partial<ChainParams['learning']>;
};

/**
 * The default parameters with some replaced; ranges are checked by `paramsProblem`, not here. The times for evidence follow
 * its age in heights and the block interval unless they are given.
 */
export function defaultChainParams(overrides: ChainParamsOverrides = {}): ChainParams {
  const timeouts = { ...DEFAULTS.timeouts, ...overrides.timeouts };
  const heights = overrides.staking?.evidenceAgeHeights ?? DEFAULTS.staking.evidenceAgeHeights;
  const evidenceAgeMs = heights * timeouts.blockIntervalMs;
  const times = { evidenceAgeMs, trustingPeriodMs: Math.floor(evidenceAgeMs / 2) };
  return {
    ...DEFAULTS,
    ...overrides,
    timeouts,
    staking: { ...DEFAULTS.staking, ...times, ...overrides.staking },
    voting: { ...DEFAULTS.voting, ...overrides.voting },
    market: { ...DEFAULTS.market, ...overrides.market },
    learning: { ...DEFAULTS.learning, ...overrides.learning },
  };
}

/** What is wrong with the parameters in words, or null when they are fit for a chain: each value, then what holds between them. */
export function paramsProblem(params: ChainParams): string | null {
  const range = rangeProblem(params);
  if (range !== null) return range;
  if (params.transactionBytesMax > params.blockBytesMax)
    return 'params.transactionBytesMax exceeds params.blockBytesMax';
  if (params.blockBytesTarget > params.blockBytesMax) return 'params.blockBytesTarget exceeds params.blockBytesMax';
  return evidenceProblem(params);
}

/**
 * Unbonding time > maximum evidence age > trusting period + drift (consensus §1.15), in heights and in time: who signed is
 * still punishable while trusted, and stake stays until evidence about the last height it voted at is too old. A height
 * stands for at least the block interval.
 */
function evidenceProblem({ staking, timeouts, clockDriftMsMax }: ChainParams): string | null {
  const { evidenceAgeHeights, evidenceAgeMs, unbondingHeights, trustingPeriodMs, epochHeights } = staking;
  const least = evidenceAgeHeights + epochHeights + CHAIN_LIMITS.updateHeightsMax;
  if (unbondingHeights <= least) return `params.staking.unbondingHeights must be more than ${least}`;
  const unbondingMs = unbondingHeights * timeouts.blockIntervalMs;
  if (evidenceAgeMs >= unbondingMs) return `params.staking.evidenceAgeMs must be less than ${unbondingMs}`;
  const most = Math.min(evidenceAgeMs, evidenceAgeHeights * timeouts.blockIntervalMs) - clockDriftMsMax;
  return trustingPeriodMs < most ? null : `params.staking.trustingPeriodMs must be less than ${most}`;
}
