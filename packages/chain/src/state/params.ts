/**
 * The chain's parameters: defaults and the range each must lie in (spec: state §2). They are genesis state, never configuration.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { type ChainParams, PPM, type StakingParams } from '../types/index.ts';

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
  reputationForgetting: 980_000,
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
    unbondingHeights: 10_000,
    selfBondMin: 1_000_000_000n,
    delegationMin: 100_000_000n,
    commissionStepMax: 10_000,
    doubleSignSlash: 50_000,
    downtimeSlash: 0,
    downtimeWindow: 10_000,
    downtimeMissedMax: 5_000,
    jailHeights: 1_000,
  },
};

export type ChainParamsOverrides = Partial<Omit<ChainParams, 'timeouts' | 'staking'>> & {
  readonly staking?: Partial<ChainParams['staking']>;
  readonly timeouts?: Partial<ChainParams['timeouts']>;
};

/** The default parameters with some replaced. Ranges are checked by `paramsProblem`, not here. */
export function defaultChainParams(overrides: ChainParamsOverrides = {}): ChainParams {
  return {
    ...DEFAULTS,
    ...overrides,
    timeouts: { ...DEFAULTS.timeouts, ...overrides.timeouts },
    staking: { ...DEFAULTS.staking, ...overrides.staking },
  };
}

/** Inclusive range of every plain numeric parameter. */
const RANGES: Readonly<Record<NumericParam, readonly [number, number]>> = {
  blockBytesMax: [4 * KIBIBYTE, 2048 * KIBIBYTE],
  transactionBytesMax: [KIBIBYTE, 512 * KIBIBYTE],
  extensionBytesMax: [KIBIBYTE, 256 * KIBIBYTE],
  promptBytesMax: [1, 128 * KIBIBYTE],
  answerBytesMax: [64, 256 * KIBIBYTE],
  respondentsMax: [1, 32],
  windowMax: [8, 100_000],
  blockBytesTarget: [1, 2048 * KIBIBYTE],
  thresholdMax: [0, PPM],
  basePartMin: [0, PPM],
  reputationForgetting: [0, PPM - 1],
  absenceHeights: [1, 1_000_000],
  clockDriftMsMax: [100, 3_600_000],
};

type NumericParam = Exclude<keyof ChainParams, 'timeouts' | 'staking' | 'expertBondMin' | 'baseFeePerByteMin'>;

/** What is wrong with the parameters in words, or null when they are fit to start a chain. */
export function paramsProblem(params: ChainParams): string | null {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = params[name as NumericParam];
    if (!inRange(value, least, most)) return `params.${name} must be an integer from ${least} to ${most}`;
  }
  for (const [name, value] of Object.entries(params.timeouts)) {
    const least = name.endsWith('DeltaMs') ? 1 : 0;
    if (!inRange(value, least, 600_000)) return `params.timeouts.${name} must be an integer from ${least} to 600000`;
  }
  for (const name of ['expertBondMin', 'baseFeePerByteMin'] as const) {
    if (params[name] < 1n || params[name] > CHAIN_LIMITS.amountMax) return `params.${name} must be at least 1`;
  }
  if (params.transactionBytesMax > params.blockBytesMax)
    return 'params.transactionBytesMax exceeds params.blockBytesMax';
  if (params.blockBytesTarget > params.blockBytesMax) return 'params.blockBytesTarget exceeds params.blockBytesMax';
  return stakingProblem(params.staking);
}

const STAKING_RANGES: Readonly<Record<NumericStakingParam, readonly [number, number]>> = {
  epochHeights: [1, 100_000],
  evidenceAgeHeights: [1, 100_000],
  unbondingHeights: [1, 100_000_000],
  commissionStepMax: [0, PPM],
  doubleSignSlash: [0, PPM],
  downtimeSlash: [0, PPM / 10],
  downtimeWindow: [1, 100_000],
  downtimeMissedMax: [0, 100_000],
  jailHeights: [1, 10_000_000],
};

type NumericStakingParam = Exclude<keyof StakingParams, 'selfBondMin' | 'delegationMin'>;

/** Stake must stay slashable until evidence about the last height it voted at is too old (consensus §1.15). */
function stakingProblem(params: StakingParams): string | null {
  for (const [name, [least, most]] of Object.entries(STAKING_RANGES)) {
    const value = params[name as NumericStakingParam];
    if (!inRange(value, least, most)) return `params.staking.${name} must be an integer from ${least} to ${most}`;
  }
  for (const name of ['selfBondMin', 'delegationMin'] as const) {
    if (params[name] < 1n || params[name] > CHAIN_LIMITS.amountMax) return `params.staking.${name} must be at least 1`;
  }
  const least = params.evidenceAgeHeights + params.epochHeights + CHAIN_LIMITS.updateHeightsMax;
  return params.unbondingHeights > least ? null : `params.staking.unbondingHeights must be more than ${least}`;
}

function inRange(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
