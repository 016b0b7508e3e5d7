/**
 * Counts the votes of one height by power, for all rounds (consensus §1.1, §1.3, §1.4).
 * Owns thresholds, conflicting votes and the evidence they make. Does not own which rule a threshold sets off
 * (driver.ts) nor how far ahead votes are accepted (inputs.ts). Votes arrive with their signatures verified.
 */
import type { Address, DuplicateEvidence, Hash, Round, Validator, Vote, VoteType } from '@synod/chain';
import { limits } from './limits.ts';

/** A threshold that a vote has just crossed. Each is reported once, except that `skip` repeats while the round is ahead. */
export type VoteKeeperOutput =
  | { readonly kind: 'polkaAny'; readonly round: Round }
  | { readonly kind: 'polkaNil'; readonly round: Round }
  | { readonly kind: 'polkaValue'; readonly round: Round; readonly blockId: Hash }
  | { readonly kind: 'precommitAny'; readonly round: Round }
  | { readonly kind: 'precommitValue'; readonly round: Round; readonly blockId: Hash }
  | { readonly kind: 'skip'; readonly round: Round };

/** The votes of one type in one round. */
export type VoteCount = {
  /** One vote a validator, two or more when they conflict, in order of arrival. */
  readonly votes: ReadonlyMap<Address, readonly Vote[]>;
  /** Power behind each value; an equivocator counts once for each of its values. */
  readonly powerByValue: ReadonlyMap<Hash | null, bigint>;
  /** Power of everybody who voted; a validator counts once. */
  readonly anyPower: bigint;
};

/** The votes of one round. */
export type RoundVotes = {
  readonly prevotes: VoteCount;
  readonly precommits: VoteCount;
  /** Power of everybody who sent a vote of either type, each validator once (L55). */
  readonly senderPower: bigint;
  /** Thresholds reported so far, in order. */
  readonly emitted: readonly VoteKeeperOutput[];
};

/** All votes of one height. Immutable. */
export type VoteKeeper = {
  readonly powers: ReadonlyMap<Address, bigint>;
  readonly totalPower: bigint;
  readonly rounds: ReadonlyMap<Round, RoundVotes>;
};

/** What adding a vote did. `added` is false for a repeated, superfluous or foreign vote, and then nothing changed. */
export type VoteAdded = {
  readonly keeper: VoteKeeper;
  readonly added: boolean;
  readonly output: VoteKeeperOutput | null;
  readonly evidence: DuplicateEvidence | null;
};

const EMPTY_COUNT: VoteCount = { votes: new Map(), powerByValue: new Map(), anyPower: 0n };
const EMPTY_ROUND: RoundVotes = { prevotes: EMPTY_COUNT, precommits: EMPTY_COUNT, senderPower: 0n, emitted: [] };

/** A keeper without votes for the given validator set. */
export function createVoteKeeper(validators: readonly Validator[]): VoteKeeper {
  const powers = new Map(validators.map((validator) => [validator.operator, validator.power]));
  const totalPower = validators.reduce((sum, validator) => sum + validator.power, 0n);
  return { powers, totalPower, rounds: new Map() };
}

/** More than two thirds: 3 · power > 2 · total (consensus §1.3). */
export function isQuorum(power: bigint, total: bigint): boolean {
  return 3n * power > 2n * total;
}

/** More than one third, so at least one honest validator: 3 · power > total (consensus §1.3). */
export function isSkip(power: bigint, total: bigint): boolean {
  return 3n * power > total;
}

/**
 * Adds a vote. A second, different vote of a validator in one round and type is kept, counted for its own value, and
 * reported as evidence; a third only for a value with more than 1/3 of the power behind it (consensus §1.4). In a round after `currentRound` the skip threshold goes
 * before every other output.
 */
export function addVote(keeper: VoteKeeper, vote: Vote, currentRound: Round): VoteAdded {
  const power = keeper.powers.get(vote.validator);
  const round = keeper.rounds.get(vote.round) ?? EMPTY_ROUND;
  const count = countOf(round, vote.type);
  const earlier = count.votes.get(vote.validator) ?? [];
  if (power === undefined || !isNews(count, vote, keeper.totalPower))
    return { keeper, added: false, output: null, evidence: null };

  const isFirstSent = !round.prevotes.votes.has(vote.validator) && !round.precommits.votes.has(vote.validator);
  const counted = addToCount(count, earlier, vote, power);
  const updated: RoundVotes = {
    ...round,
    [vote.type === 'prevote' ? 'prevotes' : 'precommits']: counted,
    senderPower: round.senderPower + (isFirstSent ? power : 0n),
  };
  const output = crossedThreshold(updated, counted, { vote, currentRound, totalPower: keeper.totalPower });
  const emitted = output === null || isEmitted(round, output) ? round.emitted : [...round.emitted, output];
  const first = earlier[0];
  return {
    keeper: { ...keeper, rounds: new Map(keeper.rounds).set(vote.round, { ...updated, emitted }) },
    added: true,
    output,
    evidence: first === undefined ? null : { kind: 'duplicate.vote', first, second: vote },
  };
}

/** True when `addVote` would keep it. */
export function isNewVote(keeper: VoteKeeper, vote: Vote): boolean {
  return keeper.powers.has(vote.validator) && isNews(votesOf(keeper, vote.round, vote.type), vote, keeper.totalPower);
}

/** True when more than 2/3 of the power voted for exactly this value (null is nil). */
export function hasQuorumFor(keeper: VoteKeeper, round: Round, type: VoteType, blockId: Hash | null): boolean {
  const power = votesOf(keeper, round, type).powerByValue.get(blockId) ?? 0n;
  return isQuorum(power, keeper.totalPower);
}

/** True when more than 2/3 of the power sent any vote of this type. */
export function hasQuorumAny(keeper: VoteKeeper, round: Round, type: VoteType): boolean {
  return isQuorum(votesOf(keeper, round, type).anyPower, keeper.totalPower);
}

/** Blocks with a quorum in this round and type: at most one unless a third of the power equivocates. */
export function quorumBlocks(keeper: VoteKeeper, round: Round, type: VoteType): readonly Hash[] {
  const blocks: Hash[] = [];
  for (const [blockId, power] of votesOf(keeper, round, type).powerByValue) {
    if (blockId !== null && isQuorum(power, keeper.totalPower)) blocks.push(blockId);
  }
  return blocks;
}

/** True when more than 1/3 of the power sent a prevote or precommit in this round (L55). */
export function hasSkipPower(keeper: VoteKeeper, round: Round): boolean {
  return isSkip(keeper.rounds.get(round)?.senderPower ?? 0n, keeper.totalPower);
}

/** Rounds that hold votes, ascending. */
export function roundsWithVotes(keeper: VoteKeeper): readonly Round[] {
  const rounds = [...keeper.rounds.keys()];
  return rounds.length > 1 ? rounds.sort((left, right) => left - right) : rounds;
}

/** The votes of one type in one round; empty when there are none. */
export function votesOf(keeper: VoteKeeper, round: Round, type: VoteType): VoteCount {
  return countOf(keeper.rounds.get(round) ?? EMPTY_ROUND, type);
}

/**
 * Drops nil votes of rounds before `round` (consensus §1.5): no rule asks for them any more, while votes for a block
 * may still prove a lock (L28) or decide (L49).
 */
export function forgetNilVotes(keeper: VoteKeeper, round: Round): VoteKeeper {
  if (![...keeper.rounds.keys()].some((held) => held < round)) return keeper;
  const rounds = new Map<Round, RoundVotes>();
  for (const [held, votes] of keeper.rounds) {
    if (held >= round) {
      rounds.set(held, votes);
      continue;
    }
    const prevotes = withoutNil(votes.prevotes, keeper.powers);
    const precommits = withoutNil(votes.precommits, keeper.powers);
    if (prevotes.votes.size + precommits.votes.size > 0) rounds.set(held, { ...votes, prevotes, precommits });
  }
  return { ...keeper, rounds };
}

function countOf(round: RoundVotes, type: VoteType): VoteCount {
  return type === 'prevote' ? round.prevotes : round.precommits;
}

/**
 * A further vote of one whose votes conflict already is kept only for a value that an honest validator stands behind: it may be what
 * completes a proof of lock (L28), which a node that lacks it could never see. There are no more such values than honest validators.
 */
function isNews(count: VoteCount, vote: Vote, totalPower: bigint): boolean {
  const earlier = count.votes.get(vote.validator) ?? [];
  if (earlier.some((held) => held.blockId === vote.blockId)) return false;
  return earlier.length < limits.conflictingVotesMax || isSkip(count.powerByValue.get(vote.blockId) ?? 0n, totalPower);
}

function addToCount(count: VoteCount, earlier: readonly Vote[], vote: Vote, power: bigint): VoteCount {
  const behind = count.powerByValue.get(vote.blockId) ?? 0n;
  return {
    votes: new Map(count.votes).set(vote.validator, [...earlier, vote]),
    powerByValue: new Map(count.powerByValue).set(vote.blockId, behind + power),
    anyPower: count.anyPower + (earlier.length === 0 ? power : 0n),
  };
}

type Crossing = { readonly vote: Vote; readonly currentRound: Round; readonly totalPower: bigint };

function crossedThreshold(round: RoundVotes, count: VoteCount, crossing: Crossing): VoteKeeperOutput | null {
  const { vote, currentRound, totalPower } = crossing;
  if (vote.round > currentRound && isSkip(round.senderPower, totalPower)) return { kind: 'skip', round: vote.round };
  const output = thresholdOutput(count, vote, totalPower);
  return output === null || isEmitted(round, output) ? null : output;
}

function thresholdOutput(count: VoteCount, vote: Vote, totalPower: bigint): VoteKeeperOutput | null {
  const { round, blockId, type } = vote;
  if (isQuorum(count.powerByValue.get(blockId) ?? 0n, totalPower)) {
    if (blockId !== null) return { kind: type === 'prevote' ? 'polkaValue' : 'precommitValue', round, blockId };
    return { kind: type === 'prevote' ? 'polkaNil' : 'precommitAny', round };
  }
  if (!isQuorum(count.anyPower, totalPower)) return null;
  return { kind: type === 'prevote' ? 'polkaAny' : 'precommitAny', round };
}

function isEmitted(round: RoundVotes, output: VoteKeeperOutput): boolean {
  return round.emitted.some((held) => held.kind === output.kind && blockIdOf(held) === blockIdOf(output));
}

function blockIdOf(output: VoteKeeperOutput): Hash | null {
  return 'blockId' in output ? output.blockId : null;
}

function withoutNil(count: VoteCount, powers: ReadonlyMap<Address, bigint>): VoteCount {
  let kept = EMPTY_COUNT;
  for (const [validator, votes] of count.votes) {
    for (const vote of votes) {
      if (vote.blockId === null) continue;
      kept = addToCount(kept, kept.votes.get(validator) ?? [], vote, powers.get(validator) ?? 0n);
    }
  }
  return kept;
}
