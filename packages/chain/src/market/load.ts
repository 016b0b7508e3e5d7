/**
 * How busy a domain is, and what that does to its price (spec: market §11). Owns the record of a domain's load and its move
 * at the end of an epoch; the price itself is pricing.ts.
 */
import { decodeDomainList, decodeDomainLoad, encodeDomainList, encodeDomainLoad } from '../codec/index.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { stateKeys } from '../state/keys.ts';
import { listExperts, readExpert, readRecord, remembered, writeRecord } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { type ChainParams, type DomainLoad, PPM, type Ppm } from '../types/index.ts';

const loadForm = remembered({ encode: encodeDomainLoad, decode: decodeDomainLoad });
const domainsForm = remembered({ encode: encodeDomainList, decode: decodeDomainList });

const FACTOR_LEAST = PPM / 4;
const FACTOR_MOST = 8 * PPM;

/** The domain's factor and this epoch's assignments; an unknown domain has the factor 1. */
export function readLoad(view: StateView, domain: string): DomainLoad {
  return readRecord(view, stateKeys.load(domain), loadForm) ?? { factor: PPM, assignments: 0 };
}

/** Domains whose load is kept, ascending. */
export function listLoads(view: StateView): readonly string[] {
  return readRecord(view, stateKeys.loads, domainsForm) ?? [];
}

/** Counts respondents drawn in the domain. */
export function countAssignments(overlay: Overlay, domain: string, count: number): void {
  if (count === 0) return;
  const domains = listLoads(overlay);
  if (!domains.includes(domain)) {
    if (domains.length >= CHAIN_LIMITS.loadedDomainsMax) return;
    writeRecord(overlay, stateKeys.loads, domainsForm, [...domains, domain].sort());
  }
  const { factor, assignments } = readLoad(overlay, domain);
  writeRecord(overlay, stateKeys.load(domain), loadForm, { factor, assignments: assignments + count });
}

/** At an epoch's end: moves every factor, and forgets domains that nobody works in any more. */
export function moveLoads(overlay: Overlay, params: ChainParams): void {
  const kept = listLoads(overlay).filter((domain) => {
    const capacity = capacityOf(overlay, domain);
    if (capacity === 0) {
      overlay.delete(stateKeys.load(domain));
      return false;
    }
    const { factor, assignments } = readLoad(overlay, domain);
    const use = utilisation(assignments, capacity, params.staking.epochHeights);
    const moved = { factor: nextFactor(factor, use, params.market.loadTarget), assignments: 0 };
    writeRecord(overlay, stateKeys.load(domain), loadForm, moved);
    return true;
  });
  if (kept.length === 0) overlay.delete(stateKeys.loads);
  else writeRecord(overlay, stateKeys.loads, domainsForm, kept);
}

/** Answers that the domain's active experts can work on side by side. */
function capacityOf(view: StateView, domain: string): number {
  return listExperts(view, domain).reduce((sum, address) => {
    const expert = readExpert(view, address);
    return expert?.status === 'active' ? sum + expert.profile.capacity : sum;
  }, 0);
}

/** Share of the capacity that was taken, each answer taking one unit for `assignmentHeights`; may exceed 1. */
export function utilisation(assignments: number, capacity: number, epochHeights: number): Ppm {
  const taken = BigInt(assignments) * BigInt(CHAIN_LIMITS.assignmentHeights) * BigInt(PPM);
  return Number(taken / (BigInt(capacity) * BigInt(epochHeights)));
}

/** One step from `factor` towards use / target within 1/4 … 8, of at most an eighth of `factor`. */
export function nextFactor(factor: number, use: Ppm, target: Ppm): number {
  const goal = clamp(Number((BigInt(use) * BigInt(PPM)) / BigInt(target)), FACTOR_LEAST, FACTOR_MOST);
  const step = Math.floor(factor / 8);
  return clamp(goal, factor - step, factor + step);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
