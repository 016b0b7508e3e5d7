/** Learning's payloads: which room owns which (spec: learning §2–§10). Owns no rule. */
import type { MarketContext } from '../market/apply-market.ts';
import { applyExpertLearn } from '../market/expert-life.ts';
import type { Overlay } from '../state/view.ts';
import type { ChainParams, Hash, LearningPayload } from '../types/index.ts';
import { applyRollback } from './canary.ts';
import { applyDeltaCommit, applyDeltaReveal } from './deltas.ts';
import { applyFeedbackGive } from './feedback.ts';

export type LearningContext = MarketContext & { readonly id: Hash };

/** Name of the payload's first field that can never be right under these parameters, or null. */
export function learningProblem(payload: LearningPayload, _params: ChainParams): string | null {
  return payload.type === 'delta.reveal' && payload.bytes === 0 ? 'bytes' : null;
}

/** Returns `OK` or a stable code. */
export function applyLearning(overlay: Overlay, payload: LearningPayload, context: LearningContext): string {
  switch (payload.type) {
    case 'feedback.give':
      return applyFeedbackGive(overlay, payload, context);
    case 'delta.commit':
      return applyDeltaCommit(overlay, payload, context);
    case 'delta.reveal':
      return applyDeltaReveal(overlay, payload, context);
    case 'model.rollback':
      return applyRollback(overlay, payload, context);
    case 'expert.learn':
      return applyExpertLearn(overlay, payload, context);
  }
}
