/**
 * The end of an epoch (spec: staking §4): stake becomes voting power. Owns who is wanted in the set with what power; how
 * fast the set gets there is set-updates.ts.
 */
import type { EmitEvent } from '../state/events.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { ChainParams, Height, StakePool, Validator } from '../types/index.ts';
import { byStake, seatBench } from './candidates.ts';
import { mustReadPool, powerOfPool, stakeOf } from './pool-shares.ts';
import { updatesTowards } from './set-updates.ts';
import { listCandidates, writeUpdates } from './stake-records.ts';
import { mustReadValidatorsAt, setSizeMax } from './validator-sets.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/** At heights divisible by `epochHeights`: replaces the queue by what leads from the newest set to the one wanted. */
export function endEpoch(overlay: Overlay, { params, height, emit }: Context): void {
  if (height % params.staking.epochHeights !== 0) return;
  seatBench(overlay, height, emit);
  const wanted = wantedSet(overlay, params);
  // A chain whose every pool is out keeps the set it has.
  if (wanted.length === 0) return;
  writeUpdates(overlay, updatesTowards(mustReadValidatorsAt(overlay, height + 1), wanted));
}

/** Active pools with enough stake of their own, the largest if there are too many; in set order. */
export function wantedSet(view: StateView, params: ChainParams): readonly Validator[] {
  const pools = listCandidates(view)
    .map((operator) => mustReadPool(view, operator))
    .filter((pool) => isFit(view, pool, params));
  const largest = pools.sort(byStake).slice(0, setSizeMax(params));
  return largest
    .map((pool) => ({
      operator: pool.operator,
      publicKey: pool.publicKey,
      vrfKey: pool.vrfKey,
      power: powerOfPool(pool),
    }))
    .sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

function isFit(view: StateView, pool: StakePool, { staking }: ChainParams): boolean {
  if (pool.status !== 'active' || powerOfPool(pool) < 1n) return false;
  return stakeOf(view, pool.operator, pool.operator) >= staking.selfBondMin;
}
