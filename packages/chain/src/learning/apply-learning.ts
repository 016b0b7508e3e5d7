/** Learning's payloads: which room owns which (spec: learning §2–§10). Owns no rule. */
import assert from 'node:assert/strict';
import type { MarketContext } from '../market/apply-market.ts';
import type { Overlay } from '../state/view.ts';
import type { ChainParams, Hash, LearningPayload } from '../types/index.ts';
import { applyFeedbackGive } from './feedback.ts';

export type LearningContext = MarketContext & { readonly id: Hash };

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function learningProblem(payload: LearningPayload, _params: ChainParams): string | null {
  if (payload.type === 'feedback.give') return null;
  return assert.fail('not built yet');
}

/** Returns `OK` or a stable code. */
export function applyLearning(overlay: Overlay, payload: LearningPayload, context: LearningContext): string {
  if (payload.type === 'feedback.give') return applyFeedbackGive(overlay, payload, context);
  return assert.fail('not built yet');
}
