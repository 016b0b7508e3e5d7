/** How much work an answer to a contract is worth (market §17). Owns the rule, for those who answer, verify and quote alike. */
import type { Ppm, QueryContract } from '@synod/chain';
import type { Effort } from '@synod/inference';
import { limits } from './limits.ts';

export const effortOf = ({ difficulty }: Pick<QueryContract, 'difficulty'>): Effort =>
  difficulty < limits.fullEffortDifficulty ? 'quote' : 'full';

/** The difficulty that a contract names: the estimate, or the nearest that means the effort which its requester wants. */
export function difficultyFor(effort: Effort | undefined, estimate: Ppm): Ppm {
  if (effort === 'full') return Math.max(estimate, limits.fullEffortDifficulty);
  return effort === 'quote' ? Math.min(estimate, limits.fullEffortDifficulty - 1) : estimate;
}
