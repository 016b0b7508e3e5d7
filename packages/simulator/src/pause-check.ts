/** What must hold of a node between two of its inputs, whatever it is waiting for. Owns these checks, not when they are made. */
import type { Address } from '@synod/chain';
import type { PeerId } from '@synod/node/host';
import { undecidedProblem } from './core-rules.ts';
import { signerProblem } from './signer-check.ts';
import type { SimNode } from './sim-node.ts';
import type { TimerWatch } from './timer-watch.ts';

/** Rounds, or validators' messages from far rounds, that a node may keep for one height: twice the window of 16 and more. */
const keptMax = 60;

type Problem = {
  readonly kind: 'impersonated' | 'doubleSign' | 'liveness' | 'votingRule' | 'bounds';
  readonly text: string;
};

/** Nobody waits without a timeout or keeps without a bound, nobody passes for another, and no signer would sign twice. */
export function pauseProblems(
  node: SimNode,
  { timers, operatorOf }: { readonly timers: TimerWatch; readonly operatorOf: (id: PeerId) => Address | undefined },
): readonly Problem[] {
  const problems: Problem[] = [];
  const { host } = node;
  for (const { id, operator } of (node.isHonest && host?.sync.peers()) || []) {
    if (operator !== null && operator !== operatorOf(id))
      problems.push({ kind: 'impersonated', text: `takes ${id} for ${operator}` });
  }
  const given = node.isHonest ? signerProblem(node) : null;
  if (given !== null) problems.push({ kind: 'doubleSign', text: given });
  const state = host?.runner.state;
  if (state == null || host?.runner.isDecided || state.config.self === null) return problems;
  const { round, step } = state.machine;
  const { height } = state.context;
  if (step === 'propose' && !timers.has(node, 'propose', { height, round }))
    problems.push({
      kind: 'liveness',
      text: `waits for a proposal of height ${height}, round ${round} without an end`,
    });
  const undecided = undecidedProblem(state);
  if (undecided !== null) problems.push({ kind: 'votingRule', text: undecided });
  const kept = [state.keeper.rounds.size, state.proposals.size, state.parked.size];
  if (kept.some((count) => count > keptMax))
    problems.push({ kind: 'bounds', text: `keeps ${kept} rounds and messages` });
  return problems;
}
