/**
 * The market's payloads beside registration, opening, commits and reveals: which room owns which. Owns no rule.
 */
import type { Overlay } from '../state/view.ts';
import type { ChainParams, MarketPayload } from '../types/index.ts';
import { applyCalibration, calibrationProblem } from './calibration.ts';
import { applyQueryCancel } from './cancel.ts';
import { profileProblem } from './contract-check.ts';
import { applyExpertPause, applyExpertRetire, applyExpertUpdate } from './expert-life.ts';
import type { RegisterContext } from './expert-register.ts';
import { applyDisclose } from './privacy.ts';

export type MarketContext = RegisterContext;

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function marketProblem(payload: MarketPayload, params: ChainParams): string | null {
  switch (payload.type) {
    case 'expert.update':
      return profileProblem(payload.expert);
    case 'expert.pause':
    case 'expert.retire':
    case 'query.cancel':
      return null;
    case 'query.disclose':
      return payload.answers.length > params.respondentsMax ? 'answers' : null;
    case 'calibration.reveal':
      return calibrationProblem(payload);
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
      return applyQueryCancel(overlay, payload, context);
    case 'calibration.reveal':
      return applyCalibration(overlay, payload, context);
    case 'query.disclose':
      return applyDisclose(overlay, payload, context);
  }
}
