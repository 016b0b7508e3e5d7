/** What is wrong with a vote or a proposal at the moment an honest node sends it. Owns joining the rules that judge it. */
import type { Proposal, Vote } from '@synod/chain';
import { lockProblem, nilPrecommitProblem, nilPrevoteProblem, undecidedProblem } from './core-rules.ts';
import type { SimNode } from './sim-node.ts';
import type { TimerWatch } from './timer-watch.ts';
import { precommitProblem, proposalProblem, type VotingRules } from './voting-rules.ts';

export type Judges = { readonly rules: VotingRules; readonly timers: TimerWatch; readonly nowMs: number };

/** From what all have sent, what the node's core holds, and which of its timeouts are over. */
export function sentVoteProblem(node: SimNode, vote: Vote, { rules, timers, nowMs }: Judges): string | null {
  const state = node.host?.runner.state ?? null;
  const sent = rules.problem(vote);
  if (sent !== null || state === null) return sent;
  const { type, height, round, blockId } = vote;
  const isPresent = state.context.height === height && !timers.isBooting(node, nowMs);
  const undecided = isPresent ? undecidedProblem(state) : null;
  if (undecided !== null) return undecided;
  if (blockId !== null && type === 'precommit') return precommitProblem(vote, state.machine);
  if (!isPresent) return null;
  const isTimeOver = timers.isOver(node, { kind: type === 'prevote' ? 'propose' : 'prevote', slot: vote, nowMs });
  if (type === 'precommit') return nilPrecommitProblem(vote, isTimeOver || rules.hasNilPolka(height, round));
  const { lockedRound } = state.machine;
  // One input may lead further: a lock of this round or a later one is taken by a precommit that comes next.
  const isOpen = lockedRound >= round || timers.isRefused(node, { height, round: lockedRound }, 'precommit');
  const last = rules.lockOf(node.operator, height);
  const locked = isOpen ? null : lockProblem(state, last);
  return locked ?? (blockId === null ? nilPrevoteProblem(state, vote, { isTimeOver, last }) : null);
}

export function sentProposalProblem(node: SimNode, proposal: Proposal, { rules, timers }: Judges): string | null {
  const state = node.host?.runner.state ?? null;
  const sent = rules.proposalProblem(proposal);
  if (sent !== null || state === null) return sent;
  if (!timers.has(node, 'propose', proposal)) return `proposes in round ${proposal.round} without a timeout`;
  return proposalProblem(proposal, state.machine);
}
