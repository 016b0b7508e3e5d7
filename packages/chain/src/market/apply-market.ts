/**
 * The market's payloads beside registration, opening, commits and reveals: which room owns which. Owns no rule.
 */
import type { Overlay } from '../state/view.ts';
import type { ChainParams, MarketPayload } from '../types/index.ts';
import { applyCalibration, calibrationProblem } from './calibration.ts';
import { applyQueryCancel } from './cancel.ts';
import type { RegisterContext } from './expert-register.ts';
import { applyDisclose } from './privacy.ts';

export type MarketContext = RegisterContext;

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function marketProblem(payload: MarketPayload, params: ChainParams): string | null {
  if (payload.type === 'query.cancel') return null;
  if (payload.type === 'calibration.reveal') return calibrationProblem(payload);
  if (payload.type === 'query.disclose') return payload.answers.length > params.respondentsMax ? 'answers' : null;
  return 'type';
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
    case 'calibration.reveal':
      return applyCalibration(overlay, payload, context);
    case 'query.disclose':
      return applyDisclose(overlay, payload, context);
  }
}
