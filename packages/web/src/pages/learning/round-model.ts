/** A training round under way: how far it is, phase by phase. Pure; what the phases are is the chain's (spec: learning §4). */
import type { Round } from '../../api/rpc-types.ts';

export type PhaseLine = {
  readonly name: string;
  readonly state: 'done' | 'now' | 'next';
  /** What has come in of what is awaited; null where nothing is counted. */
  readonly count: { readonly of: number; readonly got: number; readonly what: string } | null;
};

const PHASES = [
  ['assigning', 'Drawing trainers'],
  ['training', 'Training'],
  ['revealing', 'Opening deltas'],
  ['gating', 'Measuring'],
  ['gateRevealing', 'Opening reports'],
] as const;

/** The five phases of a round; all are done of one that is closed. */
export function phaseLines(round: Pick<Round, 'phase' | 'trainers' | 'evaluators'>): readonly PhaseLine[] {
  const at = round.phase === 'closed' ? PHASES.length : PHASES.findIndex(([phase]) => phase === round.phase);
  return PHASES.map(([phase, name], index) => ({
    name,
    state: index < at ? 'done' : index === at ? 'now' : 'next',
    count: index === at ? known(countOf(phase, round)) : null,
  }));
}

/** Before anybody is drawn there is nothing to count. */
function known(count: PhaseLine['count']): PhaseLine['count'] {
  return count === null || count.of === 0 ? null : count;
}

function countOf(
  phase: (typeof PHASES)[number][0],
  { trainers, evaluators }: Pick<Round, 'trainers' | 'evaluators'>,
): PhaseLine['count'] {
  switch (phase) {
    case 'assigning':
      return null;
    case 'training':
      return {
        of: trainers.length,
        got: trainers.filter(({ hasCommitted }) => hasCommitted).length,
        what: 'trainers are done',
      };
    case 'revealing':
      return {
        of: trainers.length,
        got: trainers.filter(({ delta }) => delta !== null).length,
        what: 'deltas are open',
      };
    case 'gating':
      return {
        of: evaluators.length,
        got: evaluators.filter(({ hasCommitted }) => hasCommitted).length,
        what: 'validators have measured',
      };
    case 'gateRevealing':
      return {
        of: evaluators.length,
        got: evaluators.filter(({ hasReported }) => hasReported).length,
        what: 'reports are open',
      };
  }
}

/** Blocks until the phase ends at the latest; 0 where that is past. */
export function blocksLeft({ deadline }: Pick<Round, 'deadline'>, head: number): number {
  return Math.max(0, Number(deadline) - head);
}
