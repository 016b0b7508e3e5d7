/**
 * When two answers of one query are the same (ADR 5, spec: market §5.4). Owns that question alone.
 */
import { answerText } from '../codec/index.ts';
import type { Answer } from '../types/index.ts';

/** Equal for equal texts, whatever tokens, proofs and prices lie behind them; of a private answer, for equal hashes. */
export function answerIdentity(answer: Answer): string {
  const [segment] = answer.segments;
  return segment?.kind === 'sealed' ? `sealed ${segment.hash}` : `text ${answerText(answer)}`;
}
