/** The way out of what is held for feedback (spec: learning §2.3). Owns that move; when it is made is attest.ts and the rounds'. */
import { moveBetweenPots, moveFromPot } from '../state/ledger.ts';
import type { Overlay } from '../state/view.ts';
import type { Feedback } from '../types/index.ts';
import { writeFeedback } from './learning-records.ts';

/**
 * Pays the deposit back to the author, or burns it, writes the record without it, and returns that record: who changes more of
 * it goes on from there. Moves nothing where nothing is held any more.
 */
export function settleDeposit(overlay: Overlay, feedback: Feedback, way: 'return' | 'burn'): Feedback {
  const { deposit, author } = feedback;
  if (way === 'return') moveFromPot(overlay, 'escrowed', author, deposit);
  else moveBetweenPots(overlay, 'escrowed', 'burnt', deposit);
  const settled: Feedback = { ...feedback, deposit: 0n };
  writeFeedback(overlay, settled);
  return settled;
}
