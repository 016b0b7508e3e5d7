/**
 * The market's payloads beside registration, opening, commits and reveals: which room owns which. Owns no rule.
 */
import type { Overlay } from '../state/view.ts';
import type { ChainParams, MarketPayload } from '../types/index.ts';
import { profileProblem } from './contract-check.ts';
import { applyExpertPause, applyExpertRetire, applyExpertUpdate } from './expert-life.ts';
import type { RegisterContext } from './expert-register.ts';

export type MarketContext = RegisterContext;

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function marketProblem(payload: MarketPayload, _params: ChainParams): string | null {
  switch (payload.type) {
    case 'expert.update':
      return profileProblem(payload.expert);
    case 'expert.pause':
    case 'expert.retire':
      return null;
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return 'type';
  }
}

/** Returns `OK` or a stable code. */
export function applyMarket(overlay: Overlay, payload: MarketPayload, context: MarketContext): string {
  switch (payload.type) {
    case 'expert.update':
      return applyExpertUpdate(overlay, payload, context);
    case 'expert.pause':
      return applyExpertPause(overlay, payload, context);
    case 'expert.retire':
      return applyExpertRetire(overlay, payload, context);
    case 'query.cancel':
    case 'query.disclose':
    case 'calibration.reveal':
      return 'NOT_YET';
  }
}
