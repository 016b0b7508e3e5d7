/**
 * What the sign state remembers of a height and the log does not (consensus §1.7): the node's own messages, its lock and the
 * place to go on from, as records that are replayed like the log's. Owns the comparison of the two.
 */
import {
  type Address,
  decodeBlock,
  decodeProposal,
  decodeVote,
  encodeProposal,
  encodeVote,
  type Hash,
  type Round,
  type Vote,
} from '@synod/chain';
import { type ConsensusState, polVotes, proposalsFor, type SignedPlace } from '@synod/consensus';
import type { Judge } from './judge.ts';
import { frame, unframe } from './message-parts.ts';
import type { OwnSigned } from './ports.ts';
import type { WalRecord } from './wal-records.ts';

type ProposalRecord = Extract<WalRecord, { kind: 'proposal' }>;
type VoteRecord = Extract<WalRecord, { kind: 'vote' }>;

/**
 * Records to be replayed after the log's: the place, the locked proposal and its proof, own proposals whose block is known, own votes.
 * Empty when the log holds all of them.
 */
export function forgottenRecords(options: {
  readonly signed: OwnSigned;
  readonly log: readonly WalRecord[];
  readonly operator: Address;
  readonly judge: Judge;
}): readonly WalRecord[] {
  const { signed, log, operator, judge } = options;
  const { height, round, step } = signed;
  const votes = signed.votes.filter((vote) => !log.some((one) => one.kind === 'vote' && isSameVote(one.vote, vote)));
  const lost = signed.proposals.filter((proposal) => {
    const { round: at } = proposal;
    return !log.some(
      (one) => one.kind === 'proposal' && one.proposal.round === at && one.proposal.proposer === operator,
    );
  });
  if (votes.length === 0 && lost.length === 0) return [];
  const lock = lockOf(signed.votes);
  const locked = lock === null ? [] : lockedRecords(signed, lock, judge);
  const blocks = new Map([...log, ...locked].flatMap(blockOf));
  const proposals = lost.flatMap((proposal): readonly WalRecord[] => {
    const block = blocks.get(proposal.blockId);
    return block === undefined ? [] : [{ kind: 'proposal', proposal, block }];
  });
  return [
    { kind: 'resumed', height, place: { round, step, lock } },
    ...locked,
    ...proposals,
    ...votes.map((vote): WalRecord => ({ kind: 'vote', vote })),
  ];
}

/** True for an own vote of the same slot: what is asked for again is there already. */
export function isOwnVote(
  vote: Vote,
  slot: { readonly type: Vote['type']; readonly round: number },
  self: string | undefined,
): boolean {
  return vote.validator === self && vote.type === slot.type && vote.round === slot.round;
}

/**
 * What the sign state keeps with a precommit: the proposal it locks with its block, and the prevotes that lock it. Without these,
 * nodes that all lost their logs could hold a lock that nobody is able to prove any more.
 */
export function lockedProposal(
  state: ConsensusState | null,
  { round, blockId }: { readonly round: Round; readonly blockId: Hash },
  block: Uint8Array | null,
): Uint8Array | null {
  const proposal = state === null ? undefined : proposalsFor(state, round).find((one) => one.blockId === blockId);
  if (state === null || proposal === undefined || block === null) return null;
  return frame(0, [encodeProposal(proposal), block, ...polVotes(state, round, blockId).map(encodeVote)]);
}

/** The lock of Algorithm 1 is the last precommit for a block, exactly. */
function lockOf(votes: readonly Vote[]): SignedPlace['lock'] {
  const last = votes.findLast(({ type, blockId }) => type === 'precommit' && blockId !== null);
  return last === undefined || last.blockId === null ? null : { round: last.round, blockId: last.blockId };
}

/** The proposal of the lock and the prevotes for it. The copy may be of another lock, or damaged; then peers have them or nobody does. */
function lockedRecords(
  { height, lockedProposal }: OwnSigned,
  lock: NonNullable<SignedPlace['lock']>,
  judge: Judge,
): readonly (ProposalRecord | VoteRecord)[] {
  const [proposalBytes, blockBytes, ...prevotes] = (lockedProposal === null ? null : unframe(lockedProposal)) ?? [];
  if (proposalBytes === undefined || blockBytes === undefined) return [];
  const proposal = decodeProposal(proposalBytes);
  const block = decodeBlock(blockBytes);
  if (!proposal.ok || !block.ok) return [];
  const { height: at, round, blockId } = proposal.value;
  const isLocked = at === height && round === lock.round && blockId === lock.blockId;
  if (!isLocked || judge.idOf(block.value) !== blockId || !judge.isWhole(block.value)) return [];
  const votes = prevotes.flatMap((bytes): readonly VoteRecord[] => {
    const vote = decodeVote(bytes);
    return vote.ok ? [{ kind: 'vote', vote: vote.value }] : [];
  });
  return [{ kind: 'proposal', proposal: proposal.value, block: blockBytes }, ...votes];
}

function blockOf(record: WalRecord): readonly (readonly [Hash, Uint8Array])[] {
  if (record.kind === 'proposal') return [[record.proposal.blockId, record.block]];
  return record.kind === 'localValue' ? [[record.blockId, record.block]] : [];
}

function isSameVote(one: Vote, other: Vote): boolean {
  return isOwnVote(one, other, other.validator) && one.height === other.height && one.blockId === other.blockId;
}
