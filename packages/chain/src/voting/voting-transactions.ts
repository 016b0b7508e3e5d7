/**
 * Proposing and voting (spec: staking §8). Owns the checks against state and the deposit's way in; every handler checks
 * first and writes last. Each returns `OK` or a stable code.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import { utf8Bytes } from '../market/contract-check.ts';
import { byStake } from '../staking/candidates.ts';
import { mustReadPool } from '../staking/pool-shares.ts';
import { listCandidates, readPool } from '../staking/stake-records.ts';
import type { EmitEvent } from '../state/events.ts';
import { moveToPot } from '../state/ledger.ts';
import { PARAM_RULES } from '../state/param-rules.ts';
import { readAccount } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type {
  Address,
  ChainParams,
  Hash,
  Height,
  ParamsProposal,
  ParamsPropose,
  ParamsVote,
  ProposalVote,
  VotingPayload,
} from '../types/index.ts';
import {
  addParamsProposal,
  changedParams,
  listParamsProposals,
  mustReadParamsProposal,
  readParamsProposal,
  transitionProblem,
  writeParamsProposal,
} from './proposals.ts';

export type VotingContext = {
  /** Of the transaction. */
  readonly id: Hash;
  readonly sender: Address;
  readonly height: Height;
  readonly params: ChainParams;
  readonly emit: EmitEvent;
};

export function applyVoting(overlay: Overlay, payload: VotingPayload, context: VotingContext): string {
  return payload.type === 'params.propose'
    ? applyPropose(overlay, payload, context)
    : applyVote(overlay, payload, context);
}

/** Name of the field that can never be right, or null. */
export function votingProblem(payload: VotingPayload): string | null {
  if (payload.type === 'params.vote') return null;
  const { title, changes, deposit } = payload;
  const bytes = title.isWellFormed() && title.trim() !== '' ? utf8Bytes(title) : 0;
  if (bytes < 1 || bytes > CHAIN_LIMITS.titleBytesMax) return 'title';
  const names = new Set(changes.map(({ name }) => name));
  if (names.size !== changes.length || names.size < 1 || names.size > CHAIN_LIMITS.paramChangesMax) return 'changes';
  if (![...names].every((name) => Object.hasOwn(PARAM_RULES, name))) return 'changes';
  return deposit > 0n ? null : 'deposit';
}

function applyPropose(overlay: Overlay, payload: ParamsPropose, context: VotingContext): string {
  const { id, sender, height, params, emit } = context;
  const { title, changes, deposit } = payload;
  if (!hasRoom(overlay, sender)) return 'PROPOSALS_FULL';
  if (deposit < params.voting.depositMin) return 'DEPOSIT_TOO_LOW';
  if (readAccount(overlay, sender).balance < deposit) return 'INSUFFICIENT_BALANCE';
  if (transitionProblem(overlay, changedParams(overlay, changes)) !== null) return 'PARAMS_REFUSED';
  const votingEndsAt = height + params.voting.votingHeights;
  moveToPot(overlay, sender, 'escrowed', deposit);
  const about = { id, proposer: sender, title, changes, deposit, openedAt: height, votingEndsAt };
  addParamsProposal(overlay, { ...about, phase: 'voting', votes: [] });
  emit({ type: 'params.proposed', proposal: id, proposer: sender, changes, votingEndsAt });
  return 'OK';
}

/**
 * Anybody finds a place among the first; once these are taken, one of the largest pools finds one more, so that nobody's deposits
 * keep those from proposing who would decide.
 */
function hasRoom(view: StateView, sender: Address): boolean {
  const open = listParamsProposals(view);
  if (open.length < CHAIN_LIMITS.openProposalsMax) return true;
  if (open.length >= CHAIN_LIMITS.openProposalsMax + CHAIN_LIMITS.largestPoolsMax) return false;
  if (open.some((id) => mustReadParamsProposal(view, id).proposer === sender)) return false;
  return largestPools(view).includes(sender);
}

/** Operators of the active pools with a seat and the most stake. */
function largestPools(view: StateView): readonly Address[] {
  const pools = listCandidates(view).map((operator) => mustReadPool(view, operator));
  const active = pools.filter(({ status }) => status === 'active').sort(byStake);
  return active.slice(0, CHAIN_LIMITS.largestPoolsMax).map(({ operator }) => operator);
}

function applyVote(overlay: Overlay, { proposal: id, choice }: ParamsVote, context: VotingContext): string {
  const { sender, emit } = context;
  const proposal = readParamsProposal(overlay, id);
  if (proposal === null) return 'PROPOSAL_UNKNOWN';
  if (proposal.phase !== 'voting') return 'VOTING_OVER';
  const pool = readPool(overlay, sender);
  if (pool === null) return 'VALIDATOR_UNKNOWN';
  if (pool.status !== 'active' || !listCandidates(overlay).includes(sender)) return 'VALIDATOR_NOT_ACTIVE';
  const others = roomAmong(proposal, overlay).filter(({ validator }) => validator !== sender);
  const votes = [...others, { validator: sender, choice }].sort((a, b) => (a.validator < b.validator ? -1 : 1));
  writeParamsProposal(overlay, { ...proposal, votes });
  emit({ type: 'params.voted', proposal: id, validator: sender, choice });
  return 'OK';
}

/**
 * The votes, where one more finds room. Else those without a seat go: they would not count now, and pools that come and go
 * would keep others from voting. Seats are fewer than a proposal has room for.
 */
function roomAmong({ votes }: ParamsProposal, view: StateView): readonly ProposalVote[] {
  if (votes.length < CHAIN_LIMITS.votesPerProposalMax) return votes;
  const seated = new Set(listCandidates(view));
  return votes.filter(({ validator }) => seated.has(validator));
}
