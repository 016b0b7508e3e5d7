/** How trainings share a machine's cores. Owns the split: turns first, since two threads of one training waste a third of the second core. */
import { limits } from './limits.ts';

/** `turns` trainings at once, each with `threads` threads: both follow from the machine alone, so that a training goes on as it began. */
export function trainingTurns(cores: number): { readonly turns: number; readonly threads: number } {
  const turns = Math.max(1, Math.min(limits.trainingsMax, cores));
  return { turns, threads: Math.max(1, Math.min(limits.trainingThreads, Math.floor(cores / turns))) };
}
