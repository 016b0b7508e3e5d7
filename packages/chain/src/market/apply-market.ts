/**
 * The market's payloads beside registration, opening, commits and reveals: which room owns which. Owns no rule.
 */
import type { Overlay } from '../state/view.ts';
import type { ChainParams, MarketPayload } from '../types/index.ts';
import type { RegisterContext } from './expert-register.ts';

export type MarketContext = RegisterContext;

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function marketProblem(_payload: MarketPayload, _params: ChainParams): string | null {
  return 'type';
}

/** Returns `OK` or a stable code. */
export function applyMarket(_overlay: Overlay, payload: MarketPayload, _context: MarketContext): string {
  switch (payload.type) {
    case 'expert.update':
    case 'expert.pause':
    case 'expert.retire':
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return 'NOT_YET';
  }
}
