/**
 * Calibration (spec: market §12): a query whose right answer was committed to in its seal when it was opened, among others that
 * look the same. Opened after scoring, it judges experts and scorers by something else than their peers. Owns the rules; the
 * words that count as saying the gold are gold.ts.
 */
import { answerText, taggedHash } from '../codec/index.ts';
import { addressBytes } from '../crypto/address.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { updateAccuracy } from '../rewards/accuracy.ts';
import { epochUnderWay } from '../rewards/reward-records.ts';
import type { EmitEvent } from '../state/events.ts';
import {
  readAccuracy,
  readCalibrations,
  readQuery,
  readReputation,
  readValidatorRecord,
  writeAccuracy,
  writeCalibrations,
  writeQuery,
  writeReputation,
} from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import {
  type Address,
  type CalibrationReveal,
  type ChainParams,
  type Hash,
  type Height,
  PPM,
  type Ppm,
  type QueryState,
} from '../types/index.ts';
import { isInOffice } from './expert-life.ts';
import { encodeGold, goldWords, saysGold } from './gold.ts';
import { updateReputation } from './reputation.ts';

/** A scorer contradicts the gold by a score at least this far on the other side. */
const CONTRADICTION: Ppm = 800_000;

/** How often an expert's answer counts whose truth is known. */
const EXPERT_WEIGHT = 2;

export type CalibrationContext = {
  readonly sender: Address;
  readonly height: Height;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

/** What a calibrator puts into a contract's seal. `salt` has 32 bytes; without it the seal is a random number to everybody. */
export function sealHash(calibrator: Address, salt: Uint8Array, gold: readonly string[]): Hash {
  return taggedHash('synod/seal/1', addressBytes(calibrator), salt, encodeGold(gold));
}

/** Name of the payload's first field that can never be right, or null. */
export function calibrationProblem({ gold }: CalibrationReveal): string | null {
  if (gold.length < 1 || gold.length > CHAIN_LIMITS.goldTextsMax) return 'gold';
  return gold.every((text) => goldWords(text).length > 0) ? null : 'gold';
}

/** Opens a seal. Returns `OK` or a stable code; gold that nearly everybody contradicts is void and changes nothing but the count. */
export function applyCalibration(overlay: Overlay, payload: CalibrationReveal, context: CalibrationContext): string {
  const query = readQuery(overlay, payload.queryId);
  if (query === null) return 'QUERY_UNKNOWN';
  const problem = revealProblem(overlay, query, payload, context);
  if (problem !== null) return problem;
  countOne(overlay, context.sender);
  writeQuery(overlay, { ...query, calibrator: context.sender });
  const truths = query.groups.map(({ answer }) => (saysGold(answerText(answer), payload.gold) ? PPM : 0));
  const isVoid = isContradicted(query, truths);
  if (!isVoid) {
    judgeExperts(overlay, query, truths, context);
    judgeScorers(overlay, query, truths, context);
  }
  context.emit({ type: 'query.calibrated', queryId: query.id, calibrator: context.sender, truths, isVoid });
  return 'OK';
}

function revealProblem(
  overlay: Overlay,
  query: QueryState,
  { salt, gold }: CalibrationReveal,
  { sender, height, params }: CalibrationContext,
): string | null {
  if (!readValidatorRecord(overlay).validators.some(({ operator }) => operator === sender)) return 'NOT_VALIDATOR';
  if (query.contract.privacy !== null) return 'QUERY_PRIVATE';
  if (query.contract.expert !== null) return 'QUERY_DIRECTED';
  // Opened before the scores stand, it would tell scorers what to say.
  if (query.phase !== 'settled') return 'QUERY_PHASE_WRONG';
  if (height > query.deadline + params.market.calibrationHeights) return 'CALIBRATION_LATE';
  if (query.calibrator !== null) return 'ALREADY_CALIBRATED';
  if (sealHash(sender, salt, gold) !== query.contract.seal) return 'SEAL_MISMATCH';
  return countOf(overlay, sender) < params.market.calibrationsMax ? null : 'CALIBRATIONS_FULL';
}

/** True when more than 2/3 of all power that could score say the opposite of the gold about one and the same group. */
function isContradicted({ scorers, groups }: QueryState, truths: readonly Ppm[]): boolean {
  const total = scorers.reduce((sum, { power }) => sum + power, 0n);
  return groups.some((_, group) => {
    const against = scorers.reduce((sum, { power, scores }) => {
      const own = scores?.find((entry) => entry.group === group);
      return own !== undefined && Math.abs(own.score - truths[group]!) >= CONTRADICTION ? sum + power : sum;
    }, 0n);
    return 3n * against > 2n * total;
  });
}

/** Nobody is judged by a calibrator of the same hands, and nobody who has retired or registered anew since. */
function judgeExperts(overlay: Overlay, query: QueryState, truths: readonly Ppm[], context: CalibrationContext): void {
  for (const slot of query.respondents) {
    const { expert, operator, group } = slot;
    if (group === null || operator === context.sender || !isInOffice(overlay, slot)) continue;
    let reputation = readReputation(overlay, expert, query.contract.domain);
    for (let time = 0; time < EXPERT_WEIGHT; time++)
      reputation = updateReputation(reputation, truths[group]!, context.height, context.params);
    writeReputation(overlay, expert, query.contract.domain, reputation);
  }
}

/** One observation for each group scored: how near the score was to the truth. */
function judgeScorers(overlay: Overlay, query: QueryState, truths: readonly Ppm[], context: CalibrationContext): void {
  const forgetting = context.params.reputationForgetting;
  for (const { operator, scores } of query.scorers) {
    if (operator === context.sender) continue;
    for (const { group, score } of scores ?? []) {
      const truth = truths[group];
      if (truth === undefined) continue;
      const before = readAccuracy(overlay, operator);
      writeAccuracy(overlay, operator, updateAccuracy(before, { score, truth, forgetting }));
    }
  }
}

function countOf(overlay: Overlay, operator: Address): number {
  const { epoch, count } = readCalibrations(overlay, operator);
  return epoch === epochUnderWay(overlay) ? count : 0;
}

function countOne(overlay: Overlay, operator: Address): void {
  const count = countOf(overlay, operator) + 1;
  writeCalibrations(overlay, operator, { epoch: epochUnderWay(overlay), count });
}
