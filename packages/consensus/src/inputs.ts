/**
 * Takes messages into the state of a height. Owns what is kept and for how long: window of rounds, conflicting
 * proposals, parked votes (consensus §1.4, §1.5). Does not own what the messages set off (driver.ts).
 */
import type { ExtendedCommit, Hash, Proposal, Round, Vote } from '@synod/chain';
import type { ConsensusEffect, ConsensusState, StepResult } from './consensus-types.ts';
import { limits } from './limits.ts';
import { addVote, isNewVote, isSkip } from './vote-keeper.ts';

/** What taking a message in did; `wakes` tells whether a rule may have become enabled. */
export type Intake = StepResult & { readonly wakes: boolean };

/**
 * Keeps a proposal by the round's proposer inside the window: at most two different ones a round, the second one
 * reported as evidence when it names another block.
 */
export function takeProposal(state: ConsensusState, proposal: Proposal): Intake {
  const { round } = proposal;
  const held = state.proposals.get(round) ?? [];
  if (!wantsProposal(state, proposal)) return unchanged(state);
  const first = held[0];
  const effects: ConsensusEffect[] = [];
  if (first !== undefined && first.blockId !== proposal.blockId) {
    effects.push({ kind: 'evidence', evidence: { kind: 'duplicate.proposal', first, second: proposal } });
  }
  const proposals = new Map(state.proposals).set(round, [...held, proposal]);
  return { state: { ...state, proposals }, effects, wakes: true };
}

/**
 * True when `takeProposal` would keep it. A host that stores the blocks of others let one validator fill its memory, and
 * leave no room for anybody else's proposal.
 */
export function wantsProposal(state: ConsensusState, proposal: Proposal): boolean {
  return isProposalWanted(state, proposal) && isNewProposal(state.proposals.get(proposal.round) ?? [], proposal);
}

/** Counts a vote inside the window; parks one from beyond it; drops nil votes of long past rounds. */
export function takeVote(state: ConsensusState, vote: Vote): Intake {
  if (!isVoteWanted(state, vote)) return unchanged(state);
  if (vote.round > windowEnd(state)) return parkVote(state, vote);
  return countVote(state, vote);
}

/**
 * What `takeVote` would keep of it: a vote of its round, a `parked` one of a round beyond the window, or nothing (null). A host
 * that wrote down the others too let one validator fill its disk while a height lasts.
 */
export function voteWanted(state: ConsensusState, vote: Vote): 'counted' | 'parked' | null {
  if (!isVoteWanted(state, vote)) return null;
  if (vote.round > windowEnd(state)) return isParkable(state, vote) ? 'parked' : null;
  return isNewVote(state.keeper, vote) ? 'counted' : null;
}

/** Remembers what the host thinks of a block. The oldest verdicts that no lock or decision needs give way. */
export function takeVerdict(state: ConsensusState, blockId: Hash, valid: boolean): Intake {
  const verdicts = new Map(state.verdicts).set(blockId, valid);
  if (verdicts.size > limits.verdictsMax) {
    const { lockedValue, validValue } = state.machine;
    const needed = [blockId, lockedValue, validValue, state.decision?.blockId];
    const oldest = [...verdicts.keys()].find((held) => !needed.includes(held));
    if (oldest !== undefined) verdicts.delete(oldest);
  }
  return { state: { ...state, verdicts }, effects: [], wakes: true };
}

/** Keeps the first certificate of this height. */
export function takeCertificate(state: ConsensusState, commit: ExtendedCommit): Intake {
  if (commit.height !== state.context.height || state.certificate !== null) return unchanged(state);
  return { state: { ...state, certificate: commit }, effects: [], wakes: true };
}

/** Counts parked votes whose round the window now reaches. */
export function admitParkedVotes(state: ConsensusState): StepResult {
  const end = windowEnd(state);
  const due = [...state.parked].filter(([, parked]) => parked.round <= end);
  return admit(
    state,
    due.map(([validator]) => validator),
  );
}

/** A message that changes nothing. */
export function unchanged(state: ConsensusState): Intake {
  return { state, effects: [], wakes: false };
}

function windowEnd(state: ConsensusState): Round {
  return Math.max(state.machine.round, 0) + limits.futureRoundsMax;
}

function windowStart(state: ConsensusState): Round {
  return state.machine.round - limits.pastRoundsKept;
}

function isProposalWanted(state: ConsensusState, proposal: Proposal): boolean {
  const { height, round, polRound, proposer } = proposal;
  if (height !== state.context.height || !isRound(round) || !Number.isSafeInteger(polRound)) return false;
  if (round < windowStart(state) || round > windowEnd(state)) return false;
  if (polRound < -1 || polRound >= round) return false; // L28: vr < round_p
  return proposer === state.context.proposerOf(round);
}

function isNewProposal(held: readonly Proposal[], proposal: Proposal): boolean {
  const isRepeated = held.some((one) => one.blockId === proposal.blockId && one.polRound === proposal.polRound);
  return !isRepeated && held.length < limits.conflictingProposalsMax;
}

/** An extension stands exactly on precommits for a block, else no certificate could carry the vote. */
function isVoteWanted(state: ConsensusState, vote: Vote): boolean {
  const { height, round, blockId, type } = vote;
  if (height !== state.context.height || !isRound(round) || !state.keeper.powers.has(vote.validator)) return false;
  if ((type === 'precommit' && blockId !== null) !== (vote.extension !== null)) return false;
  return blockId !== null || round >= windowStart(state);
}

function isRound(round: Round): boolean {
  return Number.isSafeInteger(round) && round >= 0 && round <= limits.roundMax;
}

function countVote(state: ConsensusState, vote: Vote): Intake {
  const { keeper, output, evidence } = addVote(state.keeper, vote, state.machine.round);
  const effects: ConsensusEffect[] = evidence === null ? [] : [{ kind: 'evidence', evidence }];
  // A vote that crosses no threshold enables no rule, so the rules need not be asked.
  return { state: { ...state, keeper }, effects, wakes: output !== null };
}

/**
 * Keeps each validator's votes for its furthest round only, so a flood of round numbers costs its sender's own slot.
 * When more than a third of the power is parked at one round, an honest validator is there: its votes count (L55).
 */
function parkVote(state: ConsensusState, vote: Vote): Intake {
  if (!isParkable(state, vote)) return unchanged(state);
  const held = state.parked.get(vote.validator);
  const votes = held?.round === vote.round ? held.votes : [];
  const parked = new Map(state.parked).set(vote.validator, { round: vote.round, votes: [...votes, vote] });
  const next = { ...state, parked };
  const there = [...parked].filter(([, one]) => one.round === vote.round).map(([validator]) => validator);
  const power = there.reduce((sum, validator) => sum + (state.keeper.powers.get(validator) ?? 0n), 0n);
  if (!isSkip(power, state.keeper.totalPower)) return { state: next, effects: [], wakes: false };
  return { ...admit(next, there), wakes: true };
}

function isParkable(state: ConsensusState, vote: Vote): boolean {
  const held = state.parked.get(vote.validator);
  if (held === undefined || held.round < vote.round) return true;
  const isRepeated = held.votes.some((one) => one.type === vote.type && one.blockId === vote.blockId);
  return held.round === vote.round && !isRepeated && held.votes.length < limits.parkedVotesMax;
}

function admit(state: ConsensusState, validators: readonly Vote['validator'][]): StepResult {
  const parked = new Map(state.parked);
  const effects: ConsensusEffect[] = [];
  let next: ConsensusState = state;
  for (const validator of validators) {
    for (const vote of parked.get(validator)?.votes ?? []) {
      const counted = countVote(next, vote);
      next = counted.state;
      effects.push(...counted.effects);
    }
    parked.delete(validator);
  }
  return { state: { ...next, parked }, effects };
}
