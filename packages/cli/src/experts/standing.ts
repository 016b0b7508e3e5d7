/** How an expert's reputation and state are told. Owns the words. */
import type { ExpertCardJson } from '@synod/rpc/client';

/** `mean` is the reputation's decimal; null before the first answer. */
export function standingText(mean: string | null, answers: number): string {
  if (mean === null || answers === 0) return 'no answers yet';
  return `${Number(mean).toFixed(3)} over ${answers} ${answers === 1 ? 'answer' : 'answers'}`;
}

/** Whether it is asked now, and why not. */
export function stateText({ status, breaker }: Pick<ExpertCardJson, 'status' | 'breaker'>): string {
  if (status !== 'active') return status;
  if (breaker.openUntil !== '0') return `left out until block ${breaker.openUntil}`;
  return breaker.failures === 0 ? 'active' : `active, silent ${breaker.failures} times in a row`;
}
