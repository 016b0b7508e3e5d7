/**
 * The market's payloads beside registration, opening, commits and reveals: which room owns which. Owns no rule.
 */
import type { Overlay } from '../state/view.ts';
import type { ChainParams, MarketPayload } from '../types/index.ts';
import { applyQueryCancel } from './cancel.ts';
import type { RegisterContext } from './expert-register.ts';

export type MarketContext = RegisterContext;

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function marketProblem(payload: MarketPayload, _params: ChainParams): string | null {
  return payload.type === 'query.cancel' ? null : 'type';
}

/** Returns `OK` or a stable code. */
export function applyMarket(overlay: Overlay, payload: MarketPayload, context: MarketContext): string {
  switch (payload.type) {
    case 'expert.update':
    case 'expert.pause':
    case 'expert.retire':
      return 'NOT_YET';
    case 'query.cancel':
      return applyQueryCancel(overlay, payload, context);
    case 'query.disclose':
    case 'calibration.reveal':
      return 'NOT_YET';
  }
}
