/**
 * The end of a vote and of an epoch (spec: staking §8): stake is counted, deposits go back or are burnt, and what passed
 * becomes the chain's parameters. Owns the decision; proposing and voting is voting-transactions.ts.
 */
import { encodeChainParams } from '../codec/index.ts';
import { mustReadPool } from '../staking/pool-shares.ts';
import { listCandidates } from '../staking/stake-records.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { moveBetweenPots, moveFromPot } from '../state/ledger.ts';
import { PARAM_RULES } from '../state/param-rules.ts';
import type { Overlay, StateView } from '../state/view.ts';
import {
  type Amount,
  type ChainParams,
  type Height,
  type ParamsProposal,
  PPM,
  type VoteChoice,
  type VoteOutcome,
  type VoteTally,
} from '../types/index.ts';
import {
  changedParams,
  listParamsProposals,
  mustReadParamsProposal,
  removeParamsProposal,
  transitionProblem,
  writeParamsProposal,
} from './proposals.ts';

type Context = { readonly params: ChainParams; readonly height: Height; readonly emit: EmitEvent };

/** At the end of the block at `height`: decides every proposal whose last height it is. */
export function closeVotes(overlay: Overlay, { params, height, emit }: Context): void {
  for (const id of listParamsProposals(overlay)) {
    const proposal = mustReadParamsProposal(overlay, id);
    if (proposal.phase !== 'voting' || height < proposal.votingEndsAt) continue;
    const tally = tallyVotes(overlay, proposal);
    const outcome = outcomeOf(proposal, tally, params);
    releaseDeposit(overlay, proposal, outcome);
    if (outcome === 'passed') writeParamsProposal(overlay, { ...proposal, phase: 'passed' });
    else removeParamsProposal(overlay, id);
    emit({ type: 'params.decided', proposal: id, outcome, tally });
  }
}

/**
 * At heights that end an epoch, once the head is written: makes what has passed, in order, each on what the one before left.
 * One that does not fit any more is dropped. The next header carries the hash of the result, and the next block keeps it.
 */
export function enactParams(overlay: Overlay, { params, height, emit }: Context): void {
  if (height % params.staking.epochHeights !== 0) return;
  for (const id of listParamsProposals(overlay)) {
    const { phase, changes } = mustReadParamsProposal(overlay, id);
    if (phase !== 'passed') continue;
    const next = changedParams(overlay, changes);
    const isFit = transitionProblem(overlay, next) === null;
    if (isFit) overlay.set(stateKeys.params, encodeChainParams(next));
    removeParamsProposal(overlay, id);
    emit({ type: isFit ? 'params.changed' : 'params.dropped', proposal: id, changes });
  }
}

/** Stake now in the pools of active validators, by what their operators voted: delegators inherit the vote. */
export function tallyVotes(view: StateView, { votes }: Pick<ParamsProposal, 'votes'>): VoteTally {
  const choices = new Map(votes.map(({ validator, choice }) => [validator, choice]));
  const sums: Record<VoteChoice | 'total', Amount> = { yes: 0n, no: 0n, abstain: 0n, total: 0n };
  for (const operator of listCandidates(view)) {
    const { status, tokens } = mustReadPool(view, operator);
    if (status !== 'active') continue;
    sums.total += tokens;
    const choice = choices.get(operator);
    if (choice !== undefined) sums[choice] += tokens;
  }
  return sums;
}

/** What the vote comes to with this count (staking §8.4). */
export function outcomeOf(
  proposal: Pick<ParamsProposal, 'changes'>,
  { yes, no, abstain, total }: VoteTally,
  params: ChainParams,
): VoteOutcome {
  const voted = yes + no + abstain;
  if (voted === 0n || voted * BigInt(PPM) < total * BigInt(params.voting.quorum)) return 'noQuorum';
  if (3n * no > 2n * (yes + no)) return 'vetoed';
  const isSafety = proposal.changes.some(({ name }) => PARAM_RULES[name]!.isSafety);
  const isPassed = isSafety ? 3n * yes > 2n * (yes + no) : 2n * yes > yes + no;
  return isPassed ? 'passed' : 'rejected';
}

/** Whoever wasted everybody's attention pays for it. */
function releaseDeposit(overlay: Overlay, { proposer, deposit }: ParamsProposal, outcome: VoteOutcome): void {
  if (outcome === 'vetoed' || outcome === 'noQuorum') moveBetweenPots(overlay, 'escrowed', 'burnt', deposit);
  else moveFromPot(overlay, 'escrowed', proposer, deposit);
}
