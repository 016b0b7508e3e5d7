/**
 * Who may be taken into the set (spec: staking §4.9): a bounded number of seats, and a short bench of those who want one while
 * none is free. Owns who sits where; stake stays where it is, with a seat or without.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Address, Amount, Height, StakePool } from '../types/index.ts';
import { mustReadPool } from './pool-shares.ts';
import { listBench, listCandidates, writeBench, writeCandidates } from './stake-records.ts';
import { mustReadValidatorsAt } from './validator-sets.ts';

/** True when a validator with so much stake finds a seat, or a place on the bench. */
export function canStand(view: StateView, tokens: Amount): boolean {
  if (listCandidates(view).length < CHAIN_LIMITS.candidatesMax || listBench(view).length < CHAIN_LIMITS.benchMax)
    return true;
  return tokens > poolsOf(view, listBench(view)).at(-1)!.tokens;
}

/** Gives the validator a seat, else a place on the bench where it has more stake than the least there; else nothing changes. */
export function stand(overlay: Overlay, operator: Address): void {
  const [seated, bench] = [listCandidates(overlay), listBench(overlay)];
  if (seated.includes(operator) || bench.includes(operator)) return;
  if (seated.length < CHAIN_LIMITS.candidatesMax) writeCandidates(overlay, [...seated, operator]);
  else writeBench(overlay, largestOf(overlay, [...bench, operator]));
}

/** For whoever has left for good. */
export function leaveSeat(overlay: Overlay, operator: Address): void {
  const [seated, bench] = [listCandidates(overlay), listBench(overlay)];
  if (seated.includes(operator)) writeCandidates(overlay, withoutOne(seated, operator));
  else if (bench.includes(operator)) writeBench(overlay, withoutOne(bench, operator));
}

/**
 * The end of an epoch, before the set is chosen: whoever waits takes a free seat, else that of the one with the least stake
 * outside the newest set, if that is less than its own. Who lost its seat waits in turn, where it has enough for the bench.
 */
export function seatBench(overlay: Overlay, height: Height, emit: EmitEvent): void {
  const waiting = poolsOf(overlay, listBench(overlay));
  if (waiting.length === 0) return;
  const members = new Set(mustReadValidatorsAt(overlay, height + 1).map(({ operator }) => operator));
  const seated = new Set(listCandidates(overlay));
  const leaving = poolsOf(
    overlay,
    [...seated].filter((operator) => !members.has(operator)),
  );
  const left: Address[] = [];
  for (const { operator, tokens } of waiting) {
    const isFree = seated.size < CHAIN_LIMITS.candidatesMax;
    const least = leaving.at(-1);
    if (!isFree && (least === undefined || least.tokens >= tokens)) {
      left.push(operator);
      continue;
    }
    if (!isFree) {
      seated.delete(leaving.pop()!.operator);
      left.push(least!.operator);
    }
    seated.add(operator);
    emit({ type: 'validator.seated', validator: operator, displaced: isFree ? null : least!.operator });
  }
  writeCandidates(overlay, [...seated]);
  writeBench(overlay, largestOf(overlay, left));
}

/** Active pools alone wait: one in jail asks again with its release. */
function largestOf(view: StateView, operators: readonly Address[]): Address[] {
  const active = poolsOf(view, operators).filter(({ status }) => status === 'active');
  return active.slice(0, CHAIN_LIMITS.benchMax).map(({ operator }) => operator);
}

function poolsOf(view: StateView, operators: readonly Address[]): StakePool[] {
  return operators.map((operator) => mustReadPool(view, operator)).sort(byStake);
}

/** The larger stake first; ties: the smaller address. */
export function byStake(a: StakePool, b: StakePool): number {
  if (a.tokens !== b.tokens) return a.tokens > b.tokens ? -1 : 1;
  return a.operator < b.operator ? -1 : 1;
}

function withoutOne(operators: readonly Address[], gone: Address): Address[] {
  return operators.filter((each) => each !== gone);
}
