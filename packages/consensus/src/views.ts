/**
 * Answers the host's questions about the state of a height: certificates, what to send a peer, what to show.
 * Owns no state and changes nothing.
 */
import type { CommitPrecommit, ExtendedCommit, Hash, Height, Proposal, Round, Vote, VoteType } from '@synod/chain';
import type { ConsensusState } from './consensus-types.ts';
import type { Step } from './round-machine.ts';
import { hasQuorumFor, isQuorum, quorumBlocks, roundsWithVotes, votesOf } from './vote-keeper.ts';

/** One bit a validator, by index in the set: true where a vote is held. */
export type VoteBits = readonly boolean[];

/** Which votes of one round are held. */
export type RoundBits = { readonly round: Round; readonly prevotes: VoteBits; readonly precommits: VoteBits };

/** A polka for a block. */
export type Pol = { readonly round: Round; readonly blockId: Hash };

/** What a node tells its peers about its height (consensus §1.16), and what `status` shows. */
export type RoundStateView = {
  readonly height: Height;
  readonly round: Round;
  readonly step: Step;
  readonly lockedRound: Round;
  readonly lockedValue: Hash | null;
  readonly validRound: Round;
  readonly validValue: Hash | null;
  readonly decision: Pol | null;
  /** By round, then by arrival. */
  readonly proposals: readonly { readonly round: Round; readonly polRound: Round; readonly blockId: Hash }[];
  /** Rounds with votes, ascending. */
  readonly votes: readonly RoundBits[];
  /** The latest polka for a block, or null. */
  readonly pol: Pol | null;
};

/**
 * Summary of the state, in a defined order. Nothing of it stands on the state itself: a state is made of the one before, and a copy of
 * an object with a private field takes the slow way.
 */
export function roundState(state: ConsensusState): RoundStateView {
  const { round, step, lockedRound, lockedValue, validRound, validValue } = state.machine;
  const rounds = roundsWithVotes(state.keeper);
  const proposals = [...state.proposals.values()].flat().sort((left, right) => left.round - right.round);
  return {
    height: state.context.height,
    round,
    step,
    lockedRound,
    lockedValue,
    validRound,
    validValue,
    decision: state.decision,
    proposals: proposals.map((proposal) => ({
      round: proposal.round,
      polRound: proposal.polRound,
      blockId: proposal.blockId,
    })),
    votes: rounds.map((held) => roundBits(state, held)),
    pol: latestPol(state, rounds),
  };
}

/** Which votes of a round are held. */
export function roundBits(state: ConsensusState, round: Round): RoundBits {
  return {
    round,
    prevotes: bitsOf(state, round, 'prevote'),
    precommits: bitsOf(state, round, 'precommit'),
  };
}

/**
 * Votes of the peer's round that it lacks, prevotes first, by validator index. Where a validator equivocated both its
 * votes are sent whatever the peer's bit says: the peer may hold the other one (consensus §1.4). Missing bits count as
 * "not held".
 */
export function votesForPeer(state: ConsensusState, peer: RoundBits): readonly Vote[] {
  const lacking = (type: VoteType, bits: VoteBits): readonly Vote[] =>
    votesByIndex(state, peer.round, type).flatMap((votes, index) =>
      bits[index] === true && votes.length < 2 ? [] : votes,
    );
  return [...lacking('prevote', peer.prevotes), ...lacking('precommit', peer.precommits)];
}

/** Precommits held for a block in a round, by validator index; grows after the decision too. */
export function precommitsFor(state: ConsensusState, round: Round, blockId: Hash): readonly Vote[] {
  return votesByIndex(state, round, 'precommit')
    .flat()
    .filter((vote) => vote.blockId === blockId);
}

/**
 * The certificate of a block with every precommit known so far, those of a received certificate included; null while
 * 2/3 of the power is not exceeded. Sorted by validator index, each at most once.
 */
export function commitOf(state: ConsensusState, round: Round, blockId: Hash): ExtendedCommit | null {
  const { certificate, context, keeper } = state;
  const byIndex = new Map<number, CommitPrecommit>();
  if (certificate !== null && certificate.round === round && certificate.blockId === blockId) {
    for (const precommit of certificate.precommits) byIndex.set(precommit.validator, precommit);
  }
  context.validators.forEach(({ operator }, index) => {
    const held = votesOf(keeper, round, 'precommit').votes.get(operator) ?? [];
    const vote = held.find((one) => one.blockId === blockId);
    if (vote?.extension != null && !byIndex.has(index)) byIndex.set(index, commitPrecommit(index, vote));
  });
  const precommits = [...byIndex.values()].sort((left, right) => left.validator - right.validator);
  const power = precommits.reduce((sum, { validator }) => sum + (context.validators[validator]?.power ?? 0n), 0n);
  if (!isQuorum(power, keeper.totalPower)) return null;
  return { height: context.height, round, blockId, precommits };
}

/** The first proposal of a round, or null. */
export function proposalFor(state: ConsensusState, round: Round): Proposal | null {
  return state.proposals.get(round)?.[0] ?? null;
}

/** All proposals of a round, two when the proposer equivocated. */
export function proposalsFor(state: ConsensusState, round: Round): readonly Proposal[] {
  return state.proposals.get(round) ?? [];
}

/** The first proposal of a round whose block was judged valid, or null. */
export function validProposal(state: ConsensusState, round: Round): Proposal | null {
  return proposalsFor(state, round).find(({ blockId }) => state.verdicts.get(blockId) === true) ?? null;
}

/** The prevotes that prove a polka for a block in a round, by validator index; empty without a polka. */
export function polVotes(state: ConsensusState, round: Round, blockId: Hash): readonly Vote[] {
  if (!hasQuorumFor(state.keeper, round, 'prevote', blockId)) return [];
  return votesByIndex(state, round, 'prevote')
    .flat()
    .filter((vote) => vote.blockId === blockId);
}

function bitsOf(state: ConsensusState, round: Round, type: VoteType): VoteBits {
  return votesByIndex(state, round, type).map((votes) => votes.length > 0);
}

function votesByIndex(state: ConsensusState, round: Round, type: VoteType): readonly (readonly Vote[])[] {
  const { votes } = votesOf(state.keeper, round, type);
  return state.context.validators.map(({ operator }) => votes.get(operator) ?? []);
}

function latestPol(state: ConsensusState, rounds: readonly Round[]): Pol | null {
  for (const round of rounds.toReversed()) {
    const blockId = quorumBlocks(state.keeper, round, 'prevote')[0];
    if (blockId !== undefined) return { round, blockId };
  }
  return null;
}

function commitPrecommit(validator: number, vote: Vote): CommitPrecommit {
  const extension = vote.extension;
  return {
    validator,
    signature: vote.signature,
    extension: extension?.bytes ?? new Uint8Array(),
    extensionSignature: extension?.signature ?? new Uint8Array(),
  };
}
