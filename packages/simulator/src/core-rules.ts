/**
 * What a consensus core should have done with what it holds (arXiv 1807.04938): judged from its own state at the moment of a
 * vote, where voting-rules.ts judges from what was sent. Owns no memory; every function says what is wrong, or null.
 */
import type { Address, Hash, Proposal, Round, Vote } from '@synod/chain';
import type { ConsensusState } from '@synod/consensus';

type VoteCount = NonNullable<ReturnType<ConsensusState['keeper']['rounds']['get']>>['prevotes'];
type Lock = { readonly round: Round; readonly blockId: Hash };

/** L49: more than 2/3 precommits of any round, for a block found good, decide. */
export function undecidedProblem({ keeper, verdicts, decision }: ConsensusState): string | null {
  if (decision !== null) return null;
  for (const [round, { precommits }] of keeper.rounds) {
    for (const blockId of valuesOf(precommits)) {
      if (verdicts.get(blockId) === true && isQuorum(precommits, blockId, keeper.powers))
        return `holds the precommits of round ${round} for ${blockId} and does not decide`;
    }
  }
  return null;
}

/** L37–L41: a lock is taken with a precommit, never without. `last` is the validator's last precommit for a block. */
export function lockProblem({ machine }: ConsensusState, last: Lock | undefined): string | null {
  const { lockedRound, lockedValue } = machine;
  if (lockedRound === (last?.round ?? -1) && lockedValue === (last?.blockId ?? null)) return null;
  return `is locked on ${lockedValue} of round ${lockedRound}, precommitted ${last?.blockId ?? 'nothing'}`;
}

/**
 * L22, L28: nil is prevoted when there is nothing to prevote, or time is over; never against a proposal that is acceptable.
 * `last` is the validator's last precommit for a block: its lock when it voted, if the same input has led to a new one since.
 */
export function nilPrevoteProblem(
  state: ConsensusState,
  { round }: Vote,
  { isTimeOver, last }: { readonly isTimeOver: boolean; readonly last?: Lock | undefined },
): string | null {
  const { machine, proposals, verdicts, keeper } = state;
  if (machine.round !== round) return null;
  const [proposal, ...others] = proposals.get(round) ?? [];
  if (proposal === undefined) return isTimeOver ? null : `prevotes nil in round ${round} before its time`;
  if (isTimeOver || others.length > 0) return null;
  const lock = machine.lockedRound >= round ? last : { round: machine.lockedRound, blockId: machine.lockedValue };
  const isGood = verdicts.get(proposal.blockId) === true && isAcceptable(proposal, keeper, lock);
  return isGood ? `prevotes nil in round ${round} although it may prevote ${proposal.blockId}` : null;
}

/** L44, L61: nil is precommitted after a polka for nil, or when time is over. */
export function nilPrecommitProblem({ round }: Vote, isDue: boolean): string | null {
  return isDue ? null : `precommits nil in round ${round} before its time`;
}

/** L23, L29. */
function isAcceptable(
  { polRound, blockId }: Proposal,
  keeper: ConsensusState['keeper'],
  lock: { readonly round: Round; readonly blockId: Hash | null } | undefined,
): boolean {
  const lockedRound = lock?.round ?? -1;
  const isLocked = lockedRound !== -1 && lock?.blockId !== blockId;
  if (polRound === -1) return !isLocked;
  const prevotes = keeper.rounds.get(polRound)?.prevotes;
  if (prevotes === undefined || !isQuorum(prevotes, blockId, keeper.powers)) return false;
  return !isLocked || lockedRound <= polRound;
}

function valuesOf({ votes }: VoteCount): ReadonlySet<Hash> {
  const all = [...votes.values()].flat().map(({ blockId }) => blockId);
  return new Set(all.filter((blockId) => blockId !== null));
}

function isQuorum({ votes }: VoteCount, blockId: Hash, powers: ReadonlyMap<Address, bigint>): boolean {
  const sum = (validators: Iterable<Address>) =>
    [...validators].reduce((power, validator) => power + (powers.get(validator) ?? 0n), 0n);
  const behind = [...votes].filter(([, own]) => own.some((vote) => vote.blockId === blockId));
  return 3n * sum(behind.map(([validator]) => validator)) > 2n * sum(powers.keys());
}
