/**
 * The one table of parameters (spec: state §2.4): name, range, and whether safety hangs on it. Genesis and votes are judged
 * by it alike. Owns single values; what must hold between several is params.ts.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { type ChainParams, NANO_PER_SYN, PPM } from '../types/index.ts';

/** Inclusive range of a parameter. One of safety is changed by more than 2/3 of the votes, any other by more than half. */
export type ParamRule = { readonly least: bigint; readonly most: bigint; readonly isSafety: boolean };

const KIBIBYTE = 1024;
/** Some 49 days in milliseconds: what four bytes hold. */
const MOST_MS = 2 ** 32 - 1;

const plain = (least: number, most: number): ParamRule => ({
  least: BigInt(least),
  most: BigInt(most),
  isSafety: false,
});
const safety = (least: number, most: number): ParamRule => ({ ...plain(least, most), isSafety: true });
const money: ParamRule = { least: 1n, most: CHAIN_LIMITS.amountMax, isSafety: false };
const moneyOfSafety: ParamRule = { ...money, isSafety: true };

/** By name; a name with a dot lies in that group. */
export const PARAM_RULES: Readonly<Record<string, ParamRule>> = {
  blockBytesMax: plain(4 * KIBIBYTE, 2048 * KIBIBYTE),
  transactionBytesMax: plain(KIBIBYTE, 512 * KIBIBYTE),
  extensionBytesMax: plain(KIBIBYTE, 256 * KIBIBYTE),
  promptBytesMax: plain(1, 128 * KIBIBYTE),
  answerBytesMax: plain(64, 256 * KIBIBYTE),
  respondentsMax: plain(1, 32),
  windowMax: plain(8, 100_000),
  expertBondMin: money,
  // 0.001 SYN: a floor that nobody could pay would keep out the vote that lowers it.
  baseFeePerByteMin: { ...money, most: 1_000_000n },
  blockBytesTarget: plain(1, 2048 * KIBIBYTE),
  thresholdMax: plain(0, PPM),
  basePartMin: plain(0, PPM),
  reputationForgetting: plain(0, PPM - 1),
  absenceHeights: plain(1, 1_000_000),
  'timeouts.proposeMs': safety(0, 600_000),
  'timeouts.proposeDeltaMs': safety(1, 600_000),
  'timeouts.prevoteMs': safety(0, 600_000),
  'timeouts.prevoteDeltaMs': safety(1, 600_000),
  'timeouts.precommitMs': safety(0, 600_000),
  'timeouts.precommitDeltaMs': safety(1, 600_000),
  'timeouts.blockIntervalMs': safety(1, 600_000),
  clockDriftMsMax: safety(100, 3_600_000),
  'staking.epochHeights': safety(1, 100_000),
  'staking.evidenceAgeHeights': safety(1, 100_000),
  'staking.evidenceAgeMs': safety(1, MOST_MS),
  'staking.trustingPeriodMs': safety(1, MOST_MS),
  'staking.unbondingHeights': safety(1, 100_000_000),
  'staking.selfBondMin': moneyOfSafety,
  'staking.delegationMin': money,
  'staking.commissionStepMax': plain(0, PPM),
  'staking.doubleSignSlash': safety(0, PPM),
  'staking.downtimeSlash': safety(0, PPM / 10),
  'staking.revealMismatchSlash': safety(0, PPM / 100),
  'staking.downtimeWindow': safety(1, 100_000),
  'staking.downtimeMissedMax': safety(0, 100_000),
  'staking.jailHeights': plain(1, 10_000_000),
  // So that votes can always be held, and none who stays away can stop all of them.
  'voting.depositMin': { ...money, most: 1_000_000n * NANO_PER_SYN },
  'voting.votingHeights': safety(10, 10_000_000),
  'voting.quorum': safety(PPM / 10, Math.floor((2 * PPM) / 3)),
  'market.roundsMax': plain(1, 16),
  'market.sharesMax': plain(0, PPM / 2),
  'market.cancelGrace': plain(2, 1_000),
  'market.expertReleaseHeights': plain(1, 10_000_000),
  'market.sharpness': plain(0, 64),
  'market.exploration': plain(0, 4 * PPM),
  'market.breakerFailures': plain(1, 1_000),
  'market.breakerHeights': plain(1, 100_000),
  'market.breakerHeightsMax': plain(1, 10_000_000),
  'market.idleHeights': plain(1, 10_000_000),
  'market.idleForgetting': plain(0, PPM),
  'market.loadTarget': plain(1_000, PPM),
  'market.scorersMax': plain(1, 256),
  'market.verificationShare': plain(0, PPM),
  'market.verifiers': plain(1, 32),
  'market.substitutionSlash': plain(0, PPM),
  'market.calibrationHeights': plain(1, CHAIN_LIMITS.settledHeightsKept - 1),
  'market.calibrationsMax': plain(0, 1_000),
  'market.epochEmission': { ...money, least: 0n },
  // From 1 on a washer with hidden scorers could gain (rewards §10).
  'market.rewardRatio': plain(0, 1000 * PPM),
  'market.kappa': plain(PPM / 10, PPM - 1),
  'market.bondAlphaLow': plain(1, PPM),
  'market.bondAlphaHigh': plain(1, PPM),
  'market.bondSteepness': plain(1, 10_000),
  'learning.feedbackWindow': plain(1, 1_000_000),
  'learning.feedbackDeposit': { ...money, least: 0n },
  'learning.feedbackBytesMax': plain(1_024, 64 * KIBIBYTE),
  'learning.attestHeights': plain(2, 10_000),
  'learning.roundItems': plain(1, CHAIN_LIMITS.roundItemsMax),
  'learning.accountShare': plain(1, PPM),
  'learning.trainersMax': plain(1, CHAIN_LIMITS.trainersMax),
  'learning.shardCopies': plain(1, CHAIN_LIMITS.trainersMax),
  'learning.trainWindow': plain(4, 100_000),
  'learning.deltaWindow': plain(4, 100_000),
  'learning.gateWindow': plain(4, 100_000),
  'learning.gateRevealWindow': plain(4, 100_000),
  'learning.deltaBytesMax': plain(1_024, 1024 * KIBIBYTE),
  'learning.aggregator': plain(0, 3),
  'learning.normMax': plain(1, 1_000_000),
  'learning.gainMin': plain(0, 65_535),
  'learning.forgettingMax': plain(0, 65_535),
  'learning.triggerMax': safety(0, PPM),
  'learning.injectionMax': safety(0, PPM),
  'learning.spectralMax': plain(1, PPM),
  'learning.biasMax': plain(0, 65_535),
  'learning.biasAlarm': plain(PPM, 100 * PPM),
  'learning.canaryShare': plain(1, PPM),
  'learning.canaryAnswers': plain(1, 100_000),
  'learning.canaryHeights': plain(1, 1_000_000),
  'learning.scoreTolerance': plain(0, PPM),
  'learning.trainerSlash': plain(0, PPM),
  'learning.lineageHeights': plain(1, 10_000_000),
  'learning.lineageEmission': { ...money, least: 0n },
  // From 1 on a washer with hidden scorers could gain.
  'learning.lineageRatio': plain(0, PPM - 1),
};

/** The value of a parameter that the table names. */
export function paramValue(params: ChainParams, name: string): number | bigint {
  return leafOf(params, name)[nameInGroup(name)]!;
}

/** The parameters with one of the table's names set to another value, whatever its range. */
export function withParam(params: ChainParams, name: string, value: bigint): ChainParams {
  const [group, leaf] = [groupOf(name), nameInGroup(name)];
  const kept = typeof paramValue(params, name) === 'bigint' ? value : Number(value);
  if (group === null) return { ...params, [leaf]: kept };
  return { ...params, [group]: { ...leafOf(params, name), [leaf]: kept } };
}

/** What is wrong with a single value in words, or null. */
export function rangeProblem(params: ChainParams): string | null {
  for (const [name, { least, most }] of Object.entries(PARAM_RULES)) {
    const value = paramValue(params, name);
    const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
    if (!isWhole || value < least || value > most) return `params.${name} must be an integer from ${least} to ${most}`;
  }
  return null;
}

type ParamGroup = 'timeouts' | 'staking' | 'voting' | 'market' | 'learning';

type Group = Readonly<Record<string, number | bigint>>;

function groupOf(name: string): ParamGroup | null {
  const [group, leaf] = name.split('.');
  return leaf === undefined ? null : (group as ParamGroup);
}

function leafOf(params: ChainParams, name: string): Group {
  const group = groupOf(name);
  return (group === null ? params : params[group]) as unknown as Group;
}

function nameInGroup(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}
