/**
 * The circuit breaker of an expert (spec: market §3.8, §3.9). Owns its states and moves; who is silent is outcomes.ts.
 */
import type { Breaker, Expert, Height, MarketParams } from '../types/index.ts';

/** `closed`: takes part. `open`: left out. `halfOpen`: tried by one assignment at a time. */
export type BreakerState = 'closed' | 'open' | 'halfOpen';

export const CLOSED_BREAKER: Breaker = { failures: 0, openUntil: 0 };

/** How the breaker stands for a selection made at this height. */
export function breakerState({ breaker }: Pick<Expert, 'breaker'>, height: Height): BreakerState {
  if (breaker.openUntil === 0) return 'closed';
  return height <= breaker.openUntil ? 'open' : 'halfOpen';
}

/**
 * The breaker after one more silent assignment. It opens with the `breakerFailures`-th in a row, and with every failed probe
 * for twice as long; what was assigned before it opened and fails while it is open changes nothing.
 */
export function afterSilence(expert: Pick<Expert, 'breaker'>, height: Height, market: MarketParams): Breaker {
  if (breakerState(expert, height) === 'open') return expert.breaker;
  const failures = expert.breaker.failures + 1;
  if (failures < market.breakerFailures) return { failures, openUntil: 0 };
  return { failures, openUntil: height + openHeights(failures - market.breakerFailures, market) };
}

/** `breakerHeights` · 2^probes, at most `breakerHeightsMax`. */
function openHeights(probes: number, { breakerHeights, breakerHeightsMax }: MarketParams): number {
  return Math.min(breakerHeightsMax, breakerHeights * 2 ** Math.min(probes, 32));
}
