/**
 * Who scores (DESIGN §9, spec: market §6.9): all validators, or above a bound a committee drawn by beacon and power. Owns the
 * weighted draw without replacement that committees, evaluators and verifiers share.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawBelow } from '../crypto/index.ts';
import type { Address, ChainParams, Hash, Power, Scorer, Validator } from '../types/index.ts';

export type Weighted = { readonly operator: Address; readonly power: Power };

/** `count` of the entries, one draw after another by power; all of them when there are no more. In the order given. */
export function drawByPower<T extends Weighted>(seed: Hash, entries: readonly T[], count: number): readonly T[] {
  const remaining = entries.filter(({ power }) => power > 0n);
  if (remaining.length <= count) return remaining;
  const chosen = new Set<T>();
  for (let draw = 0; draw < count; draw++) {
    const total = remaining.reduce((sum, { power }) => sum + power, 0n);
    const at = indexAt(remaining, drawBelow(seed, draw, total));
    for (const entry of remaining.splice(at, 1)) chosen.add(entry);
  }
  return entries.filter((entry) => chosen.has(entry));
}

/** The scorers of a query that is selected with this beacon, in the order of the set. */
export function drawScorers(
  validators: readonly Validator[],
  { queryId, beacon, params }: { readonly queryId: Hash; readonly beacon: Hash; readonly params: ChainParams },
): Scorer[] {
  const seed = taggedHash('synod/committee/1', fromHex(beacon), fromHex(queryId));
  return drawCommittee(seed, validators, params).map(({ operator, power }) => ({
    operator,
    power,
    commitment: null,
    scores: null,
    checks: null,
  }));
}

/** All validators, or where there are more than may score, those drawn; in the order of the set. */
export function drawCommittee(seed: Hash, validators: readonly Validator[], params: ChainParams): readonly Validator[] {
  const { scorersMax } = params.market;
  return validators.length <= scorersMax ? validators : drawByPower(seed, validators, scorersMax);
}

/** Index of the entry in whose stretch of the powers, laid end to end, the drawn number falls. */
function indexAt(entries: readonly Weighted[], drawn: bigint): number {
  let below = 0n;
  return entries.findIndex(({ power }) => {
    below += power;
    return drawn < below;
  });
}
