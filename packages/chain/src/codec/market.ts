/** Codecs of the market's smaller parts (spec: codec §6, §8). Owns field order; the rules are the market folder's. */
import type {
  Breaker,
  GroupCheck,
  MarketParams,
  OperatorConsent,
  PrivateTerms,
  RecentOutcomes,
  SelectionRecord,
  WeighedCandidate,
} from '../types/index.ts';
import { container, list } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, amount, hash, power, ppm, publicKey, safeInteger, signature, u32 } from './primitives.ts';
import { oneOf, type Schema } from './schema.ts';

/** Fields of {@link MarketParams}. */
export const marketParamsSchema: Schema<MarketParams> = container<MarketParams>({
  roundsMax: u32,
  sharesMax: ppm,
  cancelGrace: u32,
  expertReleaseHeights: u32,
  sharpness: u32,
  exploration: u32,
  breakerFailures: u32,
  breakerHeights: u32,
  breakerHeightsMax: u32,
  idleHeights: u32,
  idleForgetting: ppm,
  loadTarget: ppm,
  scorersMax: u32,
  verificationShare: ppm,
  verifiers: u32,
  substitutionSlash: ppm,
  calibrationHeights: u32,
  calibrationsMax: u32,
  epochEmission: amount,
  rewardRatio: u32,
  kappa: ppm,
  bondAlphaLow: ppm,
  bondAlphaHigh: ppm,
  bondSteepness: u32,
});

/** Fields of {@link OperatorConsent}. */
export const consentSchema: Schema<OperatorConsent> = container<OperatorConsent>({ publicKey, signature });

/** Fields of {@link PrivateTerms}. */
export const privateTermsSchema: Schema<PrivateTerms> = container<PrivateTerms>({ promptHash: hash, promptBytes: u32 });

/** Fields of {@link Breaker}. */
export const breakerSchema: Schema<Breaker> = container<Breaker>({ failures: u32, openUntil: safeInteger });

/** Fields of {@link SelectionRecord}. */
export const selectionSchema: Schema<SelectionRecord> = container<SelectionRecord>({
  seed: hash,
  candidates: list(
    container<WeighedCandidate>({ expert: address, operator: address, weight: power }),
    codecLimits.candidates,
  ),
});

/** Fields of {@link RecentOutcomes}. */
export const recentOutcomesSchema: Schema<RecentOutcomes> = container<RecentOutcomes>({ silent: u32, count: u32 });

/** What a verifier can find. */
export const checkVerdictSchema: Schema<GroupCheck['verdict']> = oneOf(['match', 'mismatch', 'error', 'unavailable']);

/** Findings about groups, as committed to and revealed. */
export const groupChecksSchema: Schema<readonly GroupCheck[]> = list(
  container<GroupCheck>({ group: u32, verdict: checkVerdictSchema, distanceMilli: u32 }),
  codecLimits.respondents,
);
