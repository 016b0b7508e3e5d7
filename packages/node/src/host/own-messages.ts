/**
 * What the sign state remembers of a height and the log does not (consensus §1.7): the node's own messages, its lock and the
 * place to go on from, as records that are replayed like the log's. Owns the comparison of the two.
 */
import {
  type Address,
  decodeBlock,
  decodeProposal,
  encodeProposal,
  type Hash,
  type Round,
  type Vote,
} from '@synod/chain';
import { type ConsensusState, proposalsFor, type SignedPlace } from '@synod/consensus';
import type { Judge } from './judge.ts';
import { decodeProposalMessage, encodeProposalMessage } from './messages.ts';
import type { OwnSigned } from './ports.ts';
import type { WalRecord } from './wal-records.ts';

type ProposalRecord = Extract<WalRecord, { kind: 'proposal' }>;

/**
 * Records to be replayed after the log's: the place, the locked proposal, own proposals whose block is known, own votes.
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
  const locked = lock === null ? null : lockedRecord(signed, lock, judge);
  const blocks = new Map([...log, ...(locked === null ? [] : [locked])].flatMap(blockOf));
  const proposals = lost.flatMap((proposal): readonly WalRecord[] => {
    const block = blocks.get(proposal.blockId);
    return block === undefined ? [] : [{ kind: 'proposal', proposal, block }];
  });
  return [
    { kind: 'resumed', height, place: { round, step, lock } },
    ...(locked === null ? [] : [locked]),
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

/** What the sign state keeps with a precommit: the proposal it locks, with its block. */
export function lockedProposal(
  state: ConsensusState | null,
  { round, blockId }: { readonly round: Round; readonly blockId: Hash },
  block: Uint8Array | null,
): Uint8Array | null {
  const proposals = state === null ? [] : proposalsFor(state, round);
  const proposal = proposals.find((one) => one.blockId === blockId);
  return proposal === undefined || block === null ? null : encodeProposalMessage(encodeProposal(proposal), block);
}

/** The lock of Algorithm 1 is the last precommit for a block, exactly. */
function lockOf(votes: readonly Vote[]): SignedPlace['lock'] {
  const last = votes.findLast(({ type, blockId }) => type === 'precommit' && blockId !== null);
  return last === undefined || last.blockId === null ? null : { round: last.round, blockId: last.blockId };
}

/** The copy beside the sign state may be of another lock, or damaged; then peers have the block or nobody does. */
function lockedRecord(
  { height, lockedProposal }: OwnSigned,
  lock: NonNullable<SignedPlace['lock']>,
  judge: Judge,
): ProposalRecord | null {
  const message = lockedProposal === null ? null : decodeProposalMessage(lockedProposal);
  const proposal = message === null ? null : decodeProposal(message.proposal);
  const block = message === null ? null : decodeBlock(message.block);
  if (message === null || !proposal?.ok || !block?.ok) return null;
  const { height: at, round, blockId } = proposal.value;
  const isLocked = at === height && round === lock.round && blockId === lock.blockId;
  if (!isLocked || judge.idOf(block.value) !== blockId || !judge.isWhole(block.value)) return null;
  return { kind: 'proposal', proposal: proposal.value, block: message.block };
}

function blockOf(record: WalRecord): readonly (readonly [Hash, Uint8Array])[] {
  if (record.kind === 'proposal') return [[record.proposal.blockId, record.block]];
  return record.kind === 'localValue' ? [[record.blockId, record.block]] : [];
}

function isSameVote(one: Vote, other: Vote): boolean {
  return isOwnVote(one, other, other.validator) && one.height === other.height && one.blockId === other.blockId;
}
