/**
 * What attackers do with a validator's key: they run the production host and change, withhold or add messages on the way
 * out. Owns the attacks and their tell-tale (blocks known to be invalid); which attack runs when is faults.ts.
 */
import {
  type Block,
  blockId,
  decodeBlock,
  decodeExtendedCommit,
  decodeProposal,
  decodeVote,
  encodeBlock,
  encodeExtendedCommit,
  encodeProposal,
  encodeVote,
  type Proposal,
  proposalSignBytes,
  type Round,
  taggedHash,
} from '@synod/chain';
import {
  blockOf,
  decodeDirect,
  decodeProposalMessage,
  encodeDirect,
  encodeProposalMessage,
  proposalMessageOf,
  proposalOf,
} from '@synod/node/host';
import { type AttackKind, repeatedAttacks } from './attack-kinds.ts';
import { sendFalseHellos, withFalseScores, withOtherBody, withoutExtensionSignature } from './attack-variants.ts';
import {
  floodVotes,
  forgedVotes,
  type LatestBlock,
  sendForgedCertificate,
  signedVote,
  staleVotes,
} from './forged-votes.ts';
import { blockForgeries, isInvalidForVotersOnly, ownBlock, spoil, spoilingNames } from './invalid-blocks.ts';
import type { Message, Script } from './scripts.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** Kind bytes of direct messages (host/messages.ts). */
const directProposal = 5;
const staleVotesKept = 64;
/** More than a node keeps of one height. */
const floodBlocks = 70;
const oversize = new Uint8Array(8 * 1024 * 1024 + 1);

export class Attacks {
  readonly #world: World;
  readonly #active = new Map<SimNode, Set<AttackKind>>();
  readonly #variants = new WeakMap<Uint8Array, Uint8Array | null>();
  readonly #staleVotes: Uint8Array[] = [];
  #seen: Uint8Array | null = null;
  #latestBlock: LatestBlock | null = null;

  #forgeries: number;
  #spoilings = 0;
  /** What was sent with a false proof-of-lock, by attacker, height and round: a second proposal would be signing twice. */
  readonly #falseLocks = new Map<string, Uint8Array>();
  /** Heights at which an attacker has flooded: more of the same finds everybody full already. */
  readonly #flooded = new Set<string>();
  /** The attacker that forges blocks answers no request for them, so that its unasked ones come first. */
  isMute = false;
  /** Ways in which blocks are made wrong, all unless a schedule is about some. */
  spoilings: readonly string[] = spoilingNames;
  /** Who hears what, whoever sends it. */
  script: Script | null = null;
  /** A directed schedule has shown what it is for: it may heal before its time. */
  isOver = false;

  constructor(world: World) {
    this.#world = world;
    this.#forgeries = world.prngs.attacks.below(blockForgeries.length);
  }

  begin(node: SimNode, kind: AttackKind): void {
    const active = this.#active.get(node) ?? new Set();
    this.#active.set(node, active.add(kind));
    if (repeatedAttacks.includes(kind)) {
      this.#repeat(node, kind);
    } else if (kind === 'oversizeMessage') this.#oversize(node);
  }

  end(): void {
    this.#active.clear();
  }

  /** The bytes that this receiver gets, or null for none. */
  onGossip(from: SimNode, to: SimNode, { topic, bytes }: Message): Uint8Array | null {
    if (topic === 'votes') this.#remember(bytes);
    if (topic === 'proposals') this.#see(bytes);
    if (this.script?.holds(from, to, { topic, bytes }) === true) return null;
    if (topic === 'proposals' && this.#isRoundZeroSilent(bytes)) return this.#counted('silentRoundZero', null);
    const active = this.#active.get(from);
    if (active === undefined || active.size === 0) return bytes;
    this.#double(from, to, { topic, bytes });
    if (topic === 'votes' && active.has('equivocatingVoter') && to.index % 2 === 1) {
      return this.#variant(bytes, () => this.#otherVote(from, bytes)) ?? bytes;
    }
    if (topic === 'votes' && active.has('falseScores')) {
      const made = this.#variant(bytes, () => withFalseScores(this.#world, from, bytes));
      return made === null ? bytes : this.#counted('falseScores', made);
    }
    if (topic === 'votes' && active.has('unsignedExtension')) {
      const unsigned = this.#variant(bytes, () => withoutExtensionSignature(bytes));
      return unsigned === null ? bytes : this.#counted('unsignedExtension', unsigned);
    }
    if (topic !== 'proposals') return bytes;
    if (active.has('otherBody') && to.index % 2 === 1) {
      const other = this.#variant(bytes, () => withOtherBody(this.#world, bytes));
      return other === null ? bytes : this.#counted('otherBody', other);
    }
    if (active.has('silentProposer')) return this.#counted('silentProposer', null);
    if (this.#isTakenByFalseLock(from, bytes)) return null;
    // Each receiver gets another wrong block, so that one proposal tries several rules.
    if (active.has('invalidBlock')) return this.#invalidProposal(from, bytes) ?? bytes;
    if (active.has('untimelyBlock')) return this.#untimelyProposal(from, to, bytes) ?? bytes;
    if (active.has('equivocatingProposer') && to.index % 2 === 1) {
      return this.#variant(bytes, () => this.#otherProposal(from, bytes)) ?? bytes;
    }
    return bytes;
  }

  /** The next block that this node lacks, with something about it forged. */
  serveForged(attacker: SimNode, to: SimNode): void {
    const stored = attacker.host === null ? null : attacker.disk.store.block(to.height + 1);
    if (stored === null || this.#world.isHealed) return;
    const forged = this.#forgedBlocks(encodeDirect({ kind: 'blocks', blocks: [stored] }));
    if (forged !== null) this.#world.network.direct(attacker, to, forged);
  }

  onDirect(from: SimNode, to: SimNode, bytes: Uint8Array): Uint8Array | null {
    if (this.script?.holdsDirect(bytes, from, to) === true) return null;
    if (this.#isAnyActive('silentRoundZero') && bytes[0] === directProposal) return null;
    const active = this.#active.get(from);
    const withholds =
      active?.has('silentProposer') ||
      active?.has('invalidBlock') ||
      active?.has('untimelyBlock') ||
      active?.has('falseLockProof');
    if (withholds && bytes[0] === directProposal) return null;
    if (active?.has('forgedBlocks') !== true) return bytes;
    const forged = this.#forgedBlocks(bytes);
    return forged === null ? bytes : this.isMute ? null : forged;
  }

  #isAnyActive(kind: AttackKind): boolean {
    for (const active of this.#active.values()) if (active.has(kind)) return true;
    return false;
  }

  /** So that later rounds come, and with them proofs-of-lock: nobody's proposal of round 0 arrives for some heights. */
  #isRoundZeroSilent(bytes: Uint8Array): boolean {
    if (!this.#isAnyActive('silentRoundZero')) return false;
    const proposal = proposalOf(proposalMessageOf(bytes)?.proposal ?? bytes);
    return proposal.ok && proposal.value.round === 0 && proposal.value.height % 3 !== 0;
  }

  #isTakenByFalseLock(from: SimNode, bytes: Uint8Array): boolean {
    const proposal = proposalOf(proposalMessageOf(bytes)?.proposal ?? bytes);
    return proposal.ok && this.#falseLocks.has(`${from.peerId}/${proposal.value.height}/${proposal.value.round}`);
  }

  /** Sends everybody, besides what the host sent, something else for the same slot. */
  #double(from: SimNode, to: SimNode, { topic, bytes }: Message): void {
    const active = this.#active.get(from);
    const other =
      topic === 'votes' && active?.has('doubleVoter')
        ? this.#variant(bytes, () => this.#otherVote(from, bytes))
        : topic === 'proposals' && active?.has('doubleProposer')
          ? this.#variant(bytes, () => this.#otherProposal(from, bytes))
          : null;
    if (other === null) return;
    this.#world.counts.add(topic === 'votes' ? 'doubleVoter' : 'doubleProposer');
    if (topic === 'votes') this.#world.checker.onSent(from, other);
    this.#world.network.gossip(from, to, { topic, bytes: other });
  }

  #counted<T>(kind: AttackKind, value: T): T {
    this.#world.counts.add(kind);
    return value;
  }

  #variant(bytes: Uint8Array, make: () => Uint8Array | null): Uint8Array | null {
    const known = this.#variants.get(bytes);
    if (known !== undefined) return known;
    const made = make();
    this.#variants.set(bytes, made);
    return made;
  }

  #remember(bytes: Uint8Array): void {
    if (this.#staleVotes.length >= staleVotesKept || this.#staleVotes.at(-1) === bytes) return;
    this.#staleVotes.push(bytes);
  }

  /** A proposal goes to every node as the same bytes; once is enough. */
  #see(bytes: Uint8Array): void {
    if (bytes === this.#seen) return;
    this.#seen = bytes;
    const message = proposalMessageOf(bytes);
    const block = message === null ? null : blockOf(message.block);
    if (message === null || !block?.ok) return;
    this.#latestBlock = { height: block.value.header.height, id: blockId(block.value.header), bytes: message.block };
  }

  /** A vote for something else at the same slot. */
  #otherVote(from: SimNode, bytes: Uint8Array): Uint8Array | null {
    const vote = decodeVote(bytes);
    if (!vote.ok) return null;
    const { type, height, round, blockId: id } = vote.value;
    const made = height % 2 === 0 && id !== null ? taggedHash('other', Buffer.from(id)) : null;
    const other = id === null ? (this.#latestBlock?.id ?? null) : made;
    if (other === id) return null;
    return this.#counted(
      'equivocatingVoter',
      encodeVote(signedVote(this.#world, from, { type, height, round, id: other })),
    );
  }

  /** The same block a millisecond later: as valid, and another one. */
  #otherProposal(from: SimNode, bytes: Uint8Array): Uint8Array | null {
    return this.#reproposed(from, bytes, (block) => {
      this.#world.counts.add('equivocatingProposer');
      return { ...block, header: { ...block.header, time: block.header.time + 1 } };
    });
  }

  #invalidProposal(from: SimNode, bytes: Uint8Array): Uint8Array | null {
    return this.#reproposed(from, bytes, (block) => {
      const { prngs } = this.#world;
      const orders = prngs.attacks.shuffled(this.spoilings);
      const spoilt = orders.map((how) => this.#spoilt(from, block, how)).find((made) => made !== null);
      return this.#counted('invalidBlock', spoilt ?? block);
    });
  }

  /** A block that only the moment of its proposal shows to be wrong, one way to some and the other to the rest: a failed turn is soon the last. */
  #untimelyProposal(from: SimNode, to: SimNode, bytes: Uint8Array): Uint8Array | null {
    const how = to.index % 2 === 0 ? 'farFuture' : 'borrowedBeacon';
    const proposal = proposalOf(proposalMessageOf(bytes)?.proposal ?? bytes);
    if (!proposal.ok || proposal.value.polRound !== -1) return null;
    return this.#reproposed(from, bytes, (block) =>
      this.#counted('untimelyBlock', this.#spoilt(from, block, how) ?? block),
    );
  }

  #reproposed(from: SimNode, bytes: Uint8Array, change: (block: Block) => Block): Uint8Array | null {
    const message = decodeProposalMessage(bytes);
    const proposal = message === null ? null : decodeProposal(message.proposal);
    const block = message === null ? null : decodeBlock(message.block);
    if (!proposal?.ok || !block?.ok || block.value.header.proposer !== from.operator) return null;
    const changed = change(block.value);
    const content = { ...proposal.value, blockId: blockId(changed.header) };
    return this.#proposalMessage(from, content, changed);
  }

  /** A proposal signed with the attacker's key, as the checker must know of it. */
  #proposalMessage(from: SimNode, content: Omit<Proposal, 'signature'>, block: Block): Uint8Array {
    const signature = this.#sign(from, proposalSignBytes(this.#chainId, content));
    const bytes = encodeProposal({ ...content, signature });
    this.#world.checker.onProposed(from, bytes);
    return encodeProposalMessage(bytes, encodeBlock(block));
  }

  #repeat(node: SimNode, kind: AttackKind): void {
    if (this.#active.get(node)?.has(kind) !== true) return;
    const others = this.#world.nodes.filter((other) => other !== node && other.host !== null);
    if (node.host !== null && others.length > 0) this.#spam(node, kind, others);
    this.#world.queue.after(150, () => this.#repeat(node, kind));
  }

  #spam(node: SimNode, kind: AttackKind, others: readonly SimNode[]): void {
    const place = `${node.peerId}/${node.height}/${kind}`;
    if (this.#flooded.has(place)) return;
    if (kind === 'futureFlood' || kind === 'candidateFlood') this.#flooded.add(place);
    if (kind === 'falseHello') return sendFalseHellos(this.#world, node);
    if (kind === 'forgedCertificate') return sendForgedCertificate(this.#world, node, this.#latestBlock);
    if (kind === 'invalidAhead' || kind === 'candidateFlood') return this.#proposeAhead(node, kind, others);
    if (kind === 'usurper' || kind === 'falseLockProof') return this.#usurp(node, kind, others);
    const votes =
      kind === 'staleSpam'
        ? staleVotes(this.#world, node, this.#staleVotes)
        : kind === 'futureFlood'
          ? floodVotes(this.#world, node)
          : forgedVotes(this.#world, node, this.#latestBlock);
    for (const bytes of votes) {
      this.#world.counts.add(kind);
      this.#world.checker.onSent(node, bytes);
      for (const to of others) this.#world.network.gossip(node, to, { topic: 'votes', bytes });
    }
  }

  /**
   * A block of its own, good in itself, for rounds that are not the attacker's; or for its own rounds, one each, with a
   * proof-of-lock that does not exist. Sent ahead, so that it is there before the true proposal, which then does not come.
   */
  #usurp(node: SimNode, kind: 'usurper' | 'falseLockProof', others: readonly SimNode[]): void {
    const { checker, counts, network } = this.#world;
    const block = ownBlock(this.#world, node);
    const machine = node.host?.runner.state?.machine;
    if (block === null || machine === undefined) return;
    const { height } = block.header;
    const id = blockId(block.header);
    for (let round = Math.max(0, machine.round); round < machine.round + 4; round++) {
      const isOwn = checker.proposerOf(height, round) === node.operator;
      if (isOwn === (kind === 'usurper') || (isOwn && round === 0)) continue;
      counts.add(kind);
      const slot = `${node.peerId}/${height}/${round}`;
      const polRound = isOwn ? (height % 2 === 0 ? 0 : round - 1) : -1;
      const content = { height, round, polRound, blockId: id, proposer: node.operator };
      const bytes = this.#falseLocks.get(slot) ?? this.#proposalMessage(node, content, block);
      if (isOwn) this.#falseLocks.set(slot, bytes);
      for (const to of others) network.gossip(node, to, { topic: 'proposals', bytes });
    }
  }

  /**
   * Blocks for the attacker's own rounds to come: wrong ones, each in another way, or in such numbers that a node which
   * kept them all had no room for anybody else's.
   */
  #proposeAhead(node: SimNode, kind: 'invalidAhead' | 'candidateFlood', others: readonly SimNode[]): void {
    const { checker, counts, network } = this.#world;
    const block = ownBlock(this.#world, node);
    if (block === null) return;
    const { height } = block.header;
    const rounds = Array.from({ length: 16 }, (_, round) => round).filter(
      (round) => checker.proposerOf(height, round) === node.operator,
    );
    const send = (made: Block | null, round: Round, receivers: readonly SimNode[]) => {
      if (made === null) return;
      counts.add(kind);
      const content = { height, round, polRound: -1, blockId: blockId(made.header), proposer: node.operator };
      const bytes = this.#proposalMessage(node, content, made);
      for (const to of receivers) network.gossip(node, to, { topic: 'proposals', bytes });
    };
    if (kind === 'candidateFlood') {
      for (let index = 0; index < floodBlocks; index++) {
        const later = { ...block, header: { ...block.header, time: block.header.time + index } };
        send(this.#spoilt(node, later, 'resultsRoot'), rounds[0] ?? 0, others);
      }
      return;
    }
    // Nobody keeps more than two of a round: each receiver gets two others in each round.
    for (const round of [...rounds, ...rounds]) {
      for (const to of others) {
        const how = this.spoilings[this.#spoilings++ % this.spoilings.length] ?? '';
        send(this.#spoilt(node, block, how), round, [to]);
      }
    }
  }

  /** The block made wrong in this way, known to the checker; null when this block cannot be. */
  #spoilt(from: SimNode, block: Block, how: string): Block | null {
    const made = spoil(block, how, { world: this.#world, attacker: from });
    if (made === null) return null;
    const id = blockId(made.header);
    this.#world.checker.knownInvalid.add(id);
    if (!isInvalidForVotersOnly(how)) this.#world.checker.neverValid.add(id);
    this.#world.note(from, `invalid block: ${how}`);
    return made;
  }

  /** Decided blocks as the attacker serves them to those behind: with another block, body or certificate. */
  #forgedBlocks(bytes: Uint8Array): Uint8Array | null {
    const message = decodeDirect(bytes);
    if (message?.kind !== 'blocks' || message.blocks.length === 0) return null;
    const blocks = message.blocks.map((entry) => {
      const block = decodeBlock(entry.block);
      const commit = decodeExtendedCommit(entry.commit);
      if (!block.ok || !commit.ok) return entry;
      const forgery = blockForgeries[this.#forgeries % blockForgeries.length];
      if (forgery === undefined) return entry;
      const forged = forgery(block.value, commit.value);
      return { block: encodeBlock(forged.block), commit: encodeExtendedCommit(forged.commit) };
    });
    this.#forgeries += 1;
    return this.#counted('forgedBlocks', encodeDirect({ kind: 'blocks', blocks }));
  }

  #oversize(node: SimNode): void {
    const to = this.#world.prngs.attacks.pick(this.#world.nodes.filter((other) => other !== node));
    this.#world.counts.add('oversizeMessage');
    this.#world.network.direct(node, to, oversize);
  }

  #sign(node: SimNode, message: Uint8Array): Uint8Array {
    return this.#world.tier.sign(node.member.consensus, message);
  }

  get #chainId(): string {
    return this.#world.cast.identity.chainId;
  }
}
