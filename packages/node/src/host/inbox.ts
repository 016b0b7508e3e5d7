/**
 * Votes and proposals from peers on their way to consensus: decode, deduplicate, verify, or keep for the next height.
 * Owns what is accepted from whom; the verdict it returns is what gossip tells the network about the sender.
 */
import {
  type Address,
  type Block,
  decodeVoteExtension,
  type Height,
  oncePerObject,
  type Proposal,
  proposalSignBytes,
  type Validator,
  type Vote,
} from '@synod/chain';
import { type ChainHead, type ChainIdentity, paramsOf, validatorsAt } from './chain-head.ts';
import type { ConsensusRunner } from './consensus-runner.ts';
import type { Judge } from './judge.ts';
import { limits } from './limits.ts';
import type { GossipVerdict, HostPorts } from './ports.ts';
import { blockOf, extensionBytesOf, proposalMessageOf, proposalOf, voteBytesOf, voteOf } from './received.ts';
import type { SigningRight } from './signing-right.ts';
import { TokenBucket } from './token-bucket.ts';

type Held = {
  readonly height: Height;
  readonly kind: 'vote' | 'proposal';
  readonly by: Address;
  readonly bytes: Uint8Array;
};

/** Slot and content of a vote. One text for all who look at the same vote, so that it is found by what it is and not by its letters. */
const voteKey = oncePerObject(
  ({ height, round, type, validator, blockId }: Vote) => `${height}/${round}/${type}/${validator}/${blockId}`,
);

export class ConsensusInbox {
  readonly #identity: ChainIdentity;
  readonly #ports: HostPorts;
  readonly #judge: Judge;
  readonly #runner: ConsensusRunner;
  readonly #head: () => ChainHead;
  readonly #right: SigningRight;
  /** Votes seen at the present and the previous height, by slot and content. */
  #seen = new Map<string, Height>();
  #held: Held[] = [];
  #heldBytes = 0;
  /** What each validator may still send for rounds far ahead. */
  #far = new Map<Address, TokenBucket>();

  constructor(options: {
    identity: ChainIdentity;
    ports: HostPorts;
    judge: Judge;
    runner: ConsensusRunner;
    head: () => ChainHead;
    right: SigningRight;
  }) {
    this.#identity = options.identity;
    this.#ports = options.ports;
    this.#judge = options.judge;
    this.#runner = options.runner;
    this.#head = options.head;
    this.#right = options.right;
  }

  /** An encoded vote, by gossip or directly. */
  onVote(bytes: Uint8Array): GossipVerdict {
    const decoded = voteOf(bytes);
    if (!decoded.ok) return 'reject';
    const vote = decoded.value;
    const height = this.#runner.height;
    if (vote.height === height + 1) {
      const held: Held = { height: vote.height, kind: 'vote', by: vote.validator, bytes };
      return this.#hold(held, (validator) => this.#voteVerdict(vote, validator));
    }
    if (vote.height > height || vote.height < height - 1) return 'ignore';
    const key = voteKey(vote);
    if (this.#seen.has(key)) return 'ignore';
    const validator = this.#validator(vote.validator, vote.height);
    if (validator === undefined) return 'reject';
    const wanted = this.#runner.wantedVote(vote);
    const far = wanted === 'parked' ? this.#farOf(vote.validator) : null;
    if (wanted === null || (far !== null && far.waitMs(this.#ports.clock.nowMs()) > 0)) return 'ignore';
    const verdict = this.#voteVerdict(vote, validator);
    if (verdict !== 'accept') return verdict;
    far?.take(1);
    this.#seen.set(key, vote.height);
    this.#right.onMessage(vote.height, validator.publicKey);
    this.#runner.onVote(vote);
    return 'accept';
  }

  /** A proposal with its block, by gossip or directly. */
  onProposal(bytes: Uint8Array): GossipVerdict {
    const message = proposalMessageOf(bytes);
    const proposal = message === null ? null : proposalOf(message.proposal);
    if (message === null || !proposal?.ok) return 'reject';
    const { height, round, blockId: id, proposer } = proposal.value;
    const current = this.#runner.height;
    if (height === current + 1) {
      return this.#hold({ height, kind: 'proposal', by: proposer, bytes }, (validator) =>
        this.#proposedBlock(proposal.value, validator, message.block) === null ? 'reject' : 'accept',
      );
    }
    if (height !== current) return 'ignore';
    const key = `${height}/${round}/proposal/${proposer}/${id}`;
    if (this.#seen.has(key)) return 'ignore';
    const validator = this.#validator(proposer, height);
    const block = validator === undefined ? null : this.#proposedBlock(proposal.value, validator, message.block);
    if (validator === undefined || block === null) return 'reject';
    const isFresh = proposal.value.polRound === -1;
    // The clock bound is for prevotes; in a round that is over nobody prevotes any more.
    const isPrevoted = isFresh && round >= (this.#runner.state?.machine.round ?? -1);
    if (isPrevoted && !this.#judge.isTimely(block, this.#head(), this.#ports.clock.nowMs())) return 'ignore';
    this.#seen.set(key, height);
    this.#right.onMessage(height, validator.publicKey);
    this.#runner.onProposal(proposal.value, block, message.block);
    return 'accept';
  }

  /** What came before may come again: the height is entered anew. */
  forget(): void {
    this.#seen.clear();
    this.#far.clear();
  }

  /** Votes of a served commit count as seen nowhere: only what passed here does. Called for every new head. */
  onNewHeight(): void {
    const height = this.#runner.height;
    for (const [key, seenAt] of this.#seen) if (seenAt < height - 1) this.#seen.delete(key);
    this.#far.clear();
    const due = this.#held.filter((held) => held.height === height);
    this.#held = this.#held.filter((held) => held.height > height);
    this.#heldBytes = this.#held.reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (const held of due) {
      if (held.kind === 'vote') this.onVote(held.bytes);
      else this.onProposal(held.bytes);
    }
  }

  /**
   * Kept for the next height, whose set is known: its members' alone, of each only so much, in number and bytes; a vote may be a small part of
   * a long message. Judged as at its own height, for it is passed on: a peer that is already there would blame us for what does not hold.
   */
  #hold({ height, kind, by, bytes }: Held, judge: (validator: Validator) => GossipVerdict): GossipVerdict {
    const isFull = this.#heldBytes + bytes.length > limits.futureMessageBytes;
    if (isFull || this.#held.length >= limits.futureMessages) return 'ignore';
    const most = kind === 'vote' ? limits.futureVotesPerValidator : limits.futureProposalsPerValidator;
    if (this.#held.filter((held) => held.by === by && held.kind === kind).length >= most) return 'ignore';
    const validator = this.#validator(by, height);
    const verdict = validator === undefined ? 'reject' : judge(validator);
    if (verdict !== 'accept') return verdict;
    this.#held.push({ height, kind, by, bytes: new Uint8Array(bytes) });
    this.#heldBytes += bytes.length;
    return 'accept';
  }

  #farOf(validator: Address): TokenBucket {
    const known = this.#far.get(validator);
    if (known !== undefined) return known;
    const { farVotesPerSecond: perSecond, farVotesBurst: burst } = limits;
    const bucket = new TokenBucket({ perSecond, burst }, this.#ports.clock.nowMs());
    this.#far.set(validator, bucket);
    return bucket;
  }

  /** A late precommit of the height before is by that height's set. */
  #validator(operator: Address, height: Height): Validator | undefined {
    return validatorsAt(this.#head(), height)?.find((validator) => validator.operator === operator);
  }

  /** Signature of the vote, and of the extension that exactly a non-nil precommit carries (DESIGN §9). */
  #voteVerdict(vote: Vote, { publicKey }: Validator): GossipVerdict {
    const { blockId: id, extension } = vote;
    const needsExtension = vote.type === 'precommit' && id !== null;
    if (needsExtension !== (extension !== null)) return 'reject';
    const { verifySignature } = this.#judge.crypto;
    if (!verifySignature(publicKey, voteBytesOf(this.#identity.chainId, vote), vote.signature)) return 'reject';
    if (extension === null || id === null) return 'accept';
    // One block behind, this node may not know yet that the bound has risen.
    if (extension.bytes.length > paramsOf(this.#head()).extensionBytesMax)
      return vote.height > this.#head().height + 1 ? 'ignore' : 'reject';
    if (!decodeVoteExtension(extension.bytes).ok) return 'reject';
    return verifySignature(publicKey, extensionBytesOf(this.#identity.chainId, vote), extension.signature)
      ? 'accept'
      : 'reject';
  }

  /** The block of a proposal that its proposer signed; null when the two do not hold together. */
  #proposedBlock(proposal: Proposal, { publicKey }: Validator, bytes: Uint8Array): Block | null {
    const { height, blockId: id, proposer, polRound, signature } = proposal;
    const signBytes = proposalSignBytes(this.#identity.chainId, proposal);
    if (!this.#judge.crypto.verifySignature(publicKey, signBytes, signature)) return null;
    const block = blockOf(bytes);
    if (!block.ok || this.#judge.idOf(block.value) !== id || block.value.header.height !== height) return null;
    if (!this.#judge.isWhole(block.value)) return null;
    // A new block is its proposer's own: with another's beacon proof it could choose between two beacons.
    return polRound === -1 && block.value.header.proposer !== proposer ? null : block.value;
  }
}
