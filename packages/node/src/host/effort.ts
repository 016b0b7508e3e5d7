/** How much work an answer to a contract is worth (market §17). Owns the rule, for those who answer, verify and quote alike. */
import type { QueryContract } from '@synod/chain';
import type { Effort } from '@synod/inference';
import { limits } from './limits.ts';

export const effortOf = ({ difficulty }: Pick<QueryContract, 'difficulty'>): Effort =>
  difficulty < limits.fullEffortDifficulty ? 'quote' : 'full';
