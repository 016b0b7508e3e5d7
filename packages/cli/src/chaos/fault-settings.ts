/** What the fault port takes, read strictly. Owns ranges and the words for what is wrong; the node's adapters own the meaning. */
import type { ExpertFault, Pace, PaceMode } from '@synod/node';
import { FAULT_LIMITS, type FaultSettings } from '@synod/node/faults';

/** The longest is a block by hand that lets a year pass. */
const PACE_LIMITS = {
  intervalMsMin: 50,
  intervalMsMax: 400 * 24 * 3_600_000,
  heightMax: Number.MAX_SAFE_INTEGER,
} as const;
const EXPERT_FAULTS: readonly ExpertFault['kind'][] = ['lie', 'slow', 'drop'];
const MODES: readonly PaceMode[] = ['interval', 'auto', 'manual'];

/** The settings, or what is wrong with them. */
export function parseFaultSettings(value: unknown): FaultSettings | string {
  if (!isTable(value)) return 'The body is no JSON object';
  const { blockedPeers, latencyMs, clockOffsetMs, experts, ...unknown } = value;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) return `"${stranger}" is not known`;
  if (!Array.isArray(blockedPeers) || blockedPeers.length > FAULT_LIMITS.blockedPeersMax)
    return `blockedPeers must be a list of at most ${FAULT_LIMITS.blockedPeersMax} peer ids`;
  if (!blockedPeers.every((peer): peer is string => typeof peer === 'string')) return 'blockedPeers must hold peer ids';
  if (!isWithin(latencyMs, 0, FAULT_LIMITS.latencyMsMax))
    return `latencyMs must lie between 0 and ${FAULT_LIMITS.latencyMsMax}`;
  if (!isWithin(clockOffsetMs, -FAULT_LIMITS.clockOffsetMsMax, FAULT_LIMITS.clockOffsetMsMax))
    return `clockOffsetMs must lie within ±${FAULT_LIMITS.clockOffsetMsMax}`;
  if (!isTable(experts) || Object.keys(experts).length > FAULT_LIMITS.expertsMax)
    return `experts must be a table of at most ${FAULT_LIMITS.expertsMax} faults by address`;
  if (!isEveryFault(experts)) {
    const most = FAULT_LIMITS.expertDelayMsMax;
    return `an expert's fault is {"kind": ${EXPERT_FAULTS.map((kind) => `"${kind}"`).join(' | ')}, "delayMs": 0 … ${most}}`;
  }
  return { blockedPeers, latencyMs, clockOffsetMs, experts };
}

/** The pace, or what is wrong with it. */
export function parsePace(value: unknown): Pace | string {
  if (!isTable(value)) return 'The body is no JSON object';
  const { mode, intervalMs, mineUntil, ...unknown } = value;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) return `"${stranger}" is not known`;
  const known = MODES.find((one) => one === mode);
  if (known === undefined) return `mode must be one of ${MODES.join(', ')}`;
  const { intervalMsMin, intervalMsMax, heightMax } = PACE_LIMITS;
  if (intervalMs !== null && !isWithin(intervalMs, intervalMsMin, intervalMsMax))
    return `intervalMs must be null or lie between ${intervalMsMin} and ${intervalMsMax}`;
  if (!isWithin(mineUntil, 0, heightMax)) return 'mineUntil must be a height';
  return { mode: known, intervalMs, mineUntil };
}

function isEveryFault(experts: Record<string, unknown>): experts is Record<string, ExpertFault> {
  return Object.values(experts).every((fault) => {
    if (!isTable(fault) || Object.keys(fault).length !== 2) return false;
    const { kind, delayMs } = fault;
    return EXPERT_FAULTS.some((one) => one === kind) && isWithin(delayMs, 0, FAULT_LIMITS.expertDelayMsMax);
  });
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
